import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { azureIdentity, clock, none, principal, succeeded, verdict, workload } from '../../../test/support/azure.ts'
import { stalled } from '../../api/failures.ts'
import type { EntraAuth } from './auth.ts'
import { entraToken } from './entra.ts'
import { Transports } from './transports.ts'

const claims = Buffer.from(JSON.stringify({ tid: 'tenant-9', appid: 'client-9' })).toString('base64url')
const ACCESS_TOKEN = `x.${claims}.x`

describe('entraToken', () => {
  let seen: { url: string; form: Record<string, string>; metadata: unknown }[] = []
  let answer: [status: number, body: string]
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const form = Object.fromEntries(new URLSearchParams(body))
    seen.push({ url: request.url ?? '', form, metadata: request.headers['metadata'] })
    response.writeHead(answer[0], { 'content-type': 'application/json' }).end(answer[1])
  })
  const transports = new Transports({ clock })
  let url: string
  before(async () => {
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  beforeEach(() => {
    seen = []
    answer = [200, JSON.stringify({ access_token: ACCESS_TOKEN, expires_in: 3600 })]
  })
  after(() => {
    transports.close()
    server.close()
  })

  const ask = (auth: EntraAuth) =>
    entraToken(
      { transports, clock, nodeIdentityUrl: url },
      azureIdentity(auth, { authority: { url, host: 'entra', field: 'spec.azure.authorityHost' } }),
      auth,
      none,
    )

  const common = {
    grant_type: 'client_credentials',
    scope: 'https://storage.azure.com/.default',
    client_id: 'client-1',
  }
  const requests: [name: string, auth: EntraAuth, url: string, form: object][] = [
    [
      'a workload identity shows the token of its ServiceAccount',
      workload,
      '/tenant-1/oauth2/v2.0/token',
      {
        ...common,
        client_assertion: 'assertion',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      },
    ],
    ['a service principal its secret', principal, '/tenant-1/oauth2/v2.0/token', { ...common, client_secret: 'hush' }],
    [
      'a managed identity nothing',
      { kind: 'managedIdentity' },
      '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F',
      {},
    ],
    [
      'a managed identity its client id',
      { kind: 'managedIdentity', clientId: 'client-1' },
      '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F&client_id=client-1',
      {},
    ],
    [
      'a managed identity its resource id',
      { kind: 'managedIdentity', resourceId: '/subscriptions/a' },
      '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F&msi_res_id=%2Fsubscriptions%2Fa',
      {},
    ],
  ]
  for (const [name, auth, path, form] of requests) {
    test(name, async () => {
      assert.deepEqual(succeeded(await ask(auth)), {
        token: ACCESS_TOKEN,
        expiresAt: new Date('2030-01-01T13:00:00Z'),
        tenantId: 'tenant-9',
        clientId: 'client-9',
      })
      assert.deepEqual(seen, [{ url: path, form, metadata: auth.kind === 'managedIdentity' ? 'true' : undefined }])
    })
  }

  const refusal = (number: number) =>
    JSON.stringify({
      error: 'invalid_client',
      error_codes: [number],
      error_description: `AADSTS${number}: Trace ID: 1`,
    })
  const answers: [name: string, status: number, body: string, auth: EntraAuth, expected: string][] = [
    ['a lifetime as text', 200, JSON.stringify({ access_token: ACCESS_TOKEN, expires_in: '86399' }), workload, 'ok'],
    ['a refusal', 401, refusal(700213), workload, 'stalled FederatedCredentialMismatch'],
    ['an expired secret', 401, refusal(7000222), principal, 'stalled CredentialsExpired'],
    ['no number', 400, '{"error":"invalid_request"}', { kind: 'managedIdentity' }, 'stalled ManagedIdentityNotFound'],
    ['a web page', 200, '<html>', workload, 'stalled UnexpectedAnswer'],
    ['a web page for an error', 404, '<html>', workload, 'stalled UnexpectedAnswer'],
    ['no token', 200, '{"expires_in":3600}', workload, 'stalled UnexpectedAnswer'],
    ['no end', 200, JSON.stringify({ access_token: ACCESS_TOKEN }), workload, 'stalled UnexpectedAnswer'],
    ['trouble', 503, 'try later', workload, 'transient ServiceUnavailable'],
  ]
  for (const [name, status, body, auth, expected] of answers) {
    test(`${name} is ${expected}`, async () => {
      answer = [status, body]
      const result = await ask(auth)
      assert.equal(verdict(result), expected)
      assert.doesNotMatch(JSON.stringify(result), /Trace|hush|assertion"/)
      assert.equal(seen.length, 1, 'one request, also in trouble')
    })
  }

  test('a token that has expired is given back, one of a stranger is kept', async () => {
    const refused: string[] = []
    const auth = { ...workload, refused: (token: string) => refused.push(token) }
    for (const number of [700024, 700213]) {
      answer = [401, refusal(number)]
      await ask(auth)
    }
    assert.deepEqual(refused, ['assertion'])
  })

  test('without a ServiceAccount token nobody is asked', async () => {
    const auth = { ...workload, token: async () => stalled('NoToken', 'no token') }
    assert.equal(verdict(await ask(auth)), 'stalled NoToken')
    assert.deepEqual(seen, [])
  })
})
