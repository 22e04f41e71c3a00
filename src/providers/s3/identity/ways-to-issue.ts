/** Pure: the way in which a connector makes credentials for consumers. */
import type { AwsSpec } from '../../../api/aws-connector.ts'
import { type Failure, stalled } from '../../../api/failures.ts'
import type { Identity } from '../../provider.ts'
import type { AccessKeyAuth, Auth } from './auth.ts'
import { type Endpoint, isAwsEndpoint } from './endpoints.ts'

/** A call of STS, or `Static`, a copy of the key itself. */
export type Way = 'AssumeRoleWithWebIdentity' | 'AssumeRole' | 'GetFederationToken' | 'GetSessionToken' | 'Static'

/** Members of an identity that decide the way. */
export interface Issuing {
  auth: Auth
  assumeRoles?: readonly unknown[]
  s3: Pick<Endpoint, 'url'>
  issue?: NonNullable<AwsSpec['issue']>
}

/** Chooses the way; a Failure when there is none, which does not keep buckets from being verified. */
export function wayToIssue({ auth, assumeRoles = [], s3, issue }: Issuing): Way | Failure {
  const roles = assumeRoles.length > 0
  if (issue && issue !== 'AssumeRole') return byKey(auth, roles, issue)
  if (roles) return 'AssumeRole'
  if (auth.kind === 'webIdentity') return 'AssumeRoleWithWebIdentity'
  // AssumeRole of such a service narrows the rights of the caller, and ignores which role is named.
  if (!isAwsEndpoint(s3)) return 'AssumeRole'
  if (issue) {
    const cure =
      auth.kind === 'implicit'
        ? 'add spec.aws.assumeRoles'
        : 'add spec.aws.assumeRoles, or use FederationToken with a long-term key'
    return stalled('RoleNotSet', `spec.aws.issue: AssumeRole needs a role: ${cure}`)
  }
  if (auth.kind === 'implicit') {
    return stalled(
      'CannotIssue',
      "spec.aws.auth.implicit: the operator's own credentials are never handed on, and there is no role to narrow them by: add a role for consumers to spec.aws.assumeRoles",
    )
  }
  if (!auth.temporary) return 'GetFederationToken'
  return stalled(
    'CannotIssue',
    `spec.aws.auth.accessKey: ${temporaryKey(auth)}, of which AWS makes no further ones: store a long-term key without session token, add spec.aws.assumeRoles, or set spec.aws.issue: Static`,
  )
}

/** The longest life of granted credentials, and why; undefined when the service decides. */
export function longestGrant(issuing: Issuing): Identity['maxDuration'] {
  const { auth, assumeRoles = [] } = issuing
  const longTerm = auth.kind === 'accessKey' && !auth.temporary
  const chained = assumeRoles.length > (longTerm ? 1 : 0)
  if (!chained) return undefined
  return { ms: 60 * 60_000, because: 'a role that a session assumes (spec.aws.assumeRoles) lasts 1 hour at most' }
}

/** Whether credentials have all rights of the identity. */
export const isUnnarrowed = ({ issue }: Pick<Issuing, 'issue'>): boolean =>
  issue === 'Static' || issue === 'SessionToken'

/** Warnings about credentials that are made in this way, a sentence each. */
export function cautionsOf({ auth, issue }: Issuing): string[] {
  if (issue === 'SessionToken') {
    return ['spec.aws.issue: SessionToken gives all rights of the user, not narrowed to prefix and access']
  }
  if (issue !== 'Static') return []
  const end = auth.kind === 'accessKey' && auth.temporary ? 'its end is not known' : 'it never expires'
  return [`spec.aws.issue: Static copies the key itself: ${end}, and its rights are not narrowed`]
}

function byKey(auth: Auth, roles: boolean, issue: 'SessionToken' | 'FederationToken' | 'Static'): Way | Failure {
  if (auth.kind !== 'accessKey' || roles) {
    return stalled(
      'IssueNotPossible',
      `spec.aws.issue: ${issue} needs the key of a user: use spec.aws.auth.accessKey without assumeRoles, or remove issue`,
    )
  }
  if (issue === 'Static') return 'Static'
  if (auth.temporary) {
    return stalled(
      'IssueNotPossible',
      `spec.aws.issue: ${issue} needs a long-term key, and ${temporaryKey(auth)}: store one without session token, or use issue: Static`,
    )
  }
  return issue === 'SessionToken' ? 'GetSessionToken' : 'GetFederationToken'
}

const temporaryKey = ({ secret }: AccessKeyAuth): string => `the key of Secret "${secret}" is a temporary one`
