/** Pure: what a projected Secret holds for a person's own tools: variables, keys with their end, and settings of a profile. */
import { jsonObject } from '../../foreign/json.ts'

/** Keys as a credential process prints them (https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html). */
export interface ProcessOutput {
  Version: 1
  AccessKeyId: string
  SecretAccessKey: string
  SessionToken?: string
  /** RFC 3339. Absent: they do not end. */
  Expiration?: string
}

export interface HandedOut {
  cloud: 'aws' | 'azure'
  /** By their names. No file of a pod is named in them. */
  variables: Readonly<Record<string, string>>
  /** Undefined: the Secret has no keys of AWS. */
  output?: ProcessOutput
  /** Lines of the section of a profile, without its process and its roots. */
  settings: readonly string[]
  /** Lines of a section `[services]` that the settings name. */
  services: readonly string[]
  /** RFC 3339. Undefined: they do not end, or nothing says when. */
  expiresAt?: string
  /** Roots of a private CA, as PEM. */
  caPem?: string
  /** Host of the bucket's endpoint, where the Secret tells one. */
  host?: string
}

/** Settings of a profile that are no keys; variables of the same meaning are called after them. */
const SETTINGS = [
  ...['region', 'endpoint_url', 'use_dualstack_endpoint', 'use_fips_endpoint', 'max_attempts'],
  ...['request_checksum_calculation', 'response_checksum_validation'],
]
const variableOf = (setting: string): string => `AWS_${setting.toUpperCase()}`

/**
 * The variables that are handed on, and no others: whoever may write the Secret could add one by which a shell or an SDK
 * runs a program. AWS_CA_BUNDLE is none of them, as it names a file of a pod.
 */
export const VARIABLES: readonly string[] = [
  ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_CREDENTIAL_EXPIRATION'],
  ...['AWS_DEFAULT_REGION', 'AWS_ENDPOINT_URL_S3', ...SETTINGS.map(variableOf)],
  ...['AZURE_STORAGE_ACCOUNT', 'AZURE_STORAGE_ACCOUNT_NAME', 'AZURE_STORAGE_ENDPOINT'],
  ...['AZURE_STORAGE_SAS_TOKEN', 'AZURE_STORAGE_CONNECTION_STRING'],
  ...['NAME', 'PREFIX', 'URI', 'REGION', 'ENDPOINT', 'HOST', 'PORT'].map(name => `BUCKET_${name}`),
]

/**
 * What a shell must not keep from before: the same variables of another store, its roots, and what tools take before these
 * variables. With AWS_PROFILE, some SDKs read no keys of the environment, and all of them the endpoint of that profile.
 */
export const CLEARED: readonly string[] = [
  ...VARIABLES,
  ...['AWS_CA_BUNDLE', 'AWS_PROFILE', 'AZURE_STORAGE_KEY', 'AZURE_STORAGE_ACCOUNT_KEY'],
]

/** What a line of a config can hold. */
const VALUE = /^[\x21-\x7e]{1,2048}$/
/** A time in RFC 3339, as the operator writes it. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/
const CA_KEY = 'ca.crt'

/**
 * Reads the data of a Secret with format AwsProfile or Env, as text. Undefined: it has neither. `stamped`: the annotation that
 * says when they end, which variables of Azure do not.
 */
export function handedOut(data: Readonly<Record<string, string>>, stamped = ''): HandedOut | undefined {
  const caPem = data[CA_KEY]
  const found = profileOf(data) ?? environmentOf(data)
  if (!found) return undefined
  const own = found.expiresAt === undefined && TIME.test(stamped) ? { ...found, expiresAt: stamped } : found
  const host = hostOf(own.variables['AWS_ENDPOINT_URL_S3'] ?? own.variables['BUCKET_ENDPOINT'])
  return { ...own, ...(caPem ? { caPem } : {}), ...(host ? { host } : {}) }
}

function environmentOf(data: Readonly<Record<string, string>>): HandedOut | undefined {
  const variables = Object.fromEntries(
    VARIABLES.flatMap(name => (data[name] === undefined ? [] : [[name, data[name]]])),
  )
  const {
    AWS_ACCESS_KEY_ID: AccessKeyId,
    AWS_SECRET_ACCESS_KEY: SecretAccessKey,
    AWS_SESSION_TOKEN: SessionToken,
    AWS_CREDENTIAL_EXPIRATION: Expiration,
  } = variables
  if (AccessKeyId && SecretAccessKey) {
    const session = SessionToken ? { SessionToken } : {}
    const end = Expiration ? { Expiration } : {}
    return {
      ...{ cloud: 'aws', variables, settings: settingsOf(variables), services: servicesOf(variables) },
      output: { Version: 1, AccessKeyId, SecretAccessKey, ...session, ...end },
      ...(Expiration ? { expiresAt: Expiration } : {}),
    }
  }
  return variables['AZURE_STORAGE_ACCOUNT'] ? { cloud: 'azure', variables, settings: [], services: [] } : undefined
}

const settingsOf = (variables: Readonly<Record<string, string>>): string[] =>
  SETTINGS.flatMap(setting => {
    const value = variables[variableOf(setting)]
    return value !== undefined && VALUE.test(value) ? [`${setting} = ${value}`] : []
  })

/** The endpoint of a VPC is for S3 only. */
const servicesOf = ({
  AWS_ENDPOINT_URL: all,
  AWS_ENDPOINT_URL_S3: ofS3 = '',
}: Readonly<Record<string, string>>): string[] =>
  all === undefined && VALUE.test(ofS3) ? ['s3 =', `  endpoint_url = ${ofS3}`] : []

function profileOf({
  config,
  'credentials.json': credentials,
}: Readonly<Record<string, string>>): HandedOut | undefined {
  if (config === undefined || credentials === undefined) return undefined
  const output = outputOf(jsonObject(credentials))
  if (!output) return undefined
  const { settings, services } = sectionsOf(config)
  const values = Object.fromEntries(
    settings.flatMap(line => {
      const { name, value } = settingIn(line) ?? {}
      return name && value && SETTINGS.includes(name) ? [[variableOf(name), value]] : []
    }),
  )
  const [, ofS3] = /^ {2}endpoint_url = (.{1,2048})$/m.exec(services.join('\n')) ?? []
  const { AWS_REGION: region, AWS_ENDPOINT_URL: endpoint = ofS3 } = values
  const variables = {
    AWS_ACCESS_KEY_ID: output.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: output.SecretAccessKey,
    ...(output.SessionToken ? { AWS_SESSION_TOKEN: output.SessionToken } : {}),
    ...(output.Expiration ? { AWS_CREDENTIAL_EXPIRATION: output.Expiration } : {}),
    ...values,
    ...(region ? { AWS_DEFAULT_REGION: region } : {}),
    ...(endpoint ? { AWS_ENDPOINT_URL_S3: endpoint } : {}),
  }
  const end = output.Expiration ? { expiresAt: output.Expiration } : {}
  return { cloud: 'aws' as const, variables, output, settings, services, ...end }
}

function outputOf({ AccessKeyId, SecretAccessKey, SessionToken, Expiration }: Record<string, unknown>) {
  if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string') return undefined
  const output: ProcessOutput = {
    ...{ Version: 1, AccessKeyId, SecretAccessKey },
    ...(typeof SessionToken === 'string' ? { SessionToken } : {}),
    ...(typeof Expiration === 'string' ? { Expiration } : {}),
  }
  return output
}

/** A setting at the beginning of a line. */
function settingIn(line: string): { name: string; value: string } | undefined {
  const [, name = '', value = ''] = /^(\w{1,64}) = (.{1,2048})$/.exec(line) ?? []
  return VALUE.test(value) ? { name, value } : undefined
}

/** Lines below `s3 =`, in a profile and in a section of services. */
const OF_S3 = /^ {2}(addressing_style|signature_version|endpoint_url) = [\x21-\x7e]{1,2048}$/

/**
 * Lines of the sections that the operator writes: `[default]`, and the one of services. Only lines of a closed set, as a
 * setting may be a command.
 */
function sectionsOf(config: string): Record<'settings' | 'services', string[]> {
  const sections: Record<string, string[]> = { settings: [], services: [] }
  let lines: string[] | undefined
  for (const line of config.split('\n')) {
    if (line.startsWith('[')) lines = sections[line === '[default]' ? 'settings' : 'services']
    else if (line === 's3 =' || OF_S3.test(line) || SETTINGS.includes(settingIn(line)?.name ?? '')) lines?.push(line)
  }
  return { settings: sections['settings'] ?? [], services: sections['services'] ?? [] }
}

function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).hostname : undefined
}

/** Whether a host is one that only pods can reach: a Service, or a name without a domain. */
export const isOfCluster = (host: string): boolean =>
  /\.svc(\.cluster\.local)?\.?$/.test(host) || (!host.includes('.') && !host.includes(':') && host !== 'localhost')
