/** Pure: whether a store's path is in the storage account of its connector. */
import { type Failure, stalled } from '../../api/failures.ts'
import type { Location } from '../provider.ts'
import type { AzureIdentity } from './identity.ts'

/** Paths need not name an account. */
export function elsewhere(
  { host }: Pick<Location, 'host'>,
  { accountName, blob, connector }: Pick<AzureIdentity, 'accountName' | 'blob' | 'connector'>,
): Failure | undefined {
  if (host === undefined) return undefined
  const here = new URL(blob.url).hostname.replace('.blob.', '.dfs.')
  // Where the endpoint is named otherwise, the account is all there is to compare.
  const same = here.startsWith(`${accountName}.dfs.`) ? host === here : host.startsWith(`${accountName}.`)
  if (same) return undefined
  return stalled(
    'AccountMismatch',
    `spec.path is at ${host}, but ServiceConnector "${connector}" is for storage account "${accountName}" (${blob.host}): use a connector of that account, or correct the path`,
  )
}
