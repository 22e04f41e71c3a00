/** An emulator of Azure's instance metadata service: tokens over plain HTTP for a machine's managed identities. */
import { type AccessTokens, type Principal, storageResource } from './access-tokens.ts'
import { type Emulator, type Reply, type Seen, startEmulator } from './emulator.ts'

export interface ManagedIdentity extends Principal {
  /** `/subscriptions/.../userAssignedIdentities/<name>`; absent for the system-assigned identity of the machine. */
  readonly resourceId?: string
}

/** Its `url` takes the place of `http://169.254.169.254`. */
export interface Imds extends Emulator {
  /** Adds an identity, or replaces the one with the same client id. */
  assign(identity: ManagedIdentity): void
  unassign(identity: Principal): void
  /** Sets the lifetime of tokens that are issued from now on; it is a day at the start. */
  setTokenLifetime(seconds: number): void
}

const tokenPath = '/metadata/identity/oauth2/token'
const apiVersion = '2018-02-01'

/** The query parameters that choose an identity. */
const choices: Record<string, (identity: ManagedIdentity) => string | undefined> = {
  client_id: identity => identity.clientId,
  object_id: identity => identity.objectId,
  msi_res_id: identity => identity.resourceId,
  mi_res_id: identity => identity.resourceId,
}

export async function startImds(tokens: AccessTokens): Promise<Imds> {
  const identities = new Map<string, ManagedIdentity>()
  let tokenLifetime = 24 * 3600

  function answer({ method, path, query, headers }: Seen): Reply {
    if (headers['metadata'] !== 'true') return refuse('bad_request_102', 'Required metadata header not specified')
    if (headers['x-forwarded-for']) return refuse('bad_request_101', 'X-Forwarded-For header is not allowed')
    // The SDK adds a final slash to the path when the environment gives the address.
    if (path.replace(/\/$/, '') !== tokenPath || method !== 'GET')
      return refuse('not_found', `No such resource: ${path}`, 404)
    for (const name of ['api-version', 'resource']) {
      if (!query.get(name)) return refuse('invalid_request', `Required query variable '${name}' is missing`)
    }
    if (query.get('api-version') !== apiVersion) return refuse('invalid_request', 'api-version is invalid')
    const resource = query.get('resource') ?? ''
    if (resource.replace(/\/$/, '') !== storageResource) {
      const text = `AADSTS500011: The resource principal named ${resource} was not found in the tenant`
      return refuse('invalid_resource', text)
    }
    const chosen = choose(query)
    return typeof chosen === 'string' ? refuse('invalid_request', chosen) : grant(chosen, resource)
  }

  /** The chosen identity, or the reason why there is none. */
  function choose(query: URLSearchParams): ManagedIdentity | string {
    const wanted = Object.keys(choices).filter(name => query.has(name))
    if (wanted.length > 1) return 'Only one of client_id, object_id and msi_res_id may be given'
    const [name] = wanted
    const all = [...identities.values()]
    if (name !== undefined) {
      const value = query.get(name)?.toLowerCase()
      return all.find(identity => choices[name]?.(identity)?.toLowerCase() === value) ?? 'Identity not found'
    }
    const [first, ...more] = all
    if (!first) return 'Identity not found'
    const own = all.find(identity => identity.resourceId === undefined)
    if (own || more.length === 0) return own ?? first
    return 'Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request'
  }

  function grant(identity: ManagedIdentity, resource: string): Reply {
    const now = Math.floor(Date.now() / 1000)
    const body = {
      access_token: tokens.issue(identity, tokenLifetime),
      client_id: identity.clientId,
      expires_in: `${tokenLifetime}`,
      expires_on: `${now + tokenLifetime}`,
      ext_expires_in: `${tokenLifetime}`,
      not_before: `${now - 300}`,
      resource,
      token_type: 'Bearer',
    }
    return { status: 200, body }
  }

  const emulator = await startEmulator(answer)
  return {
    ...emulator,
    assign: identity => void identities.set(identity.clientId.toLowerCase(), identity),
    unassign: identity => void identities.delete(identity.clientId.toLowerCase()),
    setTokenLifetime(seconds) {
      tokenLifetime = seconds
    },
  }
}

const refuse = (error: string, description: string, status = 400): Reply => ({
  status,
  body: { error, error_description: description },
})
