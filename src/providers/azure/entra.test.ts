import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, mock, test } from 'node:test'
import { createCertificateAuthority } from '../../../test/cluster/certificates.ts'
import { azureIdentity, NOW, none, principal, resultOf, succeeded, workload } from '../../../test/support/azure.ts'
import { stalled } from '../../api/failures.ts'
import type { Network } from '../network/agents.ts'
import { NO_GUARD } from '../network/endpoint-guard.ts'
import type { RequestRecord } from '../network/gate.ts'
import { Transports } from '../network/transports.ts'
import { answerOfError } from './answer.ts'
import type { EntraAuth } from './auth.ts'
import { type EntraOptions, entraToken } from './entra.ts'

const claims = Buffer.from(JSON.stringify({ tid: 'tenant-9', appid: 'client-9' })).toString('base64url')
const ACCESS_TOKEN = `x.${claims}.x`
const HOUR_SECONDS = 3600
const EXPIRES_ON = `${NOW.getTime() / 1000 + HOUR_SECONDS}`

interface Seen {
  path: string
  query: Record<string, string>
  form: Record<string, string>
  metadata: unknown
}

describe('entraToken', () => {
  let seen: Seen[] = []
  let answer: [status: number, body: string]
  let records: RequestRecord[] = []
  const listener: RequestListener = async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x')
    const tenant = `${entra}/tenant-1`
    if (pathname.endsWith('/openid-configuration')) {
      const endpoints = { token_endpoint: `${tenant}/oauth2/v2.0/token`, authorization_endpoint: `${tenant}/authorize` }
      return response.end(JSON.stringify({ issuer: `${tenant}/v2.0`, jwks_uri: `${tenant}/keys`, ...endpoints }))
    }
    const form = Object.fromEntries(new URLSearchParams(body))
    const metadata = request.headers['metadata']
    seen.push({ path: pathname, query: Object.fromEntries(searchParams), form, metadata })
    return response.writeHead(answer[0], { 'content-type': 'application/json' }).end(answer[1])
  }
  const node = createServer(listener)
  let secure: ReturnType<typeof createSecureServer>
  let entra: string
  let caPem: string
  let options: EntraOptions

  before(async () => {
    const authority = await createCertificateAuthority('test')
    const { certPem: cert, keyPem: key } = await authority.issueServer('entra')
    caPem = authority.certPem
    mock.timers.enable({ apis: ['Date'], now: NOW })
    secure = createSecureServer({ cert, key }, listener)
    for (const server of [secure, node]) {
      await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
    }
    const portOf = (server: typeof node | typeof secure) => (server.address() as AddressInfo).port
    entra = `https://localhost:${portOf(secure)}`
    process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] = `http://127.0.0.1:${portOf(node)}`
  })
  beforeEach(() => {
    seen = []
    records = []
    answer = [200, JSON.stringify({ access_token: ACCESS_TOKEN, expires_in: HOUR_SECONDS, expires_on: EXPIRES_ON })]
    const network: Network = { guard: NO_GUARD, proxyEnv: {} }
    const shared = { monotonic: () => 0, answerOf: answerOfError, network, addsCAs: true }
    const onRequest = (record: RequestRecord) => records.push(record)
    options = { transports: new Transports({ ...shared, onRequest }), nodeTransports: new Transports(shared) }
  })
  after(() => {
    mock.timers.reset()
    for (const server of [secure, node]) {
      server.closeAllConnections()
      server.close()
    }
  })

  const ask = (auth: EntraAuth, url = entra, trusted = caPem) => {
    const authority = { url, host: 'entra', field: 'spec.azure.authorityHost' }
    return entraToken(options, azureIdentity(auth, { authority, caPem: trusted }), auth, none)
  }

  const TOKEN_PATH = '/tenant-1/oauth2/v2.0/token'
  const NODE_PATH = '/metadata/identity/oauth2/token'
  const common = { grant_type: 'client_credentials', client_id: 'client-1' }
  const assertion = {
    client_assertion: 'assertion',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  }
  const resource = { 'api-version': '2018-02-01', resource: 'https://storage.azure.com' }
  const requests: [name: string, auth: EntraAuth, expected: Partial<Seen>][] = [
    [
      'a workload identity shows the token of its ServiceAccount',
      workload,
      { path: TOKEN_PATH, form: { ...common, ...assertion } },
    ],
    [
      'a service principal shows its secret',
      principal,
      { path: TOKEN_PATH, form: { ...common, client_secret: 'hush' } },
    ],
    [
      'a managed identity shows nothing',
      { kind: 'managedIdentity' },
      { path: NODE_PATH, query: resource, form: {}, metadata: 'true' },
    ],
    [
      'a managed identity names its client id',
      { kind: 'managedIdentity', clientId: 'client-1' },
      { path: NODE_PATH, query: { ...resource, client_id: 'client-1' }, metadata: 'true' },
    ],
    [
      'a managed identity names its resource id',
      { kind: 'managedIdentity', resourceId: '/subscriptions/a' },
      { path: NODE_PATH, query: { ...resource, msi_res_id: '/subscriptions/a' }, metadata: 'true' },
    ],
  ]
  for (const [name, auth, expected] of requests) {
    test(name, async () => {
      assert.deepEqual(succeeded(await ask(auth)), {
        token: ACCESS_TOKEN,
        expiresAt: new Date(NOW.getTime() + HOUR_SECONDS * 1000),
        tenantId: 'tenant-9',
        clientId: 'client-9',
      })
      assert.equal(seen.length, 1)
      const [{ path, query, form, metadata } = {}] = seen as Partial<Seen>[]
      // The SDK ends paths that it makes itself with a slash.
      assert.partialDeepStrictEqual({ path: path?.replace(/\/$/, ''), query, form, metadata }, expected)
    })
  }

  const refusal = (number: number) =>
    JSON.stringify({
      error: 'invalid_client',
      error_codes: [number],
      error_description: `AADSTS${number}: Trace ID: 1`,
    })
  const stranger: EntraAuth = { kind: 'managedIdentity', clientId: 'stranger' }
  const answers: [name: string, status: number, body: string, auth: EntraAuth, expected: string][] = [
    ['a lifetime as text', 200, JSON.stringify({ access_token: ACCESS_TOKEN, expires_in: '86399' }), workload, 'ok'],
    ['a refusal', 401, refusal(700213), workload, 'stalled FederatedCredentialMismatch'],
    ['an unknown tenant', 400, refusal(90002), workload, 'stalled TenantNotFound'],
    ['an expired secret', 401, refusal(7000222), principal, 'stalled CredentialsExpired'],
    ['a refusal without a number', 400, '{"error":"invalid_request"}', stranger, 'stalled ManagedIdentityNotFound'],
    ['a node without that service', 404, '', stranger, 'transient ServiceUnavailable'],
    ['a web page', 200, '<html>', workload, 'stalled UnexpectedAnswer'],
    ['a web page for an error', 404, '<html>', workload, 'stalled UnexpectedAnswer'],
    ['an answer without a token', 200, '{"expires_in":3600}', workload, 'stalled UnexpectedAnswer'],
    [
      'a token without an end',
      200,
      JSON.stringify({ access_token: ACCESS_TOKEN }),
      workload,
      'stalled UnexpectedAnswer',
    ],
    ['an Entra in trouble', 503, 'try later', workload, 'transient ServiceUnavailable'],
    ['an Entra that wants fewer requests', 429, '', principal, 'transient Throttled'],
    ['a redirect', 307, '', principal, 'stalled UnexpectedAnswer'],
  ]
  for (const [name, status, body, auth, expected] of answers) {
    test(`${name} is ${expected}`, async () => {
      answer = [status, body]
      const result = await ask(auth)
      assert.equal(resultOf(result), expected)
      assert.doesNotMatch(JSON.stringify(result), /Trace|hush|assertion"/)
      assert.equal(seen.length, 1, 'one request, also in trouble')
    })
  }

  test('ids in a token that can’t be ids are not taken from it', async () => {
    const odd = Buffer.from(JSON.stringify({ tid: 'x'.repeat(999), appid: 'a b' })).toString('base64url')
    answer = [200, JSON.stringify({ access_token: `x.${odd}.x`, expires_in: HOUR_SECONDS })]
    const { tenantId, clientId } = succeeded(await ask(workload))
    assert.deepEqual([tenantId, clientId], [undefined, undefined])
  })

  test('a request after trouble is sent at once', async () => {
    answer = [503, '']
    assert.equal(resultOf(await ask(workload)), 'transient ServiceUnavailable')
    answer = [200, JSON.stringify({ access_token: ACCESS_TOKEN, expires_in: HOUR_SECONDS })]
    assert.equal(resultOf(await ask(workload)), 'ok')
    assert.deepEqual(
      records.map(({ operation, result }) => `${operation} ${result}`),
      ['GetToken 503', 'GetToken 200'],
    )
  })

  test('an Entra that is out of reach, or that another CA has signed, is a Failure', async () => {
    const { port } = await new Promise<AddressInfo>(resolve => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const address = server.address() as AddressInfo
        server.close(() => resolve(address))
      })
    })
    assert.equal(resultOf(await ask(workload, `https://localhost:${port}`)), 'transient EndpointUnreachable')
    const other = await createCertificateAuthority('other')
    assert.equal(resultOf(await ask(workload, entra, other.certPem)), 'stalled TLSVerificationFailed')
  })

  test('a ServiceAccount token that has expired is given back, one that is not trusted is kept', async () => {
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
    assert.equal(resultOf(await ask(auth)), 'stalled NoToken')
    assert.deepEqual(seen, [])
  })
})
