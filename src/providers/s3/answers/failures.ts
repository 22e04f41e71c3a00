/** Pure: answers that say nothing about permissions, but about the endpoint, the credentials or the bucket. */
import { type Failure, stalled, transient } from '../../../api/failures.ts'
import { isOk } from '../../network/answer.ts'
import { connectionFailure, type Service, unexpectedFailure } from '../../network/connection-failures.ts'
import { rejection } from '../../rejection.ts'
import type { Endpoint } from '../identity/endpoints.ts'
import type { S3Identity } from '../identity/identity.ts'
import { OPERATOR_IDENTITY, type Signer, signerOf } from '../identity/signer.ts'
import type { Answer } from './answer.ts'

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
  if (answer.status === 0) return connectionFailure(answer, asked.endpoint, SERVICE)
  if (isOk(answer)) return undefined
  return credentialsFailure(answer, asked) ?? bucketFailure(answer, asked) ?? serviceFailure(answer, asked)
}

const SERVICE: Service = { what: 'an S3 service', caField: 'spec.aws.caBundle' }

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

const THROTTLED =
  /^(KMS\.)?(SlowDown|Throttl|RequestLimitExceeded|RequestThrottled|TooManyRequests|BandwidthLimitExceeded)/

/** Also `SlowDownRead` and `SlowDownWrite` of MinIO, and what KMS says to S3. */
export const isThrottled = ({ status, code = '' }: Answer): boolean => status === 429 || THROTTLED.test(code)

function serviceFailure(answer: Answer, { endpoint, bodiless }: Asked): Failure | undefined {
  const { status, code = '' } = answer
  const { host } = endpoint
  if (isThrottled(answer)) {
    return transient('Throttled', `${host} asks for fewer requests (${code || `HTTP ${status}`}): trying again later`)
  }
  if (status >= 500 && status !== 501) {
    return transient('ServiceUnavailable', `${host} answered HTTP ${status}${code && ` ${code}`}: trying again later`)
  }
  return code === '' && !bodiless ? unexpectedFailure(endpoint, SERVICE) : undefined
}
