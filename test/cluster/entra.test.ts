import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { Agent, request } from 'undici'
import { createCertificateAuthority } from './certificates.ts'
import { type Emulator, startEmulator } from './emulator.ts'
import { type Entra, type EntraApp, startEntra } from './entra.ts'
import { createSigningKey, isSignedBy, parseJwt, type SigningKey, signJwt } from './jwt.ts'

const subject = 'system:serviceaccount:ml:trainer'
const audience = 'api://AzureADTokenExchange'
const scope = 'https://storage.azure.com/.default'
const vaultScope = 'https://vault.azure.net/.default'

describe('the emulator of Entra', () => {
  let entra: Entra
  let issuer: Emulator
  let key: SigningKey
  let app: EntraApp
  let agent: Agent

  before(async () => {
    const authority = await createCertificateAuthority('test')
    agent = new Agent({ connect: { ca: authority.certPem } })
    key = await createSigningKey()
    const answers: Record<string, () => object> = {
      '/.well-known/openid-configuration': () => ({ issuer: issuer.url, jwks_uri: `${issuer.url}/keys` }),
      '/keys': () => ({ keys: [key.jwk] }),
    }
    const answer = (path: string) => answers[path]?.() ?? {}
    issuer = await startEmulator(
      ({ path }) => ({ status: 200, body: answer(path) }),
      await authority.issueServer('oidc'),
    )
    entra = await startEntra({ authority, issuerCaPem: authority.certPem })
    app = {
      tenantId: 'AAAAAAAA-0000-0000-0000-000000000001',
      clientId: 'bbbbbbbb-0000-0000-0000-000000000001',
      objectId: 'cccccccc-0000-0000-0000-000000000001',
      secrets: [{ value: 'right' }, { value: 'old', expiresAt: new Date(Date.now() - 1000) }],
      federatedCredentials: [{ issuer: issuer.url, subject, audience }],
    }
    entra.register(app)
  })
  beforeEach(() => {
    entra.recover()
    issuer.recover()
    entra.setTokenLifetime(3600)
  })
  after(() => Promise.all([entra?.stop(), issuer?.stop(), agent?.close()]))

  async function call(path: string, method: 'GET' | 'POST' = 'GET', body?: string, type?: string) {
    const headers = type ? { 'content-type': type } : {}
    const answer = await request(entra.authorityHost + path, {
      ...{ method, headers, dispatcher: agent },
      ...(body === undefined ? {} : { body }),
    })
    // biome-ignore lint/suspicious/noExplicitAny: tests read whatever it answers
    return { status: answer.statusCode, headers: answer.headers, json: (await answer.body.json()) as any }
  }

  const post = (form: Record<string, string>, tenant = app.tenantId) =>
    call(
      `/${tenant}/oauth2/v2.0/token`,
      'POST',
      new URLSearchParams(form).toString(),
      'application/x-www-form-urlencoded',
    )

  const grant = (): Record<string, string> => ({ grant_type: 'client_credentials', client_id: app.clientId, scope })
  const withSecret = (secret = 'right') => ({ ...grant(), client_secret: secret })
  const withAssertion = (assertion: string) => ({
    ...grant(),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  })

  const seconds = () => Math.floor(Date.now() / 1000)
  const claims = () => ({ iss: issuer.url, sub: subject, aud: [audience], nbf: seconds(), exp: seconds() + 600 })
  const assertion = (change: object = {}, by = key) => signJwt({ ...claims(), ...change }, by)

  for (const [name, form] of [
    ['a secret', () => withSecret()],
    ['an assertion', () => withAssertion(assertion())],
    ['an assertion of a minute ago, because clocks differ', () => withAssertion(assertion({ exp: seconds() - 60 }))],
    ['another spelling of the ids', () => ({ ...withSecret(), client_id: app.clientId.toUpperCase() })],
    ['scopes that libraries add', () => ({ ...withSecret(), scope: `${scope} openid profile offline_access` })],
    ['the scope with two slashes', () => ({ ...withSecret(), scope: 'https://storage.azure.com//.default' })],
  ] as const) {
    it(`gives a token for a request with ${name}`, async () => {
      entra.setTokenLifetime(300)
      const { status, json } = await post(form(), app.tenantId.toLowerCase())
      assert.equal(status, 200, JSON.stringify(json))
      assert.deepEqual([json.token_type, json.expires_in], ['Bearer', 300])
      const token = parseJwt(json.access_token)
      assert.ok(token)
      const { aud, tid, oid, appid, iss, exp } = token.claims
      assert.deepEqual(
        { aud, tid, oid, appid, iss },
        {
          aud: 'https://storage.azure.com',
          tid: app.tenantId,
          oid: app.objectId,
          appid: app.clientId,
          iss: `https://sts.windows.net/${app.tenantId}/`,
        },
      )
      assert.ok(Math.abs(Number(exp) - seconds() - 300) <= 2)
      const { keys } = (await call(`/${app.tenantId}/discovery/v2.0/keys`)).json
      assert.ok(isSignedBy(token, keys[0]))
    })
  }

  const refused: [name: string, form: () => Record<string, string>, status: number, error: string, code: number][] = [
    ['no grant type', () => ({ ...withSecret(), grant_type: '' }), 400, 'invalid_request', 900144],
    ['another grant', () => ({ ...withSecret(), grant_type: 'password' }), 400, 'unsupported_grant_type', 70003],
    ['no scope', () => ({ ...withSecret(), scope: '' }), 400, 'invalid_request', 900144],
    ['a delegated scope', () => ({ ...withSecret(), scope: 'user_impersonation' }), 400, 'invalid_scope', 1002012],
    ['two scopes', () => ({ ...withSecret(), scope: `${scope} ${scope}` }), 400, 'invalid_scope', 70011],
    ['another resource', () => ({ ...withSecret(), scope: vaultScope }), 400, 'invalid_resource', 500011],
    ['an unknown client', () => ({ ...withSecret(), client_id: 'nobody' }), 400, 'unauthorized_client', 700016],
    ['no credential', grant, 401, 'invalid_client', 7000216],
    ['a wrong secret', () => withSecret('wrong'), 401, 'invalid_client', 7000215],
    ['an expired secret', () => withSecret('old'), 401, 'invalid_client', 7000222],
    ['no JWT', () => withAssertion('a.b.c'), 400, 'invalid_request', 50027],
    ['an HMAC', () => withAssertion(hmacJwt(claims())), 400, 'invalid_request', 5002738],
    ['another issuer', () => withAssertion(assertion({ iss: 'https://other' })), 401, 'invalid_client', 700211],
    ['another audience', () => withAssertion(assertion({ aud: ['other'] })), 401, 'invalid_client', 700212],
    ['another subject', () => withAssertion(assertion({ sub: 'other' })), 401, 'invalid_client', 700213],
    ['other case', () => withAssertion(assertion({ sub: subject.toUpperCase() })), 401, 'invalid_client', 7002138],
    ['an expired assertion', () => withAssertion(assertion({ exp: seconds() - 301 })), 401, 'invalid_client', 700024],
    ['an early assertion', () => withAssertion(assertion({ nbf: seconds() + 310 })), 401, 'invalid_client', 700024],
    ['a changed assertion', () => withAssertion(forged(assertion())), 401, 'invalid_client', 700027],
  ]
  for (const [name, form, status, error, code] of refused) {
    it(`refuses a request with ${name}`, async () => {
      const answer = await post(form())
      assert.deepEqual([answer.status, answer.json.error, answer.json.error_codes], [status, error, [code]])
      const trailer = `Trace ID: ${answer.json.trace_id} Correlation ID: ${answer.json.correlation_id} Timestamp: `
      assert.ok(answer.json.error_description.startsWith(`AADSTS${code}: `))
      assert.ok(answer.json.error_description.includes(trailer))
    })
  }

  it('refuses an assertion of a key that the issuer does not show', async () => {
    const { status, json } = await post(withAssertion(assertion({}, await createSigningKey())))
    assert.deepEqual([status, json.error_codes], [401, [7000272]])
  })

  it('refuses when it cannot ask the issuer', async () => {
    issuer.fail('reset')
    const { status, json } = await post(withAssertion(assertion()))
    assert.deepEqual([status, json.error, json.error_codes], [400, 'invalid_request', [50166]])
  })

  it('refuses an assertion for an application that trusts nobody', async () => {
    entra.register({ ...app, clientId: 'lonely', federatedCredentials: [] })
    const { json } = await post({ ...withAssertion(assertion()), client_id: 'lonely' })
    assert.deepEqual(json.error_codes, [70025])
  })

  it('knows tenants by their applications', async () => {
    const tenantId = 'dddddddd-0000-0000-0000-000000000001'
    assert.deepEqual((await post(withSecret(), tenantId)).json.error_codes, [90002])
    assert.equal((await call(`/${tenantId}/v2.0/.well-known/openid-configuration`)).json.error, 'invalid_tenant')
    entra.register({ ...app, tenantId })
    assert.equal((await post(withSecret(), tenantId)).status, 200)
    entra.unregister({ ...app, tenantId })
    assert.deepEqual((await post(withSecret(), tenantId)).json.error_codes, [90002])
  })

  it('takes forms by POST only', async () => {
    const path = `/${app.tenantId}/oauth2/v2.0/token`
    assert.deepEqual((await call(path)).json.error_codes, [900561])
    const json = await call(path, 'POST', JSON.stringify(withSecret()), 'application/json')
    assert.deepEqual(json.json.error_codes, [900144])
    assert.equal((await call('/nowhere')).status, 404)
  })

  it('counts what it is asked, and fails when told to', async () => {
    const before = entra.requests.length
    entra.fail({ status: 429, headers: { 'retry-after': '7' }, body: { error: 'too_many_requests' } }, 1)
    const throttled = await post(withSecret())
    assert.deepEqual([throttled.status, throttled.headers['retry-after']], [429, '7'])
    assert.equal((await post(withSecret())).status, 200)
    entra.fail('reset')
    await assert.rejects(post(withSecret()))
    entra.recover()
    assert.equal((await post(withSecret())).status, 200)
    assert.deepEqual(
      entra.requests.slice(before).map(({ method, form }) => [method, form.get('scope')]),
      Array(4).fill(['POST', scope]),
    )
  })
})

function forged(assertion: string): string {
  const [header, claims = '', signature] = assertion.split('.')
  const changed = { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), jti: 'changed' }
  return [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.')
}

function hmacJwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'HS256' })}.${part(claims)}`
  return `${signed}.${createHmac('sha256', 'key').update(signed).digest('base64url')}`
}
