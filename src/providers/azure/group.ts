/** Pure: where calls of a connector go, for the turns that stores take. */
import type { AzureSpec } from '../../api/azure-connector.ts'
import { originOf } from '../network/endpoint-rules.ts'
import { PUBLIC_AUTHORITY, storageSuffixOf } from './clouds.ts'

/** Stands for the node's identity service. */
export const NODE_HOST = 'node'

/**
 * The host of the blob service, and Entra's where it is asked. An account alone says where only if nothing else can: the
 * BlobEndpoint of a connection string may lead anywhere, whatever account the spec and the string name.
 */
export function groupOf(azure: AzureSpec | undefined, namespace: string): string {
  const { auth = {}, endpoint, accountName, authorityHost = PUBLIC_AUTHORITY } = azure ?? {}
  const { workloadIdentity, managedIdentity, servicePrincipal, accountKey, sasToken, connectionString } = auth
  const secret = servicePrincipal ?? accountKey ?? sasToken ?? connectionString
  const suffix = storageSuffixOf(authorityHost)
  const entra =
    (workloadIdentity ?? servicePrincipal) ? ` ${originOf(authorityHost)}` : managedIdentity ? ` ${NODE_HOST}` : ''
  if (endpoint) return `azure ${originOf(endpoint)}${entra}`
  if (accountName && suffix && !connectionString) return `azure https://${accountName}.blob.${suffix}${entra}`
  // Without a Secret, too, nothing is called: the spec names no account or no known cloud.
  return `azure ${secret ? `Secret ${namespace}/${secret.secretName}` : `nothing of ${namespace}`}${entra}`
}
