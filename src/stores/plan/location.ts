/** Pure: where a store is, in the form that providers take. */
import { formatStoreUri, type StoreUri } from '../../api/uri.ts'
import type { Location } from '../../providers/provider.ts'

export const locationOf = (uri: StoreUri): Location => ({
  bucket: uri.bucket,
  prefix: uri.prefix,
  uri: formatStoreUri(uri),
  ...(uri.host ? { host: uri.host } : {}),
})
