/** Access tokens for Azure Storage, as Entra and the metadata service issue them. */
import { randomUUID } from 'node:crypto'
import { createSigningKey, type SigningKey, signJwt } from './jwt.ts'

/** An application's or a managed identity's service principal. */
export interface Principal {
  readonly tenantId: string
  readonly clientId: string
  readonly objectId: string
}

export interface AccessTokens {
  /** The keys that verify them, as a JWKS. */
  readonly jwks: { readonly keys: readonly SigningKey['jwk'][] }
  /** Lives for `lifetimeSeconds` from now. */
  issue(principal: Principal, lifetimeSeconds: number): string
}

/** Of all storage accounts; as a scope `https://storage.azure.com/.default`. */
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
