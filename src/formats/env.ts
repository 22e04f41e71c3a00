/**
 * Pure: variables for `envFrom` of short-lived pods; a running process never sees a new value.
 *
 * With a private CA the Secret also contains `ca.crt`: mount it at `mountPath`.
 */
import { rfc3339 } from '../api/time.ts'
import { SDK_OPTIONS, sdkVariables } from './client-settings.ts'
import type { SecretFormat } from './format.ts'
import { accountVariables, bucketVariables, caData, caFile, connectionString, endpointVariables } from './values.ts'

export const env: SecretFormat = {
  tells: { aws: SDK_OPTIONS },

  /** Makes `AWS_*` as SDKs read them, and `BUCKET_*`. */
  aws(material, { expiresAt, mountPath, clientOptions }) {
    const { accessKeyId, secretAccessKey, sessionToken, region, endpoint, isAws } = material
    const bundle = caFile(material, mountPath)
    return {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
      ...(expiresAt && { AWS_CREDENTIAL_EXPIRATION: rfc3339(expiresAt) }),
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      ...endpointVariables(material),
      // Many libraries know only this name. At AWS it is left out: other services are not at S3's address.
      ...(endpoint && !isAws && { AWS_ENDPOINT_URL: endpoint }),
      ...(endpoint && { AWS_ENDPOINT_URL_S3: endpoint }),
      ...sdkVariables(material, { clientOptions }),
      ...(bundle && { AWS_CA_BUNDLE: bundle }),
      ...caData(material),
      ...bucketVariables(material),
    }
  },

  /**
   * Makes `AZURE_STORAGE_*` as the CLI, adlfs and the object stores of Rust read them, and `BUCKET_*`. No variable
   * names the file of a private CA: those that exist replace the well-known roots for all that a process talks to.
   */
  azure: material => ({
    ...accountVariables(material),
    AZURE_STORAGE_SAS_TOKEN: material.sasToken,
    AZURE_STORAGE_CONNECTION_STRING: connectionString(material),
    ...caData(material),
    ...bucketVariables(material),
  }),
}
