import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { account, azureIdentity, none } from '../../../test/support/azure.ts'
import { resolverTo } from '../../../test/support/resolver.ts'
import { createEndpointGuard } from '../network/endpoint-guard.ts'
import type { RequestRecord } from '../network/gate.ts'
import { Transports, type TransportsOptions } from '../network/transports.ts'
import { answerOfError } from './answer.ts'
import { openBlob } from './clients.ts'
import { createSend } from './http.ts'

const monotonic = () => performance.now()

describe('a connection to a blob service', () => {
  type Answer = (request: IncomingMessage, response: ServerResponse) => unknown
  let answers: Answer[] = []
  let requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const answer = answers.shift() ?? list()
    answer(request, response)
  })
  let port: number

  const xml =
    (status: number, body: string, headers = {}): Answer =>
    (_request, response) =>
      response.writeHead(status, { 'content-type': 'application/xml', 'x-ms-request-id': '1', ...headers }).end(body)
  const list = () => xml(200, '<EnumerationResults><Containers/><NextMarker/></EnumerationResults>')
  const error = (status: number, code: string, headers = {}) =>
    xml(status, `<Error><Code>${code}</Code><Message>m</Message></Error>`, { 'x-ms-error-code': code, ...headers })
  const page =
    (status: number): Answer =>
    (_request, response) =>
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html></html>')

  before(async () => {
    // The server keeps idle connections open, so that only the client closes them.
    server.keepAliveTimeout = 60_000
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
    port = (server.address() as AddressInfo).port
  })
  beforeEach(() => {
    requests = []
  })
  after(() => server.close())

  function connect(options: Partial<TransportsOptions> = {}, hostname = '127.0.0.1') {
    const transports = new Transports({ monotonic, answerOf: answerOfError, ...options })
    const url = `http://${hostname}:${port}/acme`
    const blob = { url, host: `${hostname}:${port}`, field: 'spec.azure.endpoint' }
    const { calls } = openBlob(transports, azureIdentity(account, { blob }))
    return { transports, calls }
  }
  const networkOf = (address: string) => ({
    guard: createEndpointGuard({ resolve: resolverTo(address) }),
    proxyEnv: {},
  })

  test('a name that resolves to a good address works', async () => {
    const { transports, calls } = connect({ network: networkOf('127.0.0.1') }, 'blob.example')
    assert.equal((await calls.containerPage(undefined, none)).status, 200)
    transports.close()
  })

  test('a name that resolves to a refused address is not connected to', async () => {
    const { transports, calls } = connect({ network: networkOf('169.254.169.254') }, 'blob.example')
    assert.deepEqual(await calls.containerPage(undefined, none), {
      status: 0,
      code: 'EndpointRefused',
      message: 'blob.example resolves to 169.254.169.254, a link-local address',
    })
    transports.close()
  })

  test('a request to another origin is not sent', async () => {
    const { transports } = connect()
    const base = `http://127.0.0.1:${port}`
    const send = createSend(transports.acquire({ endpoint: base }).agents, base)
    const elsewhere = { url: 'http://169.254.169.254/metadata', method: 'GET', headers: {} }
    await assert.rejects(send(elsewhere), /leads to another host, 169\.254\.169\.254/)
    transports.close()
  })

  const denied = { status: 403, code: 'AuthorizationPermissionMismatch', message: 'm' }
  const cases: [name: string, given: Answer[], expected: object][] = [
    ['a 503 is tried once more', [error(503, 'ServerBusy')], { status: 200 }],
    [
      'a 503 twice is given back',
      [error(503, 'ServerBusy'), error(503, 'ServerBusy')],
      { status: 503, code: 'ServerBusy' },
    ],
    ['a denial is not tried again', [error(403, 'AuthorizationPermissionMismatch')], denied],
    [
      'a challenge is an answer',
      [error(401, 'InvalidAuthenticationInfo', { 'www-authenticate': 'Bearer error="x"' })],
      { status: 401, code: 'InvalidAuthenticationInfo' },
    ],
    ['a redirect is an answer', [error(307, 'Moved', { location: '/elsewhere' })], { status: 307, code: 'Moved' }],
    ['a web page is no answer of the service', [page(200)], { status: 0, code: 'UnexpectedAnswer' }],
    ['a web page for an error is no answer of the service', [page(404)], { status: 0, code: 'UnexpectedAnswer' }],
    ['a proxy that has no service behind it says so', [page(502)], { status: 502 }],
    ['a proxy that wants fewer requests says so', [page(429)], { status: 429 }],
    [
      'a list that is larger than any real one is not read',
      [xml(200, `<EnumerationResults><Containers/><NextMarker/>${' '.repeat(9 * 2 ** 20)}</EnumerationResults>`)],
      { status: 0, code: 'AnswerTooLarge' },
    ],
    [
      'a list that can’t be parsed is no answer of the service',
      [xml(200, '<EnumerationResults><Containers>')],
      { status: 0, code: 'UnexpectedAnswer' },
    ],
  ]
  for (const [name, given, expected] of cases) {
    test(name, async () => {
      const records: RequestRecord[] = []
      const { transports, calls } = connect({ onRequest: record => records.push(record) })
      answers = [...given]
      const sent = 'status' in expected && expected.status === 200 ? given.length + 1 : given.length
      assert.partialDeepStrictEqual(await calls.containerPage(undefined, none), expected)
      assert.equal(requests.length, sent)
      assert.deepEqual(
        records.map(({ operation }) => operation),
        ['ListContainers'],
      )
      transports.close()
    })
  }

  test('a connection that was closed while it was idle is made again', async () => {
    const { transports, calls } = connect()
    assert.equal((await calls.containerPage(undefined, none)).status, 200)
    answers = [request => request.socket.destroy()]
    assert.equal((await calls.containerPage(undefined, none)).status, 200)
    assert.equal(requests.length, 3)
    transports.close()
  })

  test('a new connection that breaks is an answer, and not tried again', async () => {
    const { transports, calls } = connect()
    answers = [request => request.socket.destroy()]
    assert.deepEqual(await calls.containerPage(undefined, none), { status: 0, code: 'ECONNRESET' })
    transports.close()
  })

  test('an answer without end is cut off', async () => {
    const { transports, calls } = connect()
    const chunk = Buffer.alloc(2 ** 20, ' ')
    let written = 0
    answers = [
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/xml', 'x-ms-request-id': '1' })
        const more = () => {
          while (!response.destroyed && response.write(chunk)) written++
        }
        response.on('drain', more).on('error', () => undefined)
        more()
      },
    ]
    assert.deepEqual(await calls.containerPage(undefined, none), {
      ...{ status: 0, code: 'AnswerTooLarge' },
      message: 'ListContainers with more than 2 MiB',
    })
    assert.ok(written < 100)
    transports.close()
  })

  const keyOf = (expiry: string) =>
    `<UserDelegationKey><SignedOid>o</SignedOid><SignedTid>t</SignedTid><SignedStart>2030-01-01T00:00:00Z</SignedStart>${expiry}<SignedService>b</SignedService><SignedVersion>v</SignedVersion><Value>aGk=</Value></UserDelegationKey>`
  for (const [name, body, expected] of [
    ['a delegation key', keyOf('<SignedExpiry>2030-01-02T00:00:00Z</SignedExpiry>'), { status: 200 }],
    ['a delegation key without an end', keyOf(''), { status: 0, code: 'UnexpectedAnswer' }],
    [
      'a delegation key with an end that is no time',
      keyOf('<SignedExpiry>soon</SignedExpiry>'),
      { code: 'UnexpectedAnswer' },
    ],
    ['something else than a delegation key', '<Other/>', { status: 0, code: 'UnexpectedAnswer' }],
  ] as const) {
    test(`${name} is ${'status' in expected && expected.status ? 'taken' : 'not taken'}`, async () => {
      const { transports, calls } = connect()
      answers = [xml(200, body)]
      const answer = await calls.delegationKey(new Date('2030-01-01'), new Date('2030-01-02'))
      assert.partialDeepStrictEqual(answer, expected)
      transports.close()
    })
  }

  test('a caller that gives up gets its own reason, not the answer', async () => {
    const { transports, calls } = connect()
    const controller = new AbortController()
    answers = [() => controller.abort(new Error('worker stopped'))]
    await assert.rejects(calls.containerPage(undefined, controller.signal), /worker stopped/)
    transports.close()
  })
})
