/** Pure: `core-site.xml` for Spark and Flink: settings of one bucket or container. Read when a process starts. */
import type { Failure } from '../api/failures.ts'
import type { CredentialMaterial } from '../api/material.ts'
import type { RenderContext, SecretData, SecretFormat } from './format.ts'
import { caData, endpointBeyondRegion, formatNotAvailable, shown } from './values.ts'
import { misread } from './writable.ts'

type Properties = Record<string, string>

export const hadoop: SecretFormat = {
  /** Settings for `s3a://bucket/...`. */
  aws(material, { encryption }) {
    const { accessKeyId, secretAccessKey, sessionToken, region, addressingStyle, bucket, isAws } = material
    const endpoint = endpointBeyondRegion(material)
    const provider = sessionToken ? 'TemporaryAWSCredentialsProvider' : 'SimpleAWSCredentialsProvider'
    const settings = {
      'aws.credentials.provider': `org.apache.hadoop.fs.s3a.${provider}`,
      'access.key': accessKeyId,
      'secret.key': secretAccessKey,
      ...(sessionToken && { 'session.token': sessionToken }),
      ...(endpoint && { endpoint, 'connection.ssl.enabled': String(endpoint.startsWith('https:')) }),
      'endpoint.region': region,
      'path.style.access': String(addressingStyle === 'path'),
      // These are Hadoop's defaults; a site's own settings may be made for AWS.
      ...(!isAws && { 'checksum.generation': 'false', 'checksum.validation': 'false' }),
      ...encryptionSettings(encryption),
    }
    const ofBucket = Object.entries(settings).map(([name, value]) => [`fs.s3a.bucket.${bucket}.${name}`, value])
    return secretOf(Object.fromEntries(ofBucket), material)
  },

  /** Settings for `abfss://container@account.dfs.core.windows.net/...`. Hadoop takes SAS tokens since 3.4.1. */
  azure(material) {
    const { accountName, blobEndpoint, container, sasToken } = material
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
      [`fs.azure.account.auth.type.${account}`]: 'SAS',
      // A container's own token goes first since Hadoop 3.4.2, so that stores of one account don't disturb each other.
      [`fs.azure.sas.fixed.token.${container}.${account}`]: sasToken,
      [`fs.azure.sas.fixed.token.${account}`]: sasToken,
      // Without this Hadoop asks at the root of the container, where a token for a directory allows nothing.
      ...(isForDirectory(sasToken) && { [`fs.azure.account.hns.enabled.${account}`]: 'true' }),
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

/** Whether a SAS token is for a directory. Only accounts with a hierarchical namespace have such tokens. */
const isForDirectory = (sasToken: string): boolean => new URLSearchParams(sasToken).get('sr') === 'd'

function encryptionSettings({ type, kmsKeyId }: RenderContext['encryption']): Properties {
  if (type === 'None') return {}
  return {
    'encryption.algorithm': type === 'SSE-S3' ? 'AES256' : 'SSE-KMS',
    ...(kmsKeyId && { 'encryption.key': kmsKeyId }),
  }
}

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
