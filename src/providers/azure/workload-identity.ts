/** A connector's own identity, for consumers whose SDKs exchange tokens themselves. Its rights are not narrowed. */
import { type Failure, isFailure } from '../../api/failures.ts'
import type { AzureMaterial } from '../../api/material.ts'
import { endOf } from '../jwt.ts'
import type { Grant } from '../provider.ts'
import type { AzureIdentity } from './identity.ts'

/** Adds the identity to a grant, which then ends when the first of both does. Other kinds of identities add nothing. */
export async function withWorkloadIdentity<G extends Grant & { material: AzureMaterial }>(
  grant: G,
  { auth, authority }: AzureIdentity,
  signal: AbortSignal,
): Promise<G | Failure> {
  if (auth.kind !== 'workloadIdentity') return grant
  const token = await auth.token(signal)
  if (isFailure(token)) return token
  const { clientId, tenantId } = auth
  return {
    ...grant,
    expiresAt: endOf(token, grant.expiresAt),
    material: { ...grant.material, workloadIdentity: { clientId, tenantId, authorityHost: authority.url, token } },
  }
}
