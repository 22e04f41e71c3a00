/** Identity of a connector, for consumers whose SDKs exchange tokens by themselves. Its rights are not narrowed. */
import { type Failure, isFailure } from '../../../api/failures.ts'
import type { AwsMaterial } from '../../../api/material.ts'
import { endOf } from '../../jwt.ts'
import type { Grant } from '../../provider.ts'
import type { S3Identity } from '../identity/identity.ts'
import { sessionName } from '../identity/session-name.ts'

/** Adds the token to a grant, which then ends with the first of both. Other identities, and chains, have none. */
export async function withWebIdentity<G extends Grant & { material: AwsMaterial }>(
  grant: G,
  { auth, assumeRoles = [], sts }: S3Identity,
  name: string,
  signal: AbortSignal,
): Promise<G | Failure> {
  if (auth.kind !== 'webIdentity' || assumeRoles.length > 0) return grant
  const token = await auth.token(signal)
  if (isFailure(token)) return token
  const webIdentity = {
    roleArn: auth.roleArn,
    token,
    sessionName: sessionName(name),
    ...(sts.url ? { stsEndpoint: sts.url } : {}),
  }
  return { ...grant, expiresAt: endOf(token, grant.expiresAt), material: { ...grant.material, webIdentity } }
}
