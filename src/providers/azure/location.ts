/** Pure: whether a store's path is in the storage account of its connector. */
import { type Failure, stalled } from '../../api/failures.ts'
import type { Location } from '../provider.ts'
import type { AzureIdentity } from './identity.ts'

/** A Failure where the path names another account; a path need not name one. */
export function elsewhere(
  { host }: Pick<Location, 'host'>,
  { accountName, blob, connector }: Pick<AzureIdentity, 'accountName' | 'blob' | 'connector'>,
): Failure | undefined {
  if (host === undefined) return undefined
  const here = new URL(blob.url).hostname.replace('.blob.', '.dfs.')
  // With a custom host name of the endpoint, only the account's name can be compared.
  const isOfAccount = here.startsWith(`${accountName}.`) && here.includes('.dfs.')
  const same = isOfAccount ? host === here : host.startsWith(`${accountName}.`)
  if (same) return undefined
  return stalled(
    'AccountMismatch',
    `spec.path is at ${host}, but ServiceConnector "${connector}" is for storage account "${accountName}" (${blob.host}): use a connector of that account, or correct the path`,
  )
}
