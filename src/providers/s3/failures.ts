/** Pure: answers that say nothing about permissions, but about the endpoint, the credentials or the bucket. */
import { type Failure, stalled, transient } from '../../api/failures.ts'
import { rejection } from '../rejection.ts'
import { type Answer, isOk } from './answer.ts'
import type { Endpoint } from './endpoints.ts'
import type { S3Identity } from './identity.ts'
import { OPERATOR_IDENTITY, type Signer, signerOf } from './signer.ts'

export interface Asked {
  endpoint: Endpoint
  identity: Pick<S3Identity, 'auth' | 'assumeRoles' | 'region'>
  /** Who signed; absent: the identity, with all its roles. */
  signer?: Signer
  /** Absent for calls about no bucket. */
  bucket?: string
  /** The answer has no body to name its error in: HEAD. */
  bodiless?: boolean
}

/** Undefined: the answer is about what was asked, such as a permission. */
export function failureOf(answer: Answer, asked: Asked): Failure | undefined {
  if (answer.status === 0) return noAnswer(answer, asked.endpoint)
  if (isOk(answer)) return undefined
  return credentialsFailure(answer, asked) ?? bucketFailure(answer, asked) ?? serviceFailure(answer, asked)
}

const CONNECTION_WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name could not be looked up',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'no route to it',
  ETIMEDOUT: 'no answer in time',
  DeadlineExceeded: 'no answer in time',
}

const TLS_WORDS: Record<string, string> = {
  CERT_HAS_EXPIRED: 'its certificate has expired: renew it',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: check the clocks',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name: use the name that the certificate has',
  EPROTO: 'the handshake failed: check that the port speaks TLS',
}

const UNTRUSTED = /^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA)/

function noAnswer({ code = '', message }: Answer, { host, field }: Endpoint): Failure {
  if (code === 'EndpointRefused') {
    return stalled('EndpointRefused', `${field}: ${message}: use the address of an S3 service`)
  }
  if (code === 'UnexpectedAnswer') return unexpected(host, field)
  if (code in TLS_WORDS || UNTRUSTED.test(code)) {
    const words =
      TLS_WORDS[code] ?? `its certificate is not trusted (${code}): set spec.aws.caBundle to the CA that signed it`
    return stalled('TLSVerificationFailed', `no TLS connection to ${host} (${field}): ${words}`)
  }
  const words = CONNECTION_WORDS[code] ?? code
  return transient(
    'EndpointUnreachable',
    `${host} (${field}) is unreachable: ${words}: check the address, the service and network policies`,
  )
}

/** The key or its signature; the session token that goes with it. */
const BAD_KEY = new Set([
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
  'AuthFailure',
  'InvalidSecurity',
  'NotSignedUp',
])
const BAD_TOKEN = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidToken',
  'InvalidTokenId',
  'TokenRefreshRequired',
])

/** STS has a bad signature for it; the SDK has corrected the time before, where the answer gave one. */
const SKEWED = new Set(['RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture'])
const SKEWED_SIGNATURE = /signature (expired|not yet current)/i

function credentialsFailure({ code = '', message = '' }: Answer, asked: Asked): Failure | undefined {
  const { endpoint, identity, signer = signerOf(identity) } = asked
  if (SKEWED.has(code) || SKEWED_SIGNATURE.test(message)) {
    return transient(
      'ClockSkewed',
      `${endpoint.host} refuses the operator's clock as too far off its own: synchronize the clocks of both`,
    )
  }
  if (!BAD_KEY.has(code) && !BAD_TOKEN.has(code)) return undefined
  if (signer.kind === 'session') {
    const cure =
      signer.of === OPERATOR_IDENTITY ? 'opening another with what the operator runs with now' : 'opening another'
    return rejection(
      transient('SessionExpired', `${endpoint.host} refused the session of ${signer.of} (${code}): ${cure}`),
    )
  }
  const cure = BAD_TOKEN.has(code)
    ? 'put a key with a fresh session token into the Secret'
    : 'check that the key exists, is enabled, and that its secret is the right one'
  return rejection(
    stalled('CredentialsRejected', `${endpoint.host} refused the key of Secret "${signer.secret}" (${code}): ${cure}`),
  )
}

const ELSEWHERE = new Set([
  'PermanentRedirect',
  'TemporaryRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
])

function bucketFailure({ status, code = '', region }: Answer, asked: Asked): Failure | undefined {
  const { endpoint, identity, bucket } = asked
  if (code === 'NoSuchBucket') {
    return stalled(
      'BucketNotFound',
      `there is no bucket "${bucket}" at ${endpoint.host}: create it, or correct spec.path`,
    )
  }
  if (code === 'InvalidBucketName') {
    return stalled('InvalidBucketName', `${endpoint.host} takes "${bucket}" for no bucket name: correct spec.path`)
  }
  if (ELSEWHERE.has(code) || status === 301 || status === 307) {
    const what = bucket === undefined ? endpoint.host : `bucket "${bucket}"`
    const where = region && region !== identity.region ? `is in region "${region}"` : 'is in another region'
    return stalled('WrongRegion', `${what} ${where}, not in "${identity.region}": set spec.aws.region of the connector`)
  }
  return undefined
}

const THROTTLED = /^(SlowDown|Throttl|RequestLimitExceeded|RequestThrottled|TooManyRequests|BandwidthLimitExceeded)/

/** Also `SlowDownRead` and `SlowDownWrite` of MinIO. */
export const isThrottled = ({ status, code = '' }: Answer): boolean => status === 429 || THROTTLED.test(code)

function serviceFailure(answer: Answer, { endpoint: { host, field }, bodiless }: Asked): Failure | undefined {
  const { status, code = '' } = answer
  if (isThrottled(answer)) {
    return transient('Throttled', `${host} asks for fewer requests (${code || `HTTP ${status}`}): trying again later`)
  }
  if (status >= 500 && status !== 501) {
    return transient('ServiceUnavailable', `${host} answered HTTP ${status}${code && ` ${code}`}: trying again later`)
  }
  return code === '' && !bodiless ? unexpected(host, field) : undefined
}

const unexpected = (host: string, field: string): Failure =>
  stalled('UnexpectedAnswer', `${host} (${field}) does not answer like an S3 service: check the address and the port`)
