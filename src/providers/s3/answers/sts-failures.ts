/** Pure: why STS gives no credentials, and what to do about it. */
import { type Failure, stalled } from '../../../api/failures.ts'
import { quoting } from '../../said.ts'
import { isAws, type S3Identity } from '../identity/identity.ts'
import { nameOf, type Signer } from '../identity/signer.ts'
import type { Answer } from './answer.ts'
import { failureOf, isThrottled, wrongRegion } from './failures.ts'
import { meaningOf, OTHER_SERVICE } from './meaning.ts'
import { roleFailure } from './role-failures.ts'
import { webIdentityFailure } from './web-identity-failures.ts'

/** A request to STS, as far as its failures are about it. */
export interface StsRequest {
  operation: 'AssumeRoleWithWebIdentity' | 'AssumeRole' | 'GetFederationToken' | 'GetSessionToken'
  signer: Signer
  /** The web identity token, of which messages show only the issuer. */
  token?: string
  /** Index of the role in the chain; absent at services that take any role. */
  step?: number
}

export const stsFailure = (answer: Answer, identity: S3Identity, request: StsRequest): Failure =>
  quoting(failureOfSts(meaningOf(answer), identity, request), answer)

function failureOfSts(answer: Answer, identity: S3Identity, request: StsRequest): Failure {
  const { auth, sts } = identity
  const { operation, signer, token, step } = request
  const web = operation === 'AssumeRoleWithWebIdentity'
  const unsupported = unsupportedFailure(answer, identity, request)
  if (unsupported) return unsupported

  const failure = failureOf(answer, { endpoint: sts, identity, signer })
  const tokenExpired = web && /^ExpiredToken/.test(answer.code ?? '')
  if (answer.status === 0 || (failure && !tokenExpired)) {
    return failure ?? stalled('UnexpectedAnswer', `${sts.host} (${sts.field}) gave no answer`)
  }
  const wrong = requestFailure(answer, identity, request)
  if (wrong) return wrong
  if (web && auth.kind === 'webIdentity') return webIdentityFailure(answer, identity, auth, token)
  if (operation === 'AssumeRole' && step !== undefined) return roleFailure(answer, identity, step, signer)
  return operation === 'AssumeRole' ? keyFailure(answer, sts.host, signer) : issueFailure(answer, identity, request)
}

const UNSUPPORTED = new Set([
  ...['InvalidAction', 'NotImplemented', 'MethodNotAllowed', 'UnknownOperationException', OTHER_SERVICE],
])

/**
 * Codes that an STS may give in the form of S3, as Ceph's does. Any other error in that form is S3's own, for a POST
 * that it knows nothing of.
 */
const OF_STS =
  /^(NoSuchEntity|AccessDenied|ExpiredToken\w{0,16}|InvalidIdentityToken|IDP\w{1,32}|MalformedPolicyDocument|PackedPolicyTooLarge|InvalidAccessKeyId|InvalidClientTokenId|SignatureDoesNotMatch|RequestTimeTooSkewed|InvalidArgument|InvalidParameterValue)$/

/**
 * Whether S3 has answered, which knows no actions. `web`: the request was not signed, which not every S3 takes. A
 * redirect sends elsewhere, and so says nothing of what is there.
 */
const isOfS3 = ({ ofS3 = false, status, code = '', message = '' }: Answer, web: boolean): boolean => {
  if (!ofS3 || status < 400 || status >= 500 || isThrottled({ status, code })) return false
  return !OF_STS.test(code) || (web && /anonymous/i.test(message))
}

/** A Failure when the service does not have the call: services other than AWS have some calls of STS, or none. */
function unsupportedFailure(answer: Answer, identity: S3Identity, { operation }: StsRequest): Failure | undefined {
  const { status, code = '', message = '' } = answer
  const unsupported =
    status === 405 ||
    status === 501 ||
    UNSUPPORTED.has(code) ||
    isOfS3(answer, operation === 'AssumeRoleWithWebIdentity') ||
    /\baction (\w{1,64})/.exec(message)?.[1] === operation
  if (!unsupported) return undefined
  const cures = {
    AssumeRoleWithWebIdentity: 'use spec.aws.auth.accessKey, or set spec.aws.stsEndpoint to a service that has it',
    AssumeRole:
      'set spec.aws.stsEndpoint to a service that has it, or use spec.aws.auth.accessKey with spec.aws.issue: Static',
    GetFederationToken: 'use spec.aws.issue: AssumeRole if it has that, or Static',
    GetSessionToken: 'use spec.aws.issue: AssumeRole if it has that, or Static',
  }
  const { host, field } = identity.sts
  return stalled('IssueNotSupported', `${host} (${field}) has no ${operation}: ${cures[operation]}`)
}

const MINIO_POLICY_ERROR = /unsupported (action|condition|resource)|invalid (resource|version|effect)/i

/** A Failure when the request itself is wrong, whoever makes it. */
function requestFailure(answer: Answer, identity: S3Identity, request: StsRequest): Failure | undefined {
  const { code = '', message = '' } = answer
  const { host } = identity.sts
  if (code === 'PackedPolicyTooLarge' || /session policy[^\n]{0,200} (too large|exceed)/i.test(message)) {
    return stalled('PolicyTooLong', `${host}: the session policy and tags are too long for STS: use a shorter prefix`)
  }
  if (code === 'MalformedPolicyDocument' || MINIO_POLICY_ERROR.test(message)) {
    return stalled('PolicyRefused', `${host} can't read the session policy: report it as a bug of the operator`)
  }
  if (code === 'RegionDisabledException') {
    return stalled(
      'RegionDisabled',
      `${host}: STS is not enabled for this region: enable it in the account, or use another spec.aws.region`,
    )
  }
  if (code === 'AccessDenied' && /the region is wrong/i.test(message)) {
    return wrongRegion(answer, { endpoint: identity.sts, identity })
  }
  if (/DurationSeconds|MaxSessionDuration|token expiry/i.test(message)) {
    const shorten = 'shorten spec.sessionDuration or spec.credentials[].duration'
    return stalled(
      'DurationTooLong',
      `${subjectOf(identity, request)}: credentials can't live that long: ${shorten}${ofRole(message, request) ? ", or raise the role's maximum session duration" : ''}`,
    )
  }
  return undefined
}

function subjectOf({ auth, assumeRoles = [] }: S3Identity, { operation, step }: StsRequest): string {
  const role = step === undefined ? undefined : assumeRoles[step]
  if (role) return `spec.aws.assumeRoles[${step}]: AssumeRole of ${role.roleArn}`
  return auth.kind === 'webIdentity' ? `${operation} of ${auth.roleArn}` : operation
}

/** Whether the role sets the longest duration: it is fixed for users, and for roles that a role assumes. */
const ofRole = (message: string, { operation }: StsRequest): boolean =>
  operation.startsWith('AssumeRole') && !/role chaining/i.test(message)

/** Why AssumeRole gives nothing at a service that takes any role. */
function keyFailure({ code = '' }: Answer, host: string, signer: Signer): Failure {
  return stalled(
    'AssumeRoleRefused',
    `${host} gives no temporary credentials for ${nameOf(signer)} (${code}): ${keyCure(signer)}`,
  )
}

function keyCure(signer: Signer): string {
  if (signer.kind === 'session') {
    return 'it is temporary itself, of which no further ones can be made: use spec.aws.auth.webIdentity or accessKey'
  }
  return signer.temporary
    ? 'the key is a temporary one itself, of which no further ones can be made: store a long-lived key without session token'
    : 'allow its user AssumeRole, name a role that it may assume there in spec.aws.assumeRoles, or use spec.aws.issue: FederationToken or Static; at MinIO, an access key that a user has made (a service account) gets none: store the key of the user'
}

/** Why GetFederationToken or GetSessionToken gives nothing. */
function issueFailure({ code = '', message = '' }: Answer, identity: S3Identity, request: StsRequest): Failure {
  const { operation, signer } = request
  const field = identity.issue ? 'spec.aws.issue' : 'spec.aws.auth.accessKey'
  const what = `${field}: ${operation} refused by ${identity.sts.host} for ${nameOf(signer)} (${code})`
  if (/session credentials/i.test(message)) {
    return stalled('IssueRefused', `${what}: the key is a temporary one: store a long-lived key`)
  }
  const cure = isAws(identity)
    ? `allow its user sts:${operation}, or use spec.aws.assumeRoles`
    : `allow its user sts:${operation} if the service has it, or use spec.aws.issue: AssumeRole or Static`
  return stalled('IssueRefused', `${what}: ${cure}`)
}
