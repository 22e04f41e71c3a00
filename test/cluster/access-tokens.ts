/** Access tokens for Azure Storage, as Entra and the metadata service issue them. */
import { randomUUID } from 'node:crypto'
import { createSigningKey, type SigningKey, signJwt } from './jwt.ts'

/** The service principal of an application or of a managed identity. */
export interface Principal {
  readonly tenantId: string
  readonly clientId: string
  readonly objectId: string
}

export interface AccessTokens {
  /** The JWKS with the keys that verify the tokens. */
  readonly jwks: { readonly keys: readonly SigningKey['jwk'][] }
  /** Issues a token that expires `lifetimeSeconds` from now. */
  issue(principal: Principal, lifetimeSeconds: number): string
}

/** The resource of all storage accounts; the scope for it is `https://storage.azure.com/.default`. */
export const storageResource = 'https://storage.azure.com'

export async function createAccessTokens(): Promise<AccessTokens> {
  const key = await createSigningKey()
  return {
    jwks: { keys: [key.jwk] },
    issue({ tenantId, clientId, objectId }, lifetimeSeconds) {
      const now = Math.floor(Date.now() / 1000)
      const claims = {
        aud: storageResource,
        iss: `https://sts.windows.net/${tenantId}/`,
        iat: now - 300,
        nbf: now - 300,
        exp: now + lifetimeSeconds,
        appid: clientId,
        idtyp: 'app',
        oid: objectId,
        sub: objectId,
        tid: tenantId,
        uti: randomUUID(),
        ver: '1.0',
      }
      return signJwt(claims, key)
    },
  }
}
