/**
 * Pure: variables of Turborepo's remote caches, which read them when they start: `S3_*` for servers with fields for a
 * session token, and those of the server `turborepo-remote-cache`.
 */
import type { SecretFormat } from './format.ts'
import { caData, caFile, checksumVariables } from './values.ts'

export const turborepo: SecretFormat = {
  aws(material, { mountPath, expirationDays }) {
    const { accessKeyId, secretAccessKey, sessionToken, region, url, bucket } = material
    const roots = caFile(material, mountPath)
    return {
      S3_ACCESS_KEY_ID: accessKeyId,
      S3_SECRET_ACCESS_KEY: secretAccessKey,
      ...(sessionToken && { S3_SESSION_TOKEN: sessionToken }),
      S3_BUCKET_NAME: bucket,
      S3_REGION: region,
      S3_ENDPOINT: url,
      ...(expirationDays && { BUCKET_OBJECT_EXPIRATION_HOURS: String(expirationDays * 24) }),
      // These are for turborepo-remote-cache. Its S3_ACCESS_KEY and S3_SECRET_KEY have no session token, but without
      // them it uses the variables of the SDK.
      STORAGE_PROVIDER: 's3',
      STORAGE_PATH: bucket,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
      ...checksumVariables(material),
      ...(roots && { NODE_EXTRA_CA_CERTS: roots }),
      ...caData(material),
    }
  },

  warning({ prefix }) {
    if (prefix === '') return undefined
    const team = prefix.slice(0, -1)
    return (
      `Turborepo: remote caches name objects <team>/<hash>, so the team must be "${team}" (TURBO_TEAM); ` +
      'for any other, the credentials are refused, which looks like a cache miss'
    )
  },
}
