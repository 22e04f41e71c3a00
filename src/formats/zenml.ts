/**
 * Pure: ZenML's own configuration of an artifact store, for `zenml artifact-store register` or the config class of its
 * flavor.
 */
import type { RenderContext, SecretFormat } from './format.ts'
import {
  caData,
  caFile,
  checksumSettings,
  connectionString,
  endpointBeyondRegion,
  json,
  sseAlgorithm,
  storeUri,
} from './values.ts'

export const zenml: SecretFormat = {
  /** Makes the configuration of flavor `s3`, all of it in `artifact-store.json`. */
  aws(material, { mountPath, encryption }) {
    const { accessKeyId, secretAccessKey, sessionToken, region, addressingStyle } = material
    const config = {
      path: storeUri(material),
      key: accessKeyId,
      secret: secretAccessKey,
      token: sessionToken,
      client_kwargs: {
        region_name: region,
        endpoint_url: endpointBeyondRegion(material),
        verify: caFile(material, mountPath),
      },
      config_kwargs: { s3: { addressing_style: addressingStyle }, ...checksumSettings(material) },
      s3_additional_kwargs: additionalArguments(encryption),
    }
    return { 'artifact-store.json': json(config), ...caData(material) }
  },

  /**
   * Makes the configuration of flavor `azure`. It has no credentials, and ZenML takes no key that it does not know.
   * So the credentials are a file of their own, in the form of ZenML's secret for Azure: `zenml secret create` takes
   * it, and `authentication_secret` of the store names the result.
   */
  azure: material => ({
    'artifact-store.json': json({ path: storeUri(material) }),
    // The only member for SAS tokens that takes other endpoints than those of the public cloud.
    'artifact-store-secret.json': json({
      account_name: material.accountName,
      connection_string: connectionString(material),
    }),
    ...caData(material),
  }),
}

function additionalArguments(encryption: RenderContext['encryption']): Record<string, string | undefined> | undefined {
  const algorithm = sseAlgorithm(encryption)
  return algorithm && { ServerSideEncryption: algorithm, SSEKMSKeyId: encryption.kmsKeyId }
}
