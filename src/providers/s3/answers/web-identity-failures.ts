/** Pure: why STS gives nothing for the token of a ServiceAccount, and what to do about it. */
import { type Failure, stalled, transient } from '../../../api/failures.ts'
import { jwtClaims } from '../../../foreign/json.ts'
import { shown } from '../../../foreign/text.ts'
import type { WebIdentityAuth } from '../identity/auth.ts'
import { isAws, type S3Identity } from '../identity/identity.ts'
import type { Answer } from './answer.ts'

/** `token`: the one that the service refused; the message shows only its issuer. */
export function webIdentityFailure(
  { code = '', message = '' }: Answer,
  identity: Pick<S3Identity, 's3' | 'sts'>,
  { roleArn, audience, subject }: WebIdentityAuth,
  token: string | undefined,
): Failure {
  const { host } = identity.sts
  const issuer = issuerOf(token)
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
      if (!isAws(identity)) return tokenRefused()
      return refused(
        'IssuerNotTrusted',
        `create an IAM OIDC provider for issuer ${issuer} with the audience "${audience}" in the role's account`,
      )
    case 'IDPRejectedClaim':
      return refused('TokenRejected', `the issuer ${issuer} does not vouch for the token of ${subject}`)
  }
  // MinIO has one code for all that is wrong; its message tells whether it is the role or the token.
  if (/rolearn|role arn|\barn\b/i.test(message)) {
    return refused(
      'RoleNotFound',
      'there is no such role: set spec.aws.auth.webIdentity.roleArn to a role of this service',
    )
  }
  if (/\baud\b|audience|azp|client.?id/i.test(message)) return audienceFailure()
  if (/\bdial\b|connection refused|x509|no such host|deadline exceeded/i.test(message)) return issuerFailure()
  if (code === 'InvalidParameterValue') {
    return tokenRefused()
  }
  return refused(
    'RoleNotTrusted',
    `check that the role exists, and let its trust policy allow sts:AssumeRoleWithWebIdentity for issuer ${issuer}, subject "${subject}" and audience "${audience}"`,
  )

  /** Services other than AWS have one code for an issuer that they don't know, and for a role that wants another subject. */
  function tokenRefused(): Failure {
    const trust = `trust issuer ${issuer} with the audience "${audience}" there, and let the role take the subject "${subject}"`
    return refused('TokenRejected', `it does not accept the token: ${trust}`)
  }

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

/** Whether another token of the same ServiceAccount could work: this one is too old, or its signing key is gone. */
export function refusesToken({ code = '', message = '' }: Answer): boolean {
  if (code === 'ExpiredTokenException' || code === 'ExpiredToken' || code === 'IDPRejectedClaim') return true
  if (code !== 'InvalidIdentityToken' && code !== 'InvalidParameterValue') return false
  return /expired|verification key|public key|signature/i.test(message)
}

function issuerOf(token: string | undefined): string {
  const issuer = shown(jwtClaims(token)['iss'])
  return issuer === undefined ? 'of the cluster' : `"${issuer}"`
}
