/** Pure: where a store is, in the form that providers take. */
import type { ClientOptions } from '../../api/client-options.ts'
import { formatStoreUri, type StoreUri } from '../../api/uri.ts'
import type { Location } from '../../providers/provider.ts'

/** `options`: what consumers are told, which the operator's own calls must do, too. */
export const locationOf = (uri: StoreUri, options: Pick<ClientOptions, 'requesterPays'> = {}): Location => ({
  bucket: uri.bucket,
  prefix: uri.prefix,
  uri: formatStoreUri(uri),
  ...(uri.host ? { host: uri.host } : {}),
  ...(options.requesterPays ? { requesterPays: true } : {}),
})
