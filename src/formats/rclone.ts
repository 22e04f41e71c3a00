/** Pure: `rclone.conf` for people: `store:` is the store with its prefix. Read when a command starts. */
import type { ClientOption } from '../api/client-options.ts'
import type { Failure } from '../api/failures.ts'
import type { AwsMaterial, CredentialMaterial } from '../api/material.ts'
import { checksumsOf } from './client-settings.ts'
import type { FormatContext, SecretData, SecretFormat } from './format.ts'
import {
  caData,
  caFile,
  connectionString,
  endpointBeyondRegion,
  formatNotAvailable,
  profileOf,
  sseAlgorithm,
} from './values.ts'
import { misread } from './writable.ts'

/** Options of all remotes, and those of S3. */
const OF_ALL: readonly ClientOption[] = ['maxAttempts', 'connectTimeout', 'readTimeout']
const OF_S3: readonly ClientOption[] = [
  ...OF_ALL,
  ...(['checksums', 'acl', 'storageClass', 'requesterPays', 'signatureVersion'] as const),
]

export const rclone: SecretFormat = {
  tells: { aws: OF_S3, azure: OF_ALL },

  aws(material, context) {
    const { encryption, clientOptions: options = {} } = context
    const checksums = checksumsOf(material, context)
    const { region, isAws, addressingStyle, bucket, prefix } = material
    const service = {
      type: 's3',
      provider: isAws ? 'AWS' : 'Other',
      ...credentialsOf(material, context),
      region,
      endpoint: endpointBeyondRegion(material),
      force_path_style: String(addressingStyle === 'path'),
      // Releases before 1.72 don't know this, and ignore it.
      use_data_integrity_protections: checksums && String(checksums === 'WhenSupported'),
      server_side_encryption: sseAlgorithm(encryption),
      sse_kms_key_id: encryption.kmsKeyId,
      acl: options.acl,
      storage_class: options.storageClass,
      requester_pays: options.requesterPays ? 'true' : undefined,
      v2_auth: options.signatureVersion === 'v2' ? 'true' : undefined,
      // Otherwise rclone creates the bucket before it writes, which the credentials don't allow.
      no_check_bucket: 'true',
      ...overrides(material, context),
    }
    return secretOf({ name: 's3', service, place: `${bucket}/${prefix}` }, material)
  },

  azure(material, context) {
    const service = {
      type: 'azureblob',
      connection_string: connectionString(material),
      no_check_container: 'true',
      ...overrides(material, context),
    }
    const { container, prefix } = material
    return secretOf({ name: 'azure', service, place: `${container}/${prefix}` }, material)
  },
}

/** Keys; beside an AwsProfile, that profile, whose command rclone runs again before they end. */
function credentialsOf(material: AwsMaterial, context: FormatContext): Remote['service'] {
  const profile = profileOf(context)
  if (profile) return { env_auth: 'true', shared_credentials_file: profile, profile: 'default' }
  const { accessKeyId, secretAccessKey, sessionToken } = material
  return { access_key_id: accessKeyId, secret_access_key: secretAccessKey, session_token: sessionToken }
}

/** Settings of rclone itself, for one remote: since 1.69. */
function overrides(material: CredentialMaterial, { mountPath, clientOptions: options = {} }: FormatContext) {
  return {
    'override.ca_cert': caFile(material, mountPath),
    'override.low_level_retries': options.maxAttempts?.toString(),
    'override.contimeout': options.connectTimeout,
    'override.timeout': options.readTimeout,
  }
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
