/** Pure: failures of the endpoint, the credentials or the bucket, as opposed to answers about a permission. */
import { type Failure, stalled, transient } from '../../../api/failures.ts'
import { isOk } from '../../network/answer.ts'
import { connectionFailure, OPERATOR_CAS, type Service, unexpectedFailure } from '../../network/connection-failures.ts'
import { rejection } from '../../rejection.ts'
import { quoting } from '../../said.ts'
import type { Endpoint } from '../identity/endpoints.ts'
import type { S3Identity } from '../identity/identity.ts'
import { OPERATOR_IDENTITY, type Signer, signerOf } from '../identity/signer.ts'
import type { Answer } from './answer.ts'
import { meaningOf, OTHER_SERVICE } from './meaning.ts'

export interface Asked {
  endpoint: Endpoint
  identity: Pick<S3Identity, 'auth' | 'assumeRoles' | 'region' | 'home'> & Partial<Pick<S3Identity, 'addressingStyle'>>
  /** Signer of the call; default: the identity, after all its roles are assumed. */
  signer?: Signer
  /** Absent for calls that are not about a bucket. */
  bucket?: string
  /** The answer has no body that could name an error, as that of HEAD. */
  bodiless?: boolean
}

/** Finds the failure in an answer; undefined when the answer is about what was asked, such as a permission. */
export function failureOf(answer: Answer, asked: Asked): Failure | undefined {
  if (answer.status === 0) {
    const { endpoint, identity } = asked
    return virtualHostFailure(answer, asked) ?? connectionFailure(answer, endpoint, serviceOf(identity))
  }
  if (isOk(answer)) return undefined
  const meant = meaningOf(answer)
  const failure = credentialsFailure(meant, asked) ?? bucketFailure(meant, asked) ?? serviceFailure(meant, asked)
  return quoting(failure, answer)
}

const serviceOf = ({ auth }: Pick<S3Identity, 'auth'>): Service => ({
  what: 'an S3 service',
  caField: auth.kind === 'implicit' ? OPERATOR_CAS : 'spec.aws.caBundle',
})

/** Codes for a host that nobody serves under its name. */
const NO_SUCH_HOST = new Set(['ENOTFOUND', 'ERR_TLS_CERT_ALTNAME_INVALID'])

/** A Failure where only the bucket's own host is missing, which the style of addresses makes up. */
function virtualHostFailure({ code = '' }: Answer, { endpoint, identity, bucket }: Asked): Failure | undefined {
  const { url, host, field } = endpoint
  const isVirtual = identity.addressingStyle === 'virtual' && url !== undefined && bucket !== undefined
  if (!isVirtual || !NO_SUCH_HOST.has(code)) return undefined
  const what = code === 'ENOTFOUND' ? 'does not resolve' : 'is not in the certificate of the service'
  const failure = stalled(
    'BucketHostUnknown',
    `${bucket}.${host} ${what}, which spec.aws.addressingStyle: Virtual makes of ${host} (${field}): set addressingStyle: Path, or give each bucket a host there`,
  )
  // A name server in trouble may answer so, too.
  return code === 'ENOTFOUND' ? { ...failure, intent: 'transient' } : failure
}

/** Codes for a wrong key or signature. */
const BAD_KEY = new Set([
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
  'AuthFailure',
  'InvalidSecurity',
  'NotSignedUp',
])
/** Codes for a wrong session token. */
const BAD_TOKEN = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidToken',
  'InvalidTokenId',
  'TokenRefreshRequired',
])

/** Whether the service refuses the key or the session token itself, and not what was asked with it. */
export function refusesKey(answer: Answer): boolean {
  const { code = '' } = meaningOf(answer)
  return BAD_KEY.has(code) || BAD_TOKEN.has(code)
}

/**
 * Codes for a time that is too far off; STS only says so in its message about a bad signature. By then the SDK has
 * tried again with the time of the answer, if it had one.
 */
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
  if (code === OTHER_SERVICE) {
    return stalled(
      'UnexpectedAnswer',
      `${endpoint.host} (${endpoint.field}) answers for another service: check the address and the port`,
    )
  }
  if (!BAD_KEY.has(code) && !BAD_TOKEN.has(code)) return undefined
  if (identity.home !== undefined && identity.home !== identity.region) return refusedAbroad(code, asked)
  if (signer.kind === 'session') {
    const cure =
      signer.of === OPERATOR_IDENTITY ? 'opening another with what the operator runs with now' : 'opening another'
    return rejection(
      transient('SessionExpired', `${endpoint.host} refused the session of ${signer.of} (${code}): ${cure}`),
    )
  }
  const cure = BAD_TOKEN.has(code)
    ? 'put a key with a fresh session token into the Secret'
    : (signer.encoded ?? 'check that the key exists, is enabled, and that its secret is the right one')
  return rejection(
    stalled('CredentialsRejected', `${endpoint.host} refused the key of Secret "${signer.secret}" (${code}): ${cure}`),
  )
}

/**
 * A Failure: another region than the connector's refuses its credentials. That says nothing of them: regions that the
 * account has not enabled, and those of other partitions, refuse good ones in the same words.
 */
export interface RefusedAbroad extends Failure {
  abroad: true
}

export const isRefusedAbroad = (failure: Failure): failure is RefusedAbroad => 'abroad' in failure

const refusedAbroad = (code: string, { endpoint, identity: { region, home } }: Asked): RefusedAbroad => ({
  ...stalled(
    'RegionDisabled',
    `${endpoint.host} in region "${region}" refuses credentials that are good in "${home}" (${code}): enable it in the account, or use a bucket of another region`,
  ),
  abroad: true,
})

/** A Failure instead of a rejection: requests for one store are refused, although the service takes the same key. */
export const refusedHere = ({ host }: Endpoint, uri: string): Failure =>
  transient(
    'RequestRefused',
    `${host} refuses the signature of requests for ${uri}, but takes the same key for others: use a path of plain letters and digits, or look for a proxy that changes requests; trying again`,
  )

const ELSEWHERE = new Set([
  'PermanentRedirect',
  'TemporaryRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
])

function bucketFailure(answer: Answer, asked: Asked): Failure | undefined {
  const { status, code = '' } = answer
  const { endpoint, bucket } = asked
  if (code === 'NoSuchBucket') {
    return stalled(
      'BucketNotFound',
      `there is no bucket "${bucket}" at ${endpoint.host}: create it, or correct spec.path`,
    )
  }
  if (code === 'InvalidBucketName') {
    return stalled('InvalidBucketName', `${endpoint.host} takes "${bucket}" for no bucket name: correct spec.path`)
  }
  return ELSEWHERE.has(code) || status === 301 || status === 307 ? wrongRegion(answer, asked) : undefined
}

/** A Failure where the bucket, or the service itself, is in another region, which the answer may name. */
export function wrongRegion({ region }: Answer, { endpoint, identity, bucket }: Asked): Failure {
  const what = bucket === undefined ? endpoint.host : `bucket "${bucket}"`
  const named = region && region !== identity.region
  const where = named ? `is in region "${region}"` : 'is in another region'
  const cure = named ? `set spec.aws.region of the connector to "${region}"` : 'set spec.aws.region of the connector'
  return stalled('WrongRegion', `${what} ${where}, not in "${identity.region}": ${cure}`)
}

const THROTTLED =
  /^(KMS\.)?(SlowDown|Throttl|RequestLimitExceeded|RequestThrottled|TooManyRequests|BandwidthLimitExceeded)/

/** Whether the service wants fewer requests. MinIO says `SlowDownRead`, too, and S3 repeats the codes of KMS. */
export const isThrottled = ({ status, code = '' }: Answer): boolean => status === 429 || THROTTLED.test(code)

function serviceFailure(answer: Answer, { endpoint, identity, bodiless }: Asked): Failure | undefined {
  const { status, code = '' } = answer
  const { host } = endpoint
  if (isThrottled(answer)) {
    return transient('Throttled', `${host} asks for fewer requests (${code || `HTTP ${status}`}): trying again later`)
  }
  if (status >= 500 && status !== 501) {
    return transient('ServiceUnavailable', `${host} answered HTTP ${status}${code && ` ${code}`}: trying again later`)
  }
  return code === '' && !bodiless ? unexpectedFailure(endpoint, serviceOf(identity), answer) : undefined
}
