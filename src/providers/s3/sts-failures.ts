/** Pure: why STS gives no credentials, and what to do about it. */
import { type Failure, stalled, transient } from '../../api/failures.ts'
import type { Answer } from './answer.ts'
import { failureOf } from './failures.ts'
import type { S3Identity, WebIdentityAuth } from './identity.ts'

/** `token`: the web identity token that was refused; only its issuer is shown. */
export function stsFailure(answer: Answer, identity: S3Identity, token?: string): Failure {
  const { auth, sts } = identity
  const { code = '', message = '' } = answer
  const failure = failureOf(keyRefusal(answer), { endpoint: sts, identity })
  if (answer.status === 0 || (failure && code !== 'ExpiredTokenException' && code !== 'ExpiredToken')) {
    return failure ?? stalled('UnexpectedAnswer', `${sts.host} (${sts.field}) gave no answer`)
  }
  const subject = auth.kind === 'webIdentity' ? `AssumeRoleWithWebIdentity of ${auth.roleArn}` : 'AssumeRole'
  return (
    requestFailure(code, message, subject, sts.host) ??
    (auth.kind === 'webIdentity'
      ? webIdentityFailure(code, message, identity, auth, issuerOf(token))
      : stalled(
          'AssumeRoleRefused',
          `${sts.host} gives no temporary credentials for the key of Secret "${auth.secret}" (${code}): ${
            auth.temporary
              ? 'the key is a temporary one itself, of which no further ones can be made: store a long-lived key without session token'
              : 'allow its user AssumeRole, or use auth.webIdentity'
          }`,
        ))
  )
}

/** Whether another token of the same ServiceAccount may be taken: this one is too old, or its key is gone. */
export function refusesToken({ code = '', message = '' }: Answer): boolean {
  if (code === 'ExpiredTokenException' || code === 'ExpiredToken' || code === 'IDPRejectedClaim') return true
  if (code !== 'InvalidIdentityToken' && code !== 'InvalidParameterValue') return false
  return /expired|verification key|public key|signature/i.test(message)
}

/** MinIO says AccessDenied of a wrong key, too; its words are those of the errors that S3 has for it. */
function keyRefusal(answer: Answer): Answer {
  const { code, message = '' } = answer
  if (code !== 'AccessDenied') return answer
  if (/access key id you provided does not exist|account is disabled/i.test(message))
    return { ...answer, code: 'InvalidAccessKeyId' }
  if (/request signature we calculated does not match/i.test(message))
    return { ...answer, code: 'SignatureDoesNotMatch' }
  return answer
}

const MINIO_POLICY_ERROR = /unsupported (action|condition|resource)|invalid (resource|version|effect)/i

/** What is wrong with the request itself, whoever makes it. */
function requestFailure(code: string, message: string, subject: string, host: string): Failure | undefined {
  if (code === 'PackedPolicyTooLarge' || /session policy.* (too large|exceed)/i.test(message)) {
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
  if (/DurationSeconds|MaxSessionDuration|token expiry/i.test(message)) {
    return stalled(
      'DurationTooLong',
      `${subject}: credentials can't live that long: shorten spec.sessionDuration or spec.credentials[].duration, or raise the role's maximum session duration`,
    )
  }
  return undefined
}

function webIdentityFailure(
  code: string,
  message: string,
  { sts: { host } }: S3Identity,
  auth: WebIdentityAuth,
  issuer: string,
): Failure {
  const { roleArn, audience, subject } = auth
  const what = `AssumeRoleWithWebIdentity of ${roleArn} refused by ${host} (${code || 'no reason given'})`
  const refused = (reason: string, cure: string) => stalled(reason, `${what}: ${cure}`)
  switch (code) {
    case 'ExpiredTokenException':
    case 'ExpiredToken':
      return transient('TokenExpired', `${what}: the token of ${subject} has expired: trying again with a new one`)
    case 'IDPCommunicationError':
      return issuerFailure()
    case 'InvalidIdentityToken':
      if (/audience/i.test(message)) return audienceFailure()
      if (/verification key/i.test(message)) return issuerFailure()
      return refused(
        'IssuerNotTrusted',
        `create an IAM OIDC provider for issuer ${issuer} with the audience "${audience}" in the role's account`,
      )
    case 'IDPRejectedClaim':
      return refused('TokenRejected', `the issuer ${issuer} does not vouch for the token of ${subject}`)
  }
  // MinIO has one code for all that is wrong; its words tell the role from the token.
  if (/rolearn|role arn|\barn\b/i.test(message)) {
    return refused(
      'RoleNotFound',
      'there is no such role: set spec.aws.auth.webIdentity.roleArn to a role of this service',
    )
  }
  if (/\baud\b|audience|azp|client.?id/i.test(message)) return audienceFailure()
  if (/\bdial\b|connection refused|x509|no such host|deadline exceeded/i.test(message)) return issuerFailure()
  if (code === 'InvalidParameterValue') {
    return refused(
      'TokenRejected',
      `it does not accept the token: trust issuer ${issuer} with the audience "${audience}" there`,
    )
  }
  return refused(
    'RoleNotTrusted',
    `check that the role exists, and let its trust policy allow sts:AssumeRoleWithWebIdentity for issuer ${issuer}, subject "${subject}" and audience "${audience}"`,
  )

  function issuerFailure(): Failure {
    const cure = 'make its discovery documents reachable from there'
    return transient('IssuerUnreachable', `${what}: it can't read the keys of issuer ${issuer}: ${cure}`)
  }

  function audienceFailure(): Failure {
    return refused(
      'AudienceNotTrusted',
      `it does not take the audience "${audience}": add it there for issuer ${issuer}, or set spec.aws.auth.webIdentity.audience to one that it takes`,
    )
  }
}

function issuerOf(token: string | undefined): string {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString())
    const issuer = (claims as { iss?: unknown }).iss
    return typeof issuer === 'string' ? `"${issuer}"` : 'of the cluster'
  } catch {
    return 'of the cluster'
  }
}
