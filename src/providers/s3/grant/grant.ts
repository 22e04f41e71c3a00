/** Credentials for consumers, issued in the way that the connector has. */
import { type Failure, isFailure } from '../../../api/failures.ts'
import type { AwsMaterial } from '../../../api/material.ts'
import type { GrantRequest } from '../../provider.ts'
import type { Sts } from '../calls/sts.ts'
import type { AccessKey } from '../identity/auth.ts'
import { consumerUrl } from '../identity/endpoints.ts'
import { isAws, type S3Identity } from '../identity/identity.ts'
import { sessionName } from '../identity/session-name.ts'
import { wayToIssue } from '../identity/ways-to-issue.ts'
import { sessionPolicy } from './policy.ts'

export interface Issued {
  key: AccessKey
  /** Absent when the end is not known, or there is none. */
  expiresAt?: Date
}

/** The longest name that GetFederationToken accepts. */
const FEDERATED_NAME_MAX = 32

/** Issues credentials. `identity`: the connector's, in the region of the bucket. */
export async function issue(
  identity: S3Identity,
  sts: Sts,
  request: GrantRequest,
  signal: AbortSignal,
): Promise<Issued | Failure> {
  const { auth, assumeRoles = [], region } = identity
  const { location, encryption, access, required, acl, durationMs, lent } = request
  const way = wayToIssue(identity)
  if (isFailure(way)) return way
  if (way === 'Static' && auth.kind === 'accessKey') return { key: auth.key() }
  if (way === 'GetSessionToken') return sts.sessionToken(durationMs, signal)

  const policy = sessionPolicy({
    location,
    encryption,
    access,
    required,
    acl,
    region,
    aws: isAws(identity),
    lent: lent !== undefined,
  })
  if (isFailure(policy)) return policy
  const assumption = { policy, durationMs, sessionName: sessionName(request.sessionName) }
  if (way === 'AssumeRoleWithWebIdentity' && auth.kind === 'webIdentity') {
    return sts.withWebIdentity(auth, assumption, signal)
  }
  if (way === 'GetFederationToken') {
    const name = sessionName(request.sessionName, FEDERATED_NAME_MAX)
    return sts.federationToken({ ...assumption, sessionName: name }, signal)
  }
  return sts.assumeRole(assumeRoles.length > 0 ? assumeRoles.length - 1 : undefined, assumption, signal)
}

/** Builds the material of a grant. `identity`: the connector's, in the region of the bucket. */
export function materialOf(identity: S3Identity, { key }: Issued, { location }: GrantRequest): AwsMaterial {
  const { region, s3, useDualstackEndpoint, useFipsEndpoint, addressingStyle, caPem } = identity
  return {
    cloud: 'aws',
    ...key,
    region,
    ...(s3.url ? { endpoint: s3.url } : {}),
    ...(useDualstackEndpoint ? { useDualstackEndpoint } : {}),
    ...(useFipsEndpoint ? { useFipsEndpoint } : {}),
    url: consumerUrl(identity),
    isAws: isAws(identity),
    addressingStyle,
    ...(caPem ? { caPem } : {}),
    bucket: location.bucket,
    prefix: location.prefix,
    uri: location.uri,
  }
}
