/** The operator's own identity where AKS gives its Pod a workload identity: a token in a file, to exchange at Entra. */
import { readFile } from 'node:fs/promises'
import { type Failure, stalled, transient } from '../../api/failures.ts'
import { jwtClaims } from '../../foreign/json.ts'
import { withoutFinalSlashes } from '../../foreign/text.ts'
import type { ManagedIdentityAuth, WorkloadIdentityAuth } from './auth.ts'
import { PUBLIC_AUTHORITY } from './clouds.ts'
import type { AzureIdentity, Endpoint } from './identity.ts'

export interface OperatorExchange extends Pick<AzureIdentity, 'caPem'> {
  auth: WorkloadIdentityAuth
  authority: Endpoint
}

const FIELD = 'spec.azure.auth.managedIdentity'

/** Undefined without a workload identity: the node has the identity then. `environment`: as AKS's webhook fills it. */
export async function operatorExchange(
  { clientId, resourceId }: ManagedIdentityAuth,
  environment: Record<string, string | undefined>,
): Promise<OperatorExchange | Failure | undefined> {
  const { AZURE_FEDERATED_TOKEN_FILE: file, AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID } = environment
  const client = clientId ?? AZURE_CLIENT_ID
  if (!file || !tenantId || !client) return undefined
  if (resourceId) {
    return stalled(
      'ManagedIdentityNotFound',
      `${FIELD}: the operator has a workload identity of AKS, by which identities have a client id only: use clientId instead of resourceId`,
    )
  }
  const token = (await readFile(file, 'utf8').catch(() => '')).trim()
  if (!token) {
    return transient(
      'ManagedIdentityUnavailable',
      `${FIELD}: the operator can't read its own token from AZURE_FEDERATED_TOKEN_FILE: check the volumes of its Pod`,
    )
  }
  const { sub, aud } = jwtClaims(token)
  const url = withoutFinalSlashes(environment['AZURE_AUTHORITY_HOST'] ?? PUBLIC_AUTHORITY)
  return {
    auth: {
      kind: 'workloadIdentity',
      clientId: client,
      tenantId,
      subject: `${sub}`,
      audience: `${aud}`,
      token: async () => token,
      // The kubelet renews the file.
      refused: () => undefined,
    },
    authority: { url, host: new URL(url).host, field: 'AZURE_AUTHORITY_HOST' },
  }
}
