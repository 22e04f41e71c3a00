import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { noResolver, resolverTo } from '../../../test/support/resolver.ts'
import { createEndpointGuard, type Resolve } from '../network/endpoint-guard.ts'
import type { RequestRecord } from '../network/gate.ts'
import { Transports, type TransportsOptions } from '../network/transports.ts'
import { answerOfError } from './answers/answer.ts'
import { openS3 } from './calls/clients.ts'
import type { S3Identity } from './identity/identity.ts'

const monotonic = () => performance.now()
const none = new AbortController().signal

describe('a connection to S3', () => {
  const server: Server = createServer((_request, response) => {
    const [status, body, headers] = answers.shift() ?? [200, '<ListAllMyBucketsResult/>']
    response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(body)
  })
  let answers: [status: number, body: string, headers?: Record<string, string>][] = []
  let port: number

  before(async () => {
    // The client, not the server, closes idle connections.
    server.keepAliveTimeout = 60_000
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
    port = (server.address() as AddressInfo).port
  })
  after(() => server.close())

  function connect(
    options: Partial<TransportsOptions> = {},
    host = '127.0.0.1',
    addressingStyle: S3Identity['addressingStyle'] = 'path',
  ) {
    const transports = new Transports({ monotonic, answerOf: answerOfError, ...options })
    const endpoint = { url: `http://${host}:${port}`, host: `${host}:${port}`, field: 'spec.aws.endpoint' }
    const identity: S3Identity = {
      ...{
        provider: 'aws',
        fingerprint: 'f',
        connector: 'ml/c',
        sessionDurationMs: 1,
        cautions: [],
        region: 'us-east-1',
      },
      ...{ s3: endpoint, sts: endpoint, addressingStyle },
      auth: { kind: 'accessKey', secret: 'ml/c', temporary: false, key: () => key },
    }
    const key = { accessKeyId: 'AKIA', secretAccessKey: 'hush' }
    return { transports, calls: openS3(transports, identity, key).calls }
  }

  const networkOf = (resolve: Resolve) => ({ guard: createEndpointGuard({ resolve }), proxyEnv: {} })
  const good = networkOf(resolverTo('127.0.0.1'))

  test('a call to a name that resolves to a good address works', async () => {
    const { transports, calls } = connect({ network: good }, 'minio.example')
    assert.equal((await calls.listBuckets(none)).status, 200)
    transports.close()
  })

  test('a name that resolves to a refused address is not connected to', async () => {
    const { transports, calls } = connect({ network: networkOf(resolverTo('169.254.169.254')) }, 'minio.example')
    assert.deepEqual(await calls.listBuckets(none), {
      status: 0,
      code: 'EndpointRefused',
      message: 'minio.example resolves to 169.254.169.254, a link-local address',
    })
    transports.close()
  })

  test('idle connections to other hosts keep no host waiting', async () => {
    const { transports, calls } = connect({ network: good, limit: 2 }, 's3.example', 'virtual')
    for (const bucket of ['bucket-1', 'bucket-2', 'bucket-3', 'bucket-4']) {
      assert.equal((await calls.listObjects(bucket, '', none)).status, 200, bucket)
    }
    transports.close()
  })

  test('bucket hosts that don’t exist or are refused keep no other host waiting', async () => {
    const resolve: Resolve = (host, ...rest) => {
      if (host.startsWith('absent')) return noResolver(host, ...rest)
      return resolverTo(host.startsWith('refused') ? '169.254.169.254' : '127.0.0.1')(host, ...rest)
    }
    const records: RequestRecord[] = []
    const onRequest = (record: RequestRecord) => records.push(record)
    const { transports, calls } = connect({ network: networkOf(resolve), onRequest }, 's3.example', 'virtual')
    for (let n = 0; n < 3; n++) {
      for (const bucket of ['absent', 'refused']) assert.equal((await calls.listObjects(bucket, '', none)).status, 0)
    }
    assert.deepEqual(new Set(records.map(({ result }) => result)), new Set(['wrong-host']))
    assert.equal((await calls.listObjects('bucket', '', none)).status, 200)
    transports.close()
  })

  test('an endpoint with a refused address is refused like a name', async () => {
    const guard = createEndpointGuard({ refused: [{ network: '127.0.0.0', prefix: 8, what: 'our own' }] })
    const { transports, calls } = connect({ network: { guard, proxyEnv: {} } })
    assert.deepEqual(await calls.listBuckets(none), {
      status: 0,
      code: 'EndpointRefused',
      message: '127.0.0.1 is our own',
    })
    transports.close()
  })

  test('a redirect is not followed', async () => {
    const connections = new Set<string>()
    const guard = createEndpointGuard()
    const refusedAddress = (address: string) => {
      connections.add(address)
      return guard.refusedAddress(address)
    }
    const { transports, calls } = connect({ network: { guard: { ...guard, refusedAddress }, proxyEnv: {} } })
    for (const status of [301, 302, 307, 308]) {
      answers = [[status, '', { location: 'http://169.254.169.254/latest/meta-data/' }]]
      assert.equal((await calls.listBuckets(none)).status, status)
      assert.deepEqual(answers, [])
    }
    assert.deepEqual([...connections], ['127.0.0.1'])
    transports.close()
  })

  const error = (code: string) => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>m</Message></Error>`
  const cases: [name: string, answers: typeof answers, expected: object][] = [
    ['a 5xx is tried once more', [[500, error('InternalError')]], { status: 200 }],
    [
      'throttling three times is given back',
      [
        [503, error('SlowDown')],
        [503, error('SlowDown')],
        [503, error('SlowDown')],
      ],
      { status: 503, code: 'SlowDown', message: 'm' },
    ],
    [
      'a denial is not tried again',
      [[403, error('AccessDenied')]],
      { status: 403, code: 'AccessDenied', message: 'm' },
    ],
    [
      'the region of a redirect',
      [
        [
          400,
          `<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message></Error>`,
        ],
      ],
      {
        status: 400,
        code: 'AuthorizationHeaderMalformed',
        message: "the region 'us-east-1' is wrong; expecting 'eu-west-1'",
        region: 'eu-west-1',
      },
    ],
    [
      'a web page',
      [[200, '<!doctype html><html><body><p>Console</body></html>']],
      { status: 0, code: 'UnexpectedAnswer' },
    ],
  ]
  for (const [name, given, expected] of cases) {
    test(`answers of S3 become data: ${name}`, async () => {
      const records: RequestRecord[] = []
      const { transports, calls } = connect({ onRequest: record => records.push(record) })
      answers = [...given]
      const { value: _, ...answer } = await calls.listBuckets(none)
      assert.deepEqual(answer, expected)
      assert.deepEqual(answers, [])
      assert.deepEqual(
        records.map(({ operation }) => operation),
        ['ListBuckets'],
      )
      transports.close()
    })
  }
})
