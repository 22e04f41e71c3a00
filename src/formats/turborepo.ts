/**
 * Pure: variables of Turborepo's remote caches, which read them when they start: `S3_*` for servers with fields for a
 * session token, and those of the server `turborepo-remote-cache`. Beside an AwsProfile they name that and hold no keys:
 * the server's SDK then takes new ones while it runs.
 */

import type { AwsMaterial } from '../api/material.ts'
import { SDK_OPTIONS, sdkVariables } from './client-settings.ts'
import type { SecretData, SecretFormat } from './format.ts'
import { caData, caFile, connectionString, profileOf } from './values.ts'

export const turborepo: SecretFormat = {
  tells: { aws: SDK_OPTIONS },

  aws(material, context) {
    const { region, url, bucket } = material
    const { mountPath, expirationDays } = context
    const roots = caFile(material, mountPath)
    const profile = profileOf(context)
    return {
      ...(profile ? { AWS_CONFIG_FILE: profile } : keysOf(material)),
      S3_BUCKET_NAME: bucket,
      S3_REGION: region,
      S3_ENDPOINT: url,
      ...(expirationDays && { BUCKET_OBJECT_EXPIRATION_HOURS: String(expirationDays * 24) }),
      STORAGE_PROVIDER: 's3',
      STORAGE_PATH: bucket,
      ...sdkVariables(material, context),
      ...(roots && { NODE_EXTRA_CA_CERTS: roots }),
      ...caData(material),
    }
  },

  /** For `turborepo-remote-cache` alone. */
  azure(material, { mountPath }) {
    const roots = caFile(material, mountPath)
    return {
      STORAGE_PROVIDER: 'azure-blob-storage',
      STORAGE_PATH: material.container,
      ABS_CONNECTION_STRING: connectionString(material),
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

/**
 * Keys by the names of both kinds of server. The S3_ACCESS_KEY and S3_SECRET_KEY of turborepo-remote-cache have no
 * session token, but without them it uses the variables of the SDK.
 */
const keysOf = ({ accessKeyId, secretAccessKey, sessionToken }: AwsMaterial): SecretData => ({
  S3_ACCESS_KEY_ID: accessKeyId,
  S3_SECRET_ACCESS_KEY: secretAccessKey,
  ...(sessionToken && { S3_SESSION_TOKEN: sessionToken }),
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
})
