/** Pure: `rclone.conf` for people: `store:` is the store with its prefix. Read when a command starts. */
import type { Failure } from '../api/failures.ts'
import type { CredentialMaterial } from '../api/material.ts'
import type { SecretData, SecretFormat } from './format.ts'
import { caData, caFile, connectionString, endpointBeyondRegion, formatNotAvailable, sseAlgorithm } from './values.ts'
import { misread } from './writable.ts'

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
      // Releases before 1.72 don't know this, and ignore it.
      use_data_integrity_protections: isAws ? undefined : 'false',
      server_side_encryption: sseAlgorithm(encryption),
      sse_kms_key_id: encryption.kmsKeyId,
      // Otherwise rclone creates the bucket before it writes, which the credentials don't allow.
      no_check_bucket: 'true',
      'override.ca_cert': caFile(material, mountPath),
    }
    return secretOf({ name: 's3', service, place: `${bucket}/${prefix}` }, material)
  },

  azure(material, { mountPath }) {
    const service = {
      type: 'azureblob',
      connection_string: connectionString(material),
      no_check_container: 'true',
      'override.ca_cert': caFile(material, mountPath),
    }
    const { container, prefix } = material
    return secretOf({ name: 'azure', service, place: `${container}/${prefix}` }, material)
  },
}

interface Remote {
  name: string
  service: Record<string, string | undefined>
  /** Where the store is: `bucket/prefix/`. */
  place: string
}

/** What rclone takes for another line, replaces by another setting, or takes for quotes. It knows no way to write it otherwise. */
const NOT_AS_WRITTEN = /[^\x21-\x7e]|%\([^)]{1,255}\)s|^`|^"""/

function secretOf(remote: Remote, material: CredentialMaterial): SecretData | Failure {
  const name = misread({ ...remote.service, remote: remote.place }, NOT_AS_WRITTEN)
  if (name) {
    const why = `would not read ${name} as it is, because of its spaces, its quotes or %(...)s`
    return formatNotAvailable('Rclone', why, 'use another value, or another format')
  }
  return { 'rclone.conf': config(remote), ...caData(material) }
}

function config({ name, service, place }: Remote): string {
  const settings = Object.entries(service).flatMap(([key, value]) => (value === undefined ? [] : [`${key} = ${value}`]))
  const store = ['[store]', 'type = alias', `remote = ${name}:${place.replace(/\/$/, '')}`]
  return [`[${name}]`, ...settings, '', ...store, ''].join('\n')
}
