/** Pure: turns `spec.aws` and what it names into an identity. */
import { createHash } from 'node:crypto'
import type { AwsSpec } from '../../../api/aws-connector.ts'
import { type Failure, isFailure } from '../../../api/failures.ts'
import { DEFAULT_SESSION_DURATION, type ServiceConnectorSpec } from '../../../api/service-connector.ts'
import { durationMs } from '../../../api/time.ts'
import { caCautions, caPemOf, caReference } from '../../ca-bundle.ts'
import { refusedForOperator } from '../../operator-identity.ts'
import type { Identity, References, Resolved } from '../../provider.ts'
import { type Auth, authOf, authParts, authReferences } from './auth.ts'
import {
  type Endpoint,
  type Endpoints,
  endpoints,
  inOtherRegion,
  isAwsEndpoint,
  regionOf,
  type Surroundings,
  type Variants,
} from './endpoints.ts'
import { isOfS3OrSts } from './own-hosts.ts'
import { rolesOfOperator } from './own-roles.ts'
import { roleElsewhere } from './role-partitions.ts'
import { cautionsOf, isUnnarrowed, longestGrant, wayToIssue } from './ways-to-issue.ts'

/** A role of the chain that is assumed after `auth`. */
export type RoleStep = NonNullable<AwsSpec['assumeRoles']>[number]

export interface S3Identity extends Identity, Variants {
  provider: 'aws'
  region: string
  /** Region of the connector, in the copy of its identity for another one. */
  home?: string
  s3: Endpoint
  sts: Endpoint
  addressingStyle: 'path' | 'virtual'
  caPem?: string
  auth: Auth
  /** Roles to assume one after the other; absent when there are none. */
  assumeRoles?: RoleStep[]
  /** `spec.aws.issue`; default: the best way that `auth` allows. */
  issue?: NonNullable<AwsSpec['issue']>
}

/** Whether the service is AWS, and not another one that speaks its protocol. */
export const isAws = ({ s3 }: Pick<S3Identity, 's3'>): boolean => isAwsEndpoint(s3)

const CA_FIELD = 'spec.aws.caBundle'

export function references(spec: ServiceConnectorSpec): References {
  const { auth, caBundle } = awsOf(spec)
  const { keys, ...others } = authReferences(auth)
  // The operator itself takes no CAs of connectors: that is said, and not that they are missing.
  return { keys: caBundle && !others.operatorIdentity ? [caReference(caBundle, CA_FIELD), ...keys] : keys, ...others }
}

export function identity(
  spec: ServiceConnectorSpec,
  resolved: Resolved,
  surroundings: Surroundings = {},
): S3Identity | Failure {
  const aws = awsOf(spec)
  const { endpoint, addressingStyle = 'Auto', issue } = aws
  const region = regionOf(aws)
  const where = endpoints(aws, region, surroundings)
  if (isFailure(where)) return where

  const assumeRoles = aws.auth.implicit ? asOperator(aws, where, resolved) : (aws.assumeRoles ?? [])
  if (isFailure(assumeRoles)) return assumeRoles

  const caPem = caPemOf(aws.caBundle, CA_FIELD, resolved)
  if (isFailure(caPem)) return caPem
  const auth = authOf(aws.auth, resolved)
  if (isFailure(auth)) return auth
  const elsewhere = roleElsewhere({ auth, assumeRoles, region, sts: where.sts })
  if (elsewhere) return elsewhere

  const { namespace, name } = resolved.connector
  const style = addressingStyle === 'Auto' ? (endpoint ? 'path' : 'virtual') : lowerCase(addressingStyle)
  const who = { auth, assumeRoles, s3: where.s3, ...(issue ? { issue } : {}) }
  const way = wayToIssue(who)
  // A way that the spec asks for must be possible. Without one there may be no way: buckets can still be verified.
  if (issue && isFailure(way)) return way

  const made = [region, where, style, caPem, assumeRoles, issue, authParts(auth)]
  return {
    provider: 'aws',
    connector: `${namespace}/${name}`,
    fingerprint: fingerprint([namespace, name, ...made]),
    sessionDurationMs: durationMs(spec.sessionDuration ?? DEFAULT_SESSION_DURATION),
    maxDuration: longestGrant(who),
    cautions: [...cautionsOf(who), ...caCautions(caPem, CA_FIELD, resolved)],
    ...(isUnnarrowed(who) ? { unnarrowed: true } : {}),
    confidential: () => confidentialOf(where, who),
    region,
    ...where,
    addressingStyle: style,
    ...(caPem ? { caPem } : {}),
    ...who,
  }
}

/** The chain of a connector that is the operator itself, where it may be that. */
function asOperator({ assumeRoles = [], caBundle }: AwsSpec, { s3, sts }: Endpoints, resolved: Resolved) {
  const refused = refusedForOperator({
    loan: resolved.operatorIdentity,
    endpoints: [s3, sts],
    isOfCloud: isOfS3OrSts,
    caField: caBundle && CA_FIELD,
  })
  return refused ?? rolesOfOperator(assumeRoles, resolved)
}

function confidentialOf(
  { s3, sts }: Record<'s3' | 'sts', Endpoint>,
  { auth, assumeRoles }: Pick<S3Identity, 'auth' | 'assumeRoles'>,
): [string, string][] {
  const roles = [
    ...(auth.kind === 'webIdentity' ? [auth.roleArn] : []),
    ...(assumeRoles ?? []).map(step => step.roleArn),
  ]
  return [
    ...[s3, sts].flatMap(({ url, host }): [string, string][] => [
      ...(url ? [[url, 'its endpoint'] as [string, string]] : []),
      [host, 'its endpoint'],
    ]),
    ...roles.map((role): [string, string] => [role, 'its role']),
    ...(auth.kind === 'accessKey' ? [[auth.secret, 'its Secret'] as [string, string]] : []),
    ...(auth.kind === 'webIdentity' ? [[auth.subject, 'its ServiceAccount'] as [string, string]] : []),
  ]
}

/** The same identity in another region. */
export const inRegion = (identity: S3Identity, region: string): S3Identity =>
  region === identity.region
    ? identity
    : {
        ...identity,
        region,
        home: identity.home ?? identity.region,
        s3: inOtherRegion(identity.s3, region, identity),
      }

function awsOf(spec: ServiceConnectorSpec): AwsSpec {
  if (!spec.aws) throw new Error('not an AWS connector')
  return spec.aws
}

const fingerprint = (parts: unknown[]): string =>
  createHash('sha256')
    .update(JSON.stringify(parts, (_, part) => part ?? null))
    .digest('hex')

const lowerCase = (style: 'Path' | 'Virtual') => style.toLowerCase() as 'path' | 'virtual'
