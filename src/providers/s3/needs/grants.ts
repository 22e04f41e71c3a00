/** Pure: all that must be set up at the service for a connector and its stores: whom roles trust, and what they may do. */
import { type AwsSpec, DEFAULT_AWS_AUDIENCE } from '../../../api/aws-connector.ts'
import { isAwsEndpoint, regionOf } from '../identity/endpoints.ts'
import { operatorExternalId } from '../identity/own-roles.ts'
import { partitionOf } from '../identity/partition.ts'
import { inParts, MAX_INLINE, MAX_MANAGED, MAX_MINIO, sizeOf } from './policy-size.ts'
import {
  accountOfKey,
  bucketStatements,
  type Explained,
  identityStatements,
  keyStatements,
  regionOfKey,
  type Where,
} from './statements.ts'
import type { StoreAsks } from './store-needs.ts'
import { federationRight, providerArn, stepRight, stepTrust, tokenTrust } from './trust.ts'

/** Who has the rights: a role or user of IAM, or whatever a service other than AWS has in their place. */
export interface Holder {
  kind: 'role' | 'user'
  arn: string
  account: string
  name: string
  /** Path of a role, with slashes at both ends. */
  path: string
}

export type Grant = Place &
  /** The account trusts the cluster's issuer. Services other than AWS are told so in ways of their own. */
  (
    | { kind: 'issuer'; arn: string; account: string; issuer: string; audience: string; subject: string }
    | { kind: 'trust'; holder: Holder; statements: Explained[] }
    /** `isManaged`: a policy of the account that is attached, as inline policies have no room for what all stores need. */
    | { kind: 'identity'; holder: Holder; name: string; isManaged: boolean; statements: Explained[] }
    | { kind: 'bucket'; account: string; bucket: string; principal: string; statements: Explained[] }
    /** `isNeeded`: the key is of another account, whose own policies say nothing of this identity. */
    | {
        kind: 'key'
        account: string
        key: string
        name: string
        principal: string
        isNeeded: boolean
        statements: Explained[]
      }
  )

interface Place {
  /** Region of the endpoint that takes it; absent where that of IAM in all commercial regions does. */
  region?: string
}

/** A connector, with what nobody can know from its spec. Any of these texts may be a placeholder. */
export interface ConnectorAsks {
  aws: AwsSpec
  namespace: string
  name: string
  /** Name for the policies: one that no other store, connector or cluster gives. */
  policy: string
  /** Issuer of the cluster. */
  issuer: string
  /** Uid of namespace kube-system. */
  cluster: string
  /** ARNs of what `auth` acts as: the role of a web identity, the user of a key, the operator's own role. */
  base: string
  stores: StoreAsks[]
  /** Stores with policies of their own at the same identity, which share its room for policies. */
  others?: StoreAsks[]
  /** The account of the buckets, where it is another than that of the identity. */
  bucketAccount?: string
}

export const isAtAws = ({ endpoint }: Pick<AwsSpec, 'endpoint'>): boolean =>
  isAwsEndpoint(endpoint === undefined ? {} : { url: endpoint })

/** Name of the partition that the connector's region is in. */
export const partitionOfConnector = (aws: AwsSpec): string => (isAtAws(aws) ? partitionOf(regionOf(aws)).name : 'aws')

/** Region of the endpoints of IAM and STS, where those of the commercial regions are of another partition. */
export const regionOfIam = (aws: AwsSpec): string | undefined =>
  partitionOfConnector(aws) === 'aws' ? undefined : regionOf(aws)

/**
 * In the order in which they are made: all of one account together as far as that is possible, and each role before what
 * names it.
 */
export function grantsOf(asks: ConnectorAsks): Grant[] {
  const { aws, stores, bucketAccount } = asks
  const region = regionOf(aws)
  const isAws = isAtAws(aws)
  const holders = holdersOf(asks)
  const last = holders.at(-1)
  if (!last) return []
  const where: Where = { region, account: last.account, aws: isAws }
  const elsewhere = isAws && bucketAccount !== undefined && bucketAccount !== last.account
  const { name: partition } = partitionOf(region)
  const trust = isAws || aws.auth.webIdentity ? trustOf(asks, holders, partition) : []
  const of = ({ arn }: Holder) => trust.filter(grant => 'holder' in grant && grant.holder.arn === arn)
  const ofIam = [
    ...trust.filter(({ kind }) => kind === 'issuer'),
    ...holders.flatMap((holder, at) => [...of(holder), ...rightsOf(asks, holders, at, where)]),
  ]
  return [
    ...ofIam.map(grant => (regionOfIam(aws) === undefined ? grant : { ...grant, region })),
    ...(elsewhere ? bucketsOf(stores, last.arn, where, bucketAccount) : []),
    ...(isAws ? keysOf(asks, last, where) : []),
  ]
}

/** Policies of one identity of the chain, in parts where one is too small for them. */
function rightsOf(asks: ConnectorAsks, holders: readonly Holder[], at: number, where: Where): Grant[] {
  const holder = holders[at]
  const { policy, others = [] } = asks
  const forStores = (stores: StoreAsks[]): Explained[] => [
    ...(at === holders.length - 1 ? identityStatements(stores, where) : rightsOfStep(asks, at)),
    ...(needsFederation({ ...asks, stores }, where.aws) ? [federationRight] : []),
  ]
  const statements = forStores(asks.stores)
  if (!holder || statements.length === 0) return []
  const ofOthers = others.reduce((sum, other) => sum + sizeOf(forStores([other])), 0)
  const isManaged = where.aws && sizeOf(statements) + ofOthers > MAX_INLINE[holder.kind]
  const parts = where.aws && !isManaged ? [statements] : inParts(statements, where.aws ? MAX_MANAGED : MAX_MINIO)
  return parts.map((part, index) => ({
    ...{ kind: 'identity', holder, name: index === 0 ? policy : `${policy}-${index + 1}`, isManaged },
    statements: part,
  }))
}

/** Who the connector is, one after the other: that of `auth`, and each role of the chain. */
function holdersOf({ aws, base }: ConnectorAsks): Holder[] {
  const { auth, assumeRoles = [] } = aws
  return [
    holderOf(auth.accessKey ? 'user' : 'role', base),
    ...assumeRoles.map(({ roleArn }) => holderOf('role', roleArn)),
  ]
}

function holderOf(kind: Holder['kind'], arn: string): Holder {
  const resource = arn.split(':').slice(5).join(':')
  const [, path = '', name = ''] = /^[^/]{0,64}(\/(?:.{1,2048}\/)?)([^/]{0,256})$/.exec(resource) ?? []
  return { kind, arn, account: arn.split(':', 5)[4] ?? '', name: name === '' ? resource : name, path: path || '/' }
}

/** Sessions of EKS Pod Identity have tags. Whether the operator's own identity is of that kind, no spec says. */
const isTagged = ({ aws }: ConnectorAsks): boolean => aws.auth.implicit !== undefined

const stepsOf = ({ aws, cluster, namespace, name }: ConnectorAsks) =>
  (aws.assumeRoles ?? []).map((step, at) =>
    aws.auth.implicit && at === 0 ? { ...step, externalId: operatorExternalId(cluster, { namespace, name }) } : step,
  )

function trustOf(asks: ConnectorAsks, holders: Holder[], partition: string): Grant[] {
  const { aws, issuer, namespace } = asks
  const [base, ...roles] = holders
  const grants: Grant[] = []
  if (aws.auth.webIdentity && base) {
    const { serviceAccountName, audience = DEFAULT_AWS_AUDIENCE } = aws.auth.webIdentity
    const subject = `system:serviceaccount:${namespace}:${serviceAccountName}`
    const { account } = base
    grants.push({ kind: 'issuer', arn: providerArn(issuer, partition, account), account, issuer, audience, subject })
    if (isAtAws(aws)) {
      const statements = [tokenTrust({ issuer, audience, subject }, partition, account)]
      grants.push({ kind: 'trust', holder: base, statements })
    }
  }
  if (!isAtAws(aws)) return grants
  const steps = withSource(stepsOf(asks))
  return [
    ...grants,
    ...roles.flatMap((holder, at): Grant[] => {
      const [step, before] = [steps[at], holders[at]]
      if (!step || !before) return []
      return [{ kind: 'trust', holder, statements: [stepTrust(step, before.arn, isTagged(asks))] }]
    }),
  ]
}

/** The source identity that a step sets stays with the sessions of all steps after it, which need the same right. */
function withSource(steps: ReturnType<typeof stepsOf>): ReturnType<typeof stepsOf> {
  let source: string | undefined
  return steps.map(step => {
    source = step.sourceIdentity ?? source
    return source === undefined ? step : { ...step, sourceIdentity: source }
  })
}

/** What an identity of the chain may do for the role after it. */
function rightsOfStep(asks: ConnectorAsks, at: number): Explained[] {
  const step = withSource(stepsOf(asks))[at]
  return step ? [stepRight(step, isTagged(asks))] : []
}

/** Whether the user's own key makes credentials for consumers by GetFederationToken. */
function needsFederation({ aws, stores }: ConnectorAsks, isAws: boolean): boolean {
  const { auth, assumeRoles = [], issue } = aws
  if (!auth.accessKey || assumeRoles.length > 0 || !stores.some(({ uses }) => uses.length > 0)) return false
  return issue === 'FederationToken' || (issue === undefined && isAws)
}

const bucketsOf = (stores: StoreAsks[], principal: string, where: Where, account: string): Grant[] =>
  [...Map.groupBy(stores, ({ location }) => location.bucket)].map(([bucket, group]) => ({
    ...{ kind: 'bucket', account, bucket, principal },
    ...{ region: where.region, statements: bucketStatements(group, principal, where) },
  }))

function keysOf({ stores, policy }: ConnectorAsks, { arn: principal, account }: Holder, where: Where): Grant[] {
  // Names of grants have fewer characters than those of policies.
  const name = policy.replace(/[^A-Za-z0-9_-]/g, '_')
  const keyed = stores.filter(({ encryption }) => encryption?.type === 'SSE-KMS')
  return [...Map.groupBy(keyed, ({ encryption }) => encryption?.kmsKeyId ?? '')].map(([key, group]) => {
    const owner = accountOfKey(key) ?? account
    const statements = keyStatements(group, principal, where)
    const region = regionOfKey(key) ?? where.region
    return { kind: 'key', account: owner, key, name, region, principal, isNeeded: owner !== account, statements }
  })
}
