/**
 * Pure: an AWS config directory. Its `config` has `credentials.json` read again and again, so that a running pod gets
 * fresh keys.
 */
import { rfc3339 } from '../api/time.ts'
import { SDK_OPTIONS, sdkSettings } from './client-settings.ts'
import type { SecretFormat } from './format.ts'
import { caData, caFile, formatNotAvailable, json } from './values.ts'

/**
 * Lifetime below which consumers are warned. botocore runs the process for every use in the last 15 minutes of a key;
 * credentials are replaced at half of their life, and the kubelet takes up to two minutes more.
 */
const COMFORTABLE_LIFETIME_MINUTES = 50

const PLAIN_PATH = /^[A-Za-z0-9/._-]{1,4096}$/

/** Names that SDKs of Python have for signatures. */
export const SIGNATURES = { v4: 's3v4', v2: 's3' } as const

/** Name of the section of `config` with the endpoints of single services. */
const SERVICES = 'of-vpc'

/**
 * Makes `config` (INI), `credentials.json` (output of a credential process, version 1) and, for a private CA, `ca.crt`.
 * Consumers set `AWS_CONFIG_FILE=<mountPath>/config`.
 */
export const awsProfile: SecretFormat = {
  tells: { aws: [...SDK_OPTIONS, 'signatureVersion'] },

  aws(material, { mountPath, expiresAt, clientOptions }) {
    const { region, endpoint, isAws, useDualstackEndpoint, useFipsEndpoint, addressingStyle } = material
    const bundle = caFile(material, mountPath)
    // No value needs quotes then. Some SDKs have a shell run the process.
    if (!PLAIN_PATH.test(mountPath)) {
      return formatNotAvailable(
        'AwsProfile',
        'names a command, in which mountPath would need quotes',
        'use letters, digits and / . _ - only in spec.credentials[].mountPath',
      )
    }
    const config = [
      '[default]',
      `region = ${region}`,
      ...(useDualstackEndpoint ? ['use_dualstack_endpoint = true'] : []),
      ...(useFipsEndpoint ? ['use_fips_endpoint = true'] : []),
      ...(endpoint && !isAws ? [`endpoint_url = ${endpoint}`] : []),
      // The endpoint of a VPC is for S3 only.
      ...(endpoint && isAws ? [`services = ${SERVICES}`] : []),
      ...(bundle ? [`ca_bundle = ${bundle}`] : []),
      ...Object.entries(sdkSettings(material, { clientOptions })).map(([name, value]) => `${name} = ${value}`),
      `credential_process = cat ${mountPath}/credentials.json`,
      's3 =',
      `  addressing_style = ${addressingStyle}`,
      ...(clientOptions?.signatureVersion
        ? [`  signature_version = ${SIGNATURES[clientOptions.signatureVersion]}`]
        : []),
      ...(endpoint && isAws ? ['', `[services ${SERVICES}]`, 's3 =', `  endpoint_url = ${endpoint}`] : []),
    ]
    const output = {
      Version: 1,
      AccessKeyId: material.accessKeyId,
      SecretAccessKey: material.secretAccessKey,
      SessionToken: material.sessionToken,
      // Keys without an end have no Expiration: SDKs fail on one that has passed, so an invented one would break keys
      // that work as soon as nobody moves it on.
      ...(expiresAt && { Expiration: rfc3339(expiresAt) }),
    }
    return { config: `${config.join('\n')}\n`, 'credentials.json': json(output), ...caData(material) }
  },

  warning({ lifetimeMs }) {
    if (lifetimeMs === undefined) {
      return 'credentials do not expire: AWS SDKs read an AwsProfile once, so restart consumers after the key was changed'
    }
    // Minutes are rounded, so that a service's answers for the same duration read the same.
    const minutes = Math.round(lifetimeMs / 60_000)
    if (minutes >= COMFORTABLE_LIFETIME_MINUTES) return undefined
    return (
      `credentials live ${minutes} min: AWS SDKs read an AwsProfile again for every use in the last 15 min of that; ` +
      `ask for ${COMFORTABLE_LIFETIME_MINUTES} min or more in spec.credentials[].duration`
    )
  },
}
