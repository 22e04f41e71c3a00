/**
 * Pure: ZenML's own configuration of an artifact store, for `zenml artifact-store register` or its flavor's config class.
 */
import type { RenderContext, SecretFormat } from './format.ts'
import { caData, caFile, connectionString, endpointBeyondRegion, json, sseAlgorithm, storeUri } from './values.ts'

export const zenml: SecretFormat = {
  /** Flavor `s3`: all in `artifact-store.json`. */
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
      config_kwargs: { s3: { addressing_style: addressingStyle } },
      s3_additional_kwargs: additionalArguments(encryption),
    }
    return { 'artifact-store.json': json(config), ...caData(material) }
  },

  /**
   * Flavor `azure`: its configuration has no credentials, and ZenML registers no key that a configuration doesn't have.
   * They are a file of their own, in the form of ZenML's secret for Azure: `zenml secret create` takes it, and
   * `authentication_secret` of the store names the result.
   */
  azure: material => ({
    'artifact-store.json': json({ path: storeUri(material) }),
    // Of the members for SAS tokens the only one that knows other endpoints than the public cloud's.
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
