/**
 * An emulator of the part of Microsoft Entra ID that services use: over TLS it gives tokens to applications that show a
 * client secret or a federated ServiceAccount token. It checks what the real Entra checks and refuses with its codes.
 */
import { type AccessTokens, createAccessTokens, type Principal, storageResource } from './access-tokens.ts'
import { type CertificateAuthority, createCertificateAuthority } from './certificates.ts'
import { type Emulator, type Reply, type Seen, startEmulator } from './emulator.ts'
import { Refusal, refusalReply, refusals } from './entra-refusals.ts'
import { checkAssertion, type FederatedCredential } from './federation.ts'

export interface EntraApp extends Principal {
  readonly secrets?: readonly { readonly value: string; readonly expiresAt?: Date }[]
  readonly federatedCredentials?: readonly FederatedCredential[]
}

export interface Entra extends Omit<Emulator, 'url'> {
  /** The `authorityHost` for credentials, which also need `disableInstanceDiscovery`. */
  readonly authorityHost: string
  readonly caPem: string
  readonly tokens: AccessTokens
  /** Adds an application or replaces the one of its tenant and client. A tenant exists once it has an application. */
  register(app: EntraApp): void
  unregister(app: Principal): void
  registered(): readonly EntraApp[]
  /** Sets the lifetime of tokens that are issued from now on; it is 3600 at the start. */
  setTokenLifetime(seconds: number): void
}

export interface EntraOptions {
  /** The authority that issues the certificate of the server. Default: an authority of its own. */
  readonly authority?: CertificateAuthority
  /** The CA to trust when asking issuers for their keys. Default: the roots of the system. */
  readonly issuerCaPem?: string
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const defaultSuffix = '/.default'

export async function startEntra(options: EntraOptions = {}): Promise<Entra> {
  const authority = options.authority ?? (await createCertificateAuthority('test entra'))
  const tokens = await createAccessTokens()
  const apps = new Map<string, EntraApp>()
  let tokenLifetime = 3600

  async function answer(seen: Seen): Promise<Reply> {
    try {
      const [, tenant = '', ...rest] = seen.path.split('/')
      const endpoint = rest.join('/')
      if (endpoint === 'discovery/v2.0/keys') return { status: 200, body: tokens.jwks }
      const isToken = endpoint === 'oauth2/v2.0/token'
      if (!isToken && endpoint !== 'v2.0/.well-known/openid-configuration') return { status: 404, body: {} }
      if (isToken && seen.method !== 'POST') throw refusals.onlyPost(seen.method)
      if (![...apps.values()].some(app => sameId(app.tenantId, tenant))) throw refusals.tenantNotFound(tenant)
      return isToken ? await issue(tenant, seen.form) : { status: 200, body: metadata(emulator.url, tenant) }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return refusalReply(error, seen.form.get('client-request-id') ?? undefined)
    }
  }

  async function issue(tenant: string, form: URLSearchParams): Promise<Reply> {
    const grant = parameter(form, 'grant_type')
    if (grant !== 'client_credentials') throw refusals.unsupportedGrant(grant)
    const clientId = parameter(form, 'client_id')
    const app = apps.get(keyOf(tenant, clientId))
    if (!app) throw refusals.appNotFound(clientId, tenant)
    const resource = resourceOf(parameter(form, 'scope'))
    await authenticate(app, form, options.issuerCaPem ?? '')
    if (resource.replace(/\/$/, '') !== storageResource) throw refusals.resourceNotFound(resource, tenant)
    const lifetime = { expires_in: tokenLifetime, ext_expires_in: tokenLifetime }
    return { status: 200, body: { token_type: 'Bearer', ...lifetime, access_token: tokens.issue(app, tokenLifetime) } }
  }

  const emulator = await startEmulator(answer, await authority.issueServer('entra'))
  const { url: authorityHost, ...control } = emulator
  return {
    ...control,
    authorityHost,
    caPem: authority.certPem,
    tokens,
    register: app => void apps.set(keyOf(app.tenantId, app.clientId), app),
    unregister: app => void apps.delete(keyOf(app.tenantId, app.clientId)),
    registered: () => [...apps.values()],
    setTokenLifetime(seconds) {
      tokenLifetime = seconds
    },
  }
}

async function authenticate(app: EntraApp, form: URLSearchParams, issuerCaPem: string): Promise<void> {
  const { clientId, secrets = [], federatedCredentials = [] } = app
  const assertion = form.get('client_assertion')
  if (assertion && form.get('client_assertion_type') === assertionType) {
    return checkAssertion(assertion, clientId, federatedCredentials, issuerCaPem)
  }
  const value = form.get('client_secret')
  if (!value) throw refusals.credentialMissing()
  const secret = secrets.find(secret => secret.value === value)
  if (!secret) throw refusals.secretInvalid(clientId)
  if (secret.expiresAt && secret.expiresAt.getTime() <= Date.now()) throw refusals.secretExpired(clientId)
}

function parameter(form: URLSearchParams, name: string): string {
  const value = form.get(name)
  if (!value) throw refusals.parameterMissing(name)
  return value
}

function resourceOf(scope: string): string {
  // Libraries add scopes of OpenID Connect to any scope.
  const [wanted = '', ...more] = scope
    .split(' ')
    .filter(part => !['openid', 'profile', 'offline_access'].includes(part))
  if (more.length > 0) throw refusals.scopeNotValid(scope)
  if (!wanted.endsWith(defaultSuffix)) throw refusals.scopeNotDefault(scope)
  return wanted.slice(0, -defaultSuffix.length)
}

function metadata(authorityHost: string, tenant: string): object {
  const base = `${authorityHost}/${tenant}`
  return {
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
  }
}

const keyOf = (tenantId: string, clientId: string): string => `${tenantId}/${clientId}`.toLowerCase()

const sameId = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()
