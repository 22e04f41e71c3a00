/** Pure: why a role of the chain can't be assumed, and what to do about it. */
import { type Failure, stalled } from '../../../api/failures.ts'
import { RESERVED_PREFIX } from '../../../api/names.ts'
import { isAws, type RoleStep, type S3Identity } from '../identity/identity.ts'
import { nameOf, OPERATOR_IDENTITY, type Signer } from '../identity/signer.ts'
import { stepActions } from '../identity/step-actions.ts'
import type { Answer } from './answer.ts'

export function roleFailure(
  { status, code = '', message = '' }: Answer,
  identity: S3Identity,
  step: number,
  signer: Signer,
): Failure {
  const role = identity.assumeRoles?.[step]
  if (!role) throw new Error(`a chain without step ${step}`)
  const { roleArn } = role
  const what = `spec.aws.assumeRoles[${step}]: AssumeRole of ${roleArn} refused by ${identity.sts.host} (${code || `HTTP ${status}`})`
  if (code === 'NoSuchEntity' || status === 404) {
    return stalled('RoleNotFound', `${what}: there is no such role: correct roleArn in a new ServiceConnector`)
  }
  if (status !== 403 && code !== 'AccessDenied') {
    return stalled(
      'AssumeRoleRefused',
      `${what}: it does not accept the request: check roleArn, externalId, sessionName, sourceIdentity and tags`,
    )
  }
  if (/root account/i.test(message)) {
    return stalled('AssumeRoleRefused', `${what}: an account's root user assumes no roles: store the key of a user`)
  }
  const missing = /sts:(TagSession|SetSourceIdentity)/.exec(message)?.[0]
  const check = missing ? '' : 'check that the role exists, '
  const allow = missing ?? `${stepActions(role).join(', ')}${conditionsOf(role)}`
  const others = isAws(identity) ? '' : '; some services assume no role with the credentials of another'
  return stalled(
    'RoleNotTrusted',
    `${what}: ${check}let its trust policy allow ${allow} to ${principalOf(signer)}, whose own policy must allow it on the role, too${others}`,
  )
}

/** Name of a signer as trust policies have it. */
function principalOf(signer: Signer): string {
  if (signer.kind === 'key') return `the user of ${nameOf(signer)}`
  return signer.of === OPERATOR_IDENTITY ? "the operator's own role" : signer.of
}

/** Members of a step that a trust policy may require. */
function conditionsOf({ externalId, sessionName }: RoleStep): string {
  // The operator's own one: whoever writes the trust policy has to know it.
  if (externalId?.startsWith(RESERVED_PREFIX)) return ` (with sts:ExternalId "${externalId}")`
  const given = [...(externalId ? ['externalId'] : []), ...(sessionName ? ['sessionName'] : [])]
  return given.length > 0 ? ` (with the ${given.join(' and ')} of this step)` : ''
}
