/** Pure: `spec.aws` and what it names -> who to be, where. */
import { createHash } from 'node:crypto'
import {
  type AwsSpec,
  DEFAULT_ACCESS_KEY_KEYS,
  DEFAULT_AWS_AUDIENCE,
  DEFAULT_AWS_REGION,
} from '../../api/aws-connector.ts'
import { type Failure, isFailure, stalled } from '../../api/failures.ts'
import { DEFAULT_CA_KEY } from '../../api/fields.ts'
import { DEFAULT_SESSION_DURATION, type ServiceConnectorSpec } from '../../api/service-connector.ts'
import { durationMs } from '../../api/time.ts'
import { refusedEndpoint } from '../endpoint-guard.ts'
import type { Identity, KeyReference, References, Resolved } from '../provider.ts'
import { caBundleProblem } from './ca-bundle.ts'
import { partitionOf } from './partition.ts'

const ROLE_ARN_ANNOTATION = 'eks.amazonaws.com/role-arn'

/** Where calls of one service go. */
export interface Endpoint {
  /** Absent: the endpoint of AWS in the region. */
  url?: string
  /** `host:port`, for messages. */
  host: string
  /** The spec field that decides it, for messages. */
  field: string
}

export interface AccessKey {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

export interface AccessKeyAuth {
  kind: 'accessKey'
  /** `namespace/name` of the Secret, for messages. */
  secret: string
  /** Whether the Secret holds a session token, too. */
  temporary: boolean
  /** A function, so that printing an identity shows no secret. */
  key(): AccessKey
}

export interface WebIdentityAuth {
  kind: 'webIdentity'
  roleArn: string
  audience: string
  /** `system:serviceaccount:namespace:name`: what the role's trust policy must name. */
  subject: string
  token(signal: AbortSignal): Promise<string | Failure>
  refused?(token: string): void
}

export interface S3Identity extends Identity {
  provider: 'aws'
  region: string
  s3: Endpoint
  sts: Endpoint
  addressingStyle: 'path' | 'virtual'
  caPem?: string
  auth: AccessKeyAuth | WebIdentityAuth
}

export function references(spec: ServiceConnectorSpec): References {
  const { auth, caBundle } = awsOf(spec)
  const keys = caBundle ? [caReference(caBundle)] : []
  if (auth.accessKey) keys.push(...Object.values(accessKeyReferences(auth.accessKey)))
  if (!auth.webIdentity) return { keys }
  const { serviceAccountName: name, audience = DEFAULT_AWS_AUDIENCE } = auth.webIdentity
  return { keys, serviceAccount: { name, audience, field: 'spec.aws.auth.webIdentity' } }
}

export function identity(spec: ServiceConnectorSpec, resolved: Resolved): S3Identity | Failure {
  const aws = awsOf(spec)
  if (aws.auth.implicit || aws.assumeRoles?.length || (aws.issue ?? 'AssumeRole') !== 'AssumeRole') {
    return stalled(
      'NotImplemented',
      'spec.aws: auth.implicit, assumeRoles and issue are not implemented yet: remove them',
    )
  }
  const { region = DEFAULT_AWS_REGION, endpoint, stsEndpoint, addressingStyle = 'Auto' } = aws
  const { dnsSuffix } = partitionOf(region)
  const s3 = endpointOf(endpoint, 'spec.aws.endpoint', `s3.${region}.${dnsSuffix}`)
  const sts = stsEndpoint
    ? endpointOf(stsEndpoint, 'spec.aws.stsEndpoint', '')
    : endpointOf(endpoint, 'spec.aws.endpoint', `sts.${region}.${dnsSuffix}`)
  for (const { url, field } of [s3, sts]) {
    const refused = url && refusedEndpoint(url)
    if (refused) return stalled('EndpointRefused', `${field}: ${refused}: use the address of an S3 service`)
  }

  const caPem = aws.caBundle && resolved.value(caReference(aws.caBundle))
  const caProblem = caPem && caBundleProblem(caPem)
  if (caProblem) {
    return stalled('InvalidCABundle', `spec.aws.caBundle: ${caProblem}: put PEM certificates of CAs into it`)
  }
  const auth = authOf(aws, resolved)
  if (isFailure(auth)) return auth

  const { namespace, name } = resolved.connector
  const style = addressingStyle === 'Auto' ? (endpoint ? 'path' : 'virtual') : lowerCase(addressingStyle)
  return {
    provider: 'aws',
    connector: `${namespace}/${name}`,
    fingerprint: fingerprint([namespace, name, region, s3.url, sts.url, style, caPem, ...authParts(auth)]),
    sessionDurationMs: durationMs(spec.sessionDuration ?? DEFAULT_SESSION_DURATION),
    cautions: [],
    region,
    s3,
    sts,
    addressingStyle: style,
    ...(caPem ? { caPem } : {}),
    auth,
  }
}

function awsOf(spec: ServiceConnectorSpec): AwsSpec {
  if (!spec.aws) throw new Error('not an AWS connector')
  return spec.aws
}

function endpointOf(url: string | undefined, field: string, awsHost: string): Endpoint {
  return url ? { url, host: url.replace(/^https?:\/\//, ''), field } : { host: awsHost, field: 'spec.aws.region' }
}

function caReference({ configMapKeyRef, secretKeyRef }: NonNullable<AwsSpec['caBundle']>): KeyReference {
  const [kind, reference] = configMapKeyRef
    ? (['ConfigMap', configMapKeyRef] as const)
    : (['Secret', secretKeyRef] as const)
  if (!reference) throw new Error('a caBundle without a reference')
  const field = `spec.aws.caBundle.${configMapKeyRef ? 'configMapKeyRef' : 'secretKeyRef'}`
  return { kind, name: reference.name, key: reference.key ?? DEFAULT_CA_KEY, field }
}

type AccessKeySpec = NonNullable<AwsSpec['auth']['accessKey']>

function accessKeyReferences({ secretName: name, ...keys }: AccessKeySpec) {
  const { accessKeyIdKey, secretAccessKeyKey, sessionTokenKey } = { ...DEFAULT_ACCESS_KEY_KEYS, ...keys }
  const reference = (key: string): KeyReference => ({
    kind: 'Secret',
    name,
    key,
    field: 'spec.aws.auth.accessKey.secretName',
  })
  return {
    accessKeyId: reference(accessKeyIdKey),
    secretAccessKey: reference(secretAccessKeyKey),
    sessionToken: { ...reference(sessionTokenKey), optional: true },
  }
}

function authOf({ auth }: AwsSpec, resolved: Resolved): S3Identity['auth'] | Failure {
  if (auth.accessKey) return accessKeyAuth(auth.accessKey, resolved)
  if (auth.webIdentity) return webIdentityAuth(auth.webIdentity, resolved)
  throw new Error('a connector without a way to authenticate')
}

function accessKeyAuth(spec: AccessKeySpec, resolved: Resolved): AccessKeyAuth | Failure {
  const { namespace } = resolved.connector
  const secret = `${namespace}/${spec.secretName}`
  const values: Partial<AccessKey> = {}
  for (const [member, reference] of Object.entries(accessKeyReferences(spec)) as [keyof AccessKey, KeyReference][]) {
    const value = resolved.value(reference)?.trim()
    if (value === undefined) continue
    // Anything else can't be part of an HTTP header, and is a sign of a wrong paste.
    if (!/^[\x21-\x7e]+$/.test(value)) {
      return stalled(
        'InvalidCredentials',
        `${reference.field}: key "${reference.key}" of Secret "${secret}" is blank or has white space or other characters that no key has: store the bare value`,
      )
    }
    values[member] = value
  }
  const { accessKeyId, secretAccessKey, sessionToken } = values
  if (!accessKeyId || !secretAccessKey) throw new Error('the resolver passed an absent key on')
  const key = { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
  return { kind: 'accessKey', secret, temporary: sessionToken !== undefined, key: () => key }
}

function webIdentityAuth(
  spec: NonNullable<AwsSpec['auth']['webIdentity']>,
  { serviceAccount, connector }: Resolved,
): WebIdentityAuth | Failure {
  if (!serviceAccount) throw new Error('the resolver passed no ServiceAccount on')
  const { namespace } = connector
  const roleArn = spec.roleArn ?? serviceAccount.annotations[ROLE_ARN_ANNOTATION]?.trim()
  if (!roleArn) {
    return stalled(
      'RoleNotSet',
      `spec.aws.auth.webIdentity: no role to assume: set roleArn, or annotate ServiceAccount "${namespace}/${serviceAccount.name}" with ${ROLE_ARN_ANNOTATION}`,
    )
  }
  if (!/^arn:[\w-]+:iam::[\w-]*:role\/\S+$/.test(roleArn)) {
    return stalled(
      'InvalidRoleArn',
      `ServiceAccount "${namespace}/${serviceAccount.name}": annotation ${ROLE_ARN_ANNOTATION} is not the ARN of a role: write for example arn:aws:iam::123456789012:role/artifacts`,
    )
  }
  return {
    kind: 'webIdentity',
    roleArn,
    audience: spec.audience ?? DEFAULT_AWS_AUDIENCE,
    subject: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    token: signal => serviceAccount.token(signal),
    refused: token => serviceAccount.refused?.(token),
  }
}

function authParts(auth: S3Identity['auth']): (string | undefined)[] {
  if (auth.kind === 'webIdentity') return [auth.kind, auth.roleArn, auth.audience, auth.subject]
  const { accessKeyId, secretAccessKey, sessionToken } = auth.key()
  return [auth.kind, auth.secret, accessKeyId, secretAccessKey, sessionToken]
}

const fingerprint = (parts: (string | undefined)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex')

const lowerCase = (style: 'Path' | 'Virtual') => style.toLowerCase() as 'path' | 'virtual'
