/** Pure: `rclone.conf` for people: `store:` is the store with its prefix. Read when a command starts. */
import { isLine } from '../foreign/text.ts'
import type { SecretFormat } from './format.ts'
import { caData, caFile, connectionString, endpointBeyondRegion, sseAlgorithm } from './values.ts'

export const rclone: SecretFormat = {
  aws(material, { mountPath, encryption }) {
    const { region, isAws, addressingStyle, bucket, prefix } = material
    const service = {
      type: 's3',
      provider: isAws ? 'AWS' : 'Other',
      access_key_id: material.accessKeyId,
      secret_access_key: material.secretAccessKey,
      session_token: material.sessionToken,
      region,
      endpoint: endpointBeyondRegion(material),
      force_path_style: String(addressingStyle === 'path'),
      server_side_encryption: sseAlgorithm(encryption),
      sse_kms_key_id: encryption.kmsKeyId,
      // Otherwise rclone creates the bucket before it writes, which the credentials don't allow.
      no_check_bucket: 'true',
      'override.ca_cert': caFile(material, mountPath),
    }
    return { 'rclone.conf': config('s3', service, `${bucket}/${prefix}`), ...caData(material) }
  },

  azure(material, { mountPath }) {
    const service = {
      type: 'azureblob',
      connection_string: connectionString(material),
      no_check_container: 'true',
      'override.ca_cert': caFile(material, mountPath),
    }
    const { container, prefix } = material
    return { 'rclone.conf': config('azure', service, `${container}/${prefix}`), ...caData(material) }
  },
}

function config(name: string, service: Record<string, string | undefined>, place: string): string {
  // A line end would begin another setting, and rclone has some that run commands: no part of a torn value is written.
  const settings = Object.entries(service).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key} = ${isLine(value) ? value : ''}`],
  )
  const store = ['[store]', 'type = alias', `remote = ${name}:${place.replace(/\/$/, '')}`]
  return [`[${name}]`, ...settings, '', ...store, ''].join('\n')
}
