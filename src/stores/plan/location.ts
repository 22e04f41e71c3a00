/** Pure: where a store is, as providers are told. */
import { formatStoreUri, type StoreUri } from '../../api/uri.ts'
import type { Location } from '../../providers/provider.ts'

export const locationOf = (uri: StoreUri): Location => ({
  bucket: uri.bucket,
  prefix: uri.prefix,
  uri: formatStoreUri(uri),
  ...(uri.host ? { host: uri.host } : {}),
})
