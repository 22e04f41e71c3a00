/** Pure: single values under the names that an entry gives them, for consumers that no other format is made for. */
import type { KeyValue } from '../api/credential-keys.ts'
import { rfc3339 } from '../api/time.ts'
import type { FormatContext, SecretData, SecretFormat } from './format.ts'
import { connectionString, containerUrl, formatNotAvailable, storeUri } from './values.ts'

type Values = Partial<Record<KeyValue, string | undefined>>

export const keys: SecretFormat = {
  aws: (material, context) =>
    named(context, {
      accessKeyId: material.accessKeyId,
      secretAccessKey: material.secretAccessKey,
      sessionToken: material.sessionToken,
      region: material.region,
      endpoint: material.url,
      bucket: material.bucket,
      prefix: material.prefix,
      uri: storeUri(material),
      caBundle: material.caPem,
    }),

  azure: (material, context) =>
    named(context, {
      accountName: material.accountName,
      sasToken: material.sasToken,
      connectionString: connectionString(material),
      containerUrl: containerUrl(material),
      endpoint: material.blobEndpoint,
      bucket: material.container,
      prefix: material.prefix,
      uri: storeUri(material),
      caBundle: material.caPem,
    }),
}

/** Gives each value its name; one that these credentials don't have, such as a token of a copied key, gets no key. */
function named({ keys: names = {}, expiresAt }: FormatContext, values: Values) {
  const all: Values = { ...values, expiration: expiresAt && rfc3339(expiresAt) }
  const data: SecretData = {}
  for (const [name, value] of Object.entries(names)) {
    const text = all[value]
    if (text !== undefined) data[name] = text
  }
  if (Object.keys(data).length > 0) return data
  return formatNotAvailable('Keys', 'finds none of the values that spec.credentials[].keys names', 'name others')
}
