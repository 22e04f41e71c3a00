/**
 * Pure: ZenML's own configuration of an artifact store, for `zenml artifact-store register` or the config class of its
 * flavor.
 */
import type { AzureMaterial } from '../api/material.ts'
import { SIGNATURES } from './aws-profile.ts'
import { checksumSettings, seconds } from './client-settings.ts'
import type { FormatContext, SecretFormat } from './format.ts'
import {
  caData,
  caFile,
  connectionString,
  endpointBeyondRegion,
  json,
  profileOf,
  sseAlgorithm,
  storeUri,
} from './values.ts'

export const zenml: SecretFormat = {
  tells: {
    aws: [
      ...(['checksums', 'maxAttempts', 'connectTimeout', 'readTimeout', 'maxPoolConnections'] as const),
      ...(['acl', 'storageClass', 'requesterPays', 'signatureVersion'] as const),
    ],
  },

  /**
   * Makes the configuration of flavor `s3`, all of it in `artifact-store.json`. Beside an AwsProfile it has no keys, so
   * that steps use the profile.
   */
  aws(material, context) {
    const { accessKeyId, secretAccessKey, sessionToken, region, addressingStyle } = material
    const { mountPath } = context
    const config = {
      path: storeUri(material),
      ...(profileOf(context) ? {} : { key: accessKeyId, secret: secretAccessKey, token: sessionToken }),
      client_kwargs: {
        region_name: region,
        endpoint_url: endpointBeyondRegion(material),
        verify: caFile(material, mountPath),
      },
      config_kwargs: {
        s3: { addressing_style: addressingStyle },
        ...checksumSettings(material, context),
        ...clientSettings(context),
      },
      s3_additional_kwargs: additionalArguments(context),
    }
    return { 'artifact-store.json': json(config), ...caData(material) }
  },

  /**
   * Makes the configuration of flavor `azure`. It has no credentials, and ZenML takes no key that it does not know.
   * So the credentials are a file of their own, in the form of ZenML's secret for Azure: `zenml secret create` takes
   * it, and `authentication_secret` of the store names the result.
   */
  azure: material => ({
    'artifact-store.json': json({ path: pathOf(material) }),
    // The only member for SAS tokens that takes other endpoints than those of the public cloud.
    'artifact-store-secret.json': json({
      account_name: material.accountName,
      connection_string: connectionString(material),
    }),
    ...caData(material),
  }),
}

/** ZenML knows the schemes `az` and `abfs` only, and no account in a path. */
const pathOf = ({ uri, container, prefix }: AzureMaterial): string =>
  `${uri.startsWith('abfs') ? 'abfs' : 'az'}://${container}/${prefix}`.replace(/\/$/, '')

const clientSettings = ({ clientOptions: options = {} }: FormatContext) => ({
  connect_timeout: seconds(options.connectTimeout),
  read_timeout: seconds(options.readTimeout),
  max_pool_connections: options.maxPoolConnections,
  signature_version: options.signatureVersion && SIGNATURES[options.signatureVersion],
  retries: options.maxAttempts ? { total_max_attempts: options.maxAttempts } : undefined,
})

/** Arguments of calls; s3fs gives each to the calls that know it. Undefined when there are none. */
function additionalArguments({ encryption, clientOptions: options = {} }: FormatContext) {
  const given = Object.entries({
    ServerSideEncryption: sseAlgorithm(encryption),
    SSEKMSKeyId: encryption.kmsKeyId,
    ACL: options.acl,
    StorageClass: options.storageClass,
    RequestPayer: options.requesterPays ? 'requester' : undefined,
  }).filter(([, value]) => value !== undefined)
  return given.length > 0 ? Object.fromEntries(given) : undefined
}
