/** Pure: `core-site.xml` for Spark and Flink: settings of one bucket or container. Read when a process starts. */
import type { ClientOption } from '../api/client-options.ts'
import type { Failure } from '../api/failures.ts'
import type { AwsMaterial, AzureMaterial, CredentialMaterial } from '../api/material.ts'
import { durationMs } from '../api/time.ts'
import { checksumsOf } from './client-settings.ts'
import type { FormatContext, RenderContext, SecretData, SecretFormat } from './format.ts'
import { caData, endpointBeyondRegion, formatNotAvailable, profileOf, shown } from './values.ts'
import { misread } from './writable.ts'

type Properties = Record<string, string>

/** Options that S3A and ABFS have. */
const OF_BOTH: readonly ClientOption[] = ['maxAttempts', 'connectTimeout', 'readTimeout']
const OF_S3A: readonly ClientOption[] = [
  ...OF_BOTH,
  ...(['checksums', 'maxPoolConnections', 'acl', 'storageClass', 'requesterPays'] as const),
]

/**
 * What Java takes for a host name: S3A finds no bucket in a URL without one. The last of several parts begins with a
 * letter.
 */
const HOST_NAME = /^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){0,32}[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/
const ONE_PART = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/

export const hadoop: SecretFormat = {
  tells: { aws: OF_S3A, azure: OF_BOTH },

  /** Settings for `s3a://bucket/...`. */
  aws(material, context) {
    const { region, addressingStyle, bucket } = material
    if (!HOST_NAME.test(bucket) && !ONE_PART.test(bucket)) {
      return formatNotAvailable(
        'Hadoop',
        `opens only buckets whose names Java takes for host names, which "${shown(bucket)}" is not (no "_" or ":", and a letter after the last dot)`,
        'use another bucket, or another format',
      )
    }
    const endpoint = endpointBeyondRegion(material)
    const checksums = checksumsOf(material, context)
    const settings = {
      ...credentialsOf(material, context),
      ...(endpoint && { endpoint, 'connection.ssl.enabled': String(endpoint.startsWith('https:')) }),
      'endpoint.region': region,
      'path.style.access': String(addressingStyle === 'path'),
      // "false" is Hadoop's default; a site's own settings may be made for AWS.
      ...(checksums && {
        'checksum.generation': String(checksums === 'WhenSupported'),
        'checksum.validation': String(checksums === 'WhenSupported'),
      }),
      ...encryptionSettings(context.encryption),
      ...s3aSettings(context),
    }
    const ofBucket = Object.entries(settings).map(([name, value]) => [`fs.s3a.bucket.${bucket}.${name}`, value])
    return secretOf(Object.fromEntries(ofBucket), material)
  },

  /** Settings for `abfss://container@account.dfs.core.windows.net/...`. Hadoop takes SAS tokens since 3.4.1. */
  azure(material, context) {
    const { accountName, blobEndpoint } = material
    const { hostname, port, pathname } = new URL(blobEndpoint)
    if (!hostname.startsWith(`${accountName}.`) || !hostname.includes('.blob.') || port || pathname !== '/') {
      return formatNotAvailable(
        'Hadoop',
        `reaches accounts only by hosts such as ${shown(accountName)}.dfs.core.windows.net, which ${shown(blobEndpoint)} is not`,
        'use another format such as Env',
      )
    }
    const account = hostname.replace('.blob.', '.dfs.')
    const properties = {
      ...(context.formats.includes('WebIdentity') && material.workloadIdentity
        ? tokenFileSettings(material.workloadIdentity, account, context)
        : sasSettings(material, account)),
      ...abfsSettings(account, context),
    }
    return secretOf(properties, material)
  },

  warning({ access }) {
    if (access !== 'WriteOnly') return undefined
    return (
      'Hadoop: it looks for what is there before it writes, and lists what it commits, ' +
      'which WriteOnly does not allow: use access ReadWrite'
    )
  },
}

/** Keys; beside an AwsProfile, that profile, whose command Hadoop runs again before credentials end (since 3.4.2). */
function credentialsOf(
  { accessKeyId, secretAccessKey, sessionToken }: AwsMaterial,
  context: FormatContext,
): Properties {
  const profile = profileOf(context)
  if (profile) {
    return {
      'aws.credentials.provider': 'org.apache.hadoop.fs.s3a.auth.ProfileAWSCredentialsProvider',
      'auth.profile.file': profile,
      'auth.profile.name': 'default',
    }
  }
  const provider = sessionToken ? 'TemporaryAWSCredentialsProvider' : 'SimpleAWSCredentialsProvider'
  return {
    'aws.credentials.provider': `org.apache.hadoop.fs.s3a.${provider}`,
    'access.key': accessKeyId,
    'secret.key': secretAccessKey,
    ...(sessionToken && { 'session.token': sessionToken }),
  }
}

/** A container's own token goes first since Hadoop 3.4.2, so that stores of one account don't disturb each other. */
const sasSettings = ({ container, sasToken }: AzureMaterial, account: string): Properties => ({
  [`fs.azure.account.auth.type.${account}`]: 'SAS',
  [`fs.azure.sas.fixed.token.${container}.${account}`]: sasToken,
  [`fs.azure.sas.fixed.token.${account}`]: sasToken,
  // Without this Hadoop asks at the root of the container, where a token for a directory allows nothing.
  ...(isForDirectory(sasToken) && { [`fs.azure.account.hns.enabled.${account}`]: 'true' }),
})

/** The identity of a WebIdentity in the same entry: ABFS reads its token again each time it asks Entra (since 3.4.1). */
const tokenFileSettings = (
  { clientId, tenantId, authorityHost }: NonNullable<AzureMaterial['workloadIdentity']>,
  account: string,
  { mountPath }: FormatContext,
): Properties => ({
  [`fs.azure.account.auth.type.${account}`]: 'OAuth',
  [`fs.azure.account.oauth.provider.type.${account}`]:
    'org.apache.hadoop.fs.azurebfs.oauth2.WorkloadIdentityTokenProvider',
  [`fs.azure.account.oauth2.msi.authority.${account}`]: authorityHost,
  [`fs.azure.account.oauth2.msi.tenant.${account}`]: tenantId,
  [`fs.azure.account.oauth2.client.id.${account}`]: clientId,
  [`fs.azure.account.oauth2.token.file.${account}`]: `${mountPath}/token`,
})

/** Whether a SAS token is for a directory. Only accounts with a hierarchical namespace have such tokens. */
const isForDirectory = (sasToken: string): boolean => new URLSearchParams(sasToken).get('sr') === 'd'

function encryptionSettings({ type, kmsKeyId }: RenderContext['encryption']): Properties {
  if (type === 'None') return {}
  return {
    'encryption.algorithm': type === 'SSE-S3' ? 'AES256' : 'SSE-KMS',
    ...(kmsKeyId && { 'encryption.key': kmsKeyId }),
  }
}

const ACLS = {
  private: 'Private',
  'bucket-owner-read': 'BucketOwnerRead',
  'bucket-owner-full-control': 'BucketOwnerFullControl',
} as const

function s3aSettings({ clientOptions: options = {} }: RenderContext): Properties {
  const { maxAttempts, connectTimeout, readTimeout, maxPoolConnections, acl, storageClass, requesterPays } = options
  return {
    ...(maxAttempts && { 'attempts.maximum': String(maxAttempts - 1) }),
    ...(connectTimeout && { 'connection.establish.timeout': ms(connectTimeout) }),
    ...(readTimeout && { 'connection.timeout': ms(readTimeout) }),
    ...(maxPoolConnections && { 'connection.maximum': String(maxPoolConnections) }),
    ...(acl && { 'acl.default': ACLS[acl] }),
    ...(storageClass && { 'create.storage.class': storageClass.toLowerCase() }),
    ...(requesterPays && { 'requester.pays.enabled': 'true' }),
  }
}

function abfsSettings(account: string, { clientOptions: options = {} }: RenderContext): Properties {
  const { maxAttempts, connectTimeout, readTimeout } = options
  return {
    ...(maxAttempts && { [`fs.azure.io.retry.max.retries.${account}`]: String(maxAttempts - 1) }),
    ...(connectTimeout && { [`fs.azure.http.connection.timeout.${account}`]: ms(connectTimeout) }),
    ...(readTimeout && { [`fs.azure.http.read.timeout.${account}`]: ms(readTimeout) }),
  }
}

/** Milliseconds without their unit, which older releases don't know. */
const ms = (duration: string): string => String(durationMs(duration))

/** What Hadoop replaces by a property or a variable when it reads a value. It knows no way to write it otherwise. */
const VARIABLE = /\$\{[^}$ ]{1,255}\}/

function secretOf(properties: Properties, material: CredentialMaterial): SecretData | Failure {
  const name = misread(properties, VARIABLE)
  if (name)
    return formatNotAvailable(
      'Hadoop',
      `would replace \${...} in ${shown(name)}`,
      'use another value, or another format',
    )
  return { 'core-site.xml': coreSite(properties), ...caData(material) }
}

function coreSite(properties: Properties): string {
  const lines = Object.entries(properties).flatMap(([name, value]) => [
    '  <property>',
    `    <name>${escaped(name)}</name>`,
    `    <value>${escaped(value)}</value>`,
    '  </property>',
  ])
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<configuration>', ...lines, '</configuration>', ''].join('\n')
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
