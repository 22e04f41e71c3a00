/** Pure: what stores need, as statements of policies: for their identity, for buckets and for KMS keys of other accounts. */
import { createHash } from 'node:crypto'
import { arnOfBucket } from '../identity/arn.ts'
import { partitionOf } from '../identity/partition.ts'
import { type Need, needsOf, type Place, type StoreAsks } from './store-needs.ts'

export interface Statement {
  /** Tells statements apart that are merged into a policy of others. */
  Sid?: string
  Effect: 'Allow'
  Principal?: Readonly<Record<string, string>>
  Action: string[]
  Resource?: string | string[]
  Condition?: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>
}

/** A statement, with what each of its actions is for. */
export interface Explained {
  statement: Statement
  /** By action, in their order. */
  because: string[]
}

/** Where the identity acts. */
export interface Where {
  region: string
  /** The account that KMS keys without one are of. */
  account: string
  /** Whether the service is AWS itself. */
  aws: boolean
}

interface Target {
  resource: string
  /** Patterns for keys that are listed; absent where all may be. */
  prefixes?: string[]
  condition?: Statement['Condition']
}

/** Statements for the identity. What is allowed on the same is one statement, and so are the same actions on several things. */
export const identityStatements = (stores: readonly StoreAsks[], where: Where): Explained[] =>
  grouped(stores.flatMap(asks => needsOf(asks, where.aws).map(need => ({ need, target: targetOf(need, asks, where) }))))

/** Statements of a bucket's policy, which lets in an identity of another account. */
export const bucketStatements = (stores: readonly StoreAsks[], principal: string, where: Where): Explained[] =>
  grouped(
    stores.flatMap(asks =>
      needsOf(asks, where.aws)
        .filter(({ place, action }) => isOfBucketPolicy(place) && action !== 's3:CreateBucket')
        .map(need => ({ need, target: targetOf(need, asks, where) })),
    ),
  )
    .map(explained => withPrincipal(explained, principal))
    .map(named)

/** With a name that says what is in it: a bucket has one policy for all, to which the statement is added once. */
function named({ statement, because }: Explained): Explained {
  const hash = createHash('sha256').update(JSON.stringify(statement)).digest('hex')
  return { statement: { Sid: `ArtifactStore${hash.slice(0, 16)}`, ...statement }, because }
}

/** Statements of a KMS key's policy. There, the resource is the key itself, whatever it is called. */
export const keyStatements = (stores: readonly StoreAsks[], principal: string, where: Where): Explained[] =>
  grouped(
    stores.flatMap(asks =>
      needsOf(asks, where.aws)
        .filter(({ place }) => place === 'key')
        .map(need => ({ need, target: { resource: '*', condition: viaS3(where) } })),
    ),
  ).map(explained => withPrincipal(explained, principal))

const isOfBucketPolicy = (place: Place): boolean => ['listing', 'bucket', 'objects', 'ownAcl'].includes(place)

const withPrincipal = ({ statement, because }: Explained, principal: string): Explained => {
  const { Effect, ...rest } = statement
  return { statement: { Effect, Principal: { AWS: principal }, ...rest }, because }
}

interface Allowed {
  need: Need
  target: Target
}

function grouped(allowed: readonly Allowed[]): Explained[] {
  const onSame = [...Map.groupBy(allowed, ({ target }) => JSON.stringify(target)).values()].flatMap(group => {
    const needs = [...new Map(group.map(({ need }) => [need.action, need])).values()]
    const [first] = group
    return first ? [{ needs, target: first.target }] : []
  })
  const alike = Map.groupBy(withPrefixes(onSame), ({ needs, target }) =>
    JSON.stringify([needs.map(({ action }) => action), target.condition]),
  )
  return [...alike.values()].flatMap(group => {
    const [first] = group
    if (!first) return []
    const { needs, target } = first
    const resources = group.map(({ target }) => target.resource)
    const Resource = resources.length === 1 ? target.resource : resources
    const Action = needs.map(({ action }) => action)
    const Condition = target.condition ? { Condition: target.condition } : {}
    return [{ statement: { Effect: 'Allow', Action, Resource, ...Condition }, because: needs.map(n => n.because) }]
  })
}

interface OnSame {
  needs: Need[]
  target: Target
}

/** The same actions below several prefixes of a bucket are one, with a list of prefixes: policies may not be long. */
function withPrefixes(all: readonly OnSame[]): OnSame[] {
  const groups = Map.groupBy(all, ({ needs, target: { resource, prefixes } }) =>
    prefixes ? JSON.stringify([needs.map(({ action }) => action), resource]) : Symbol('alone'),
  )
  return [...groups.values()].flatMap(group => {
    const [first] = group
    if (!first) return []
    const prefixes = group.flatMap(({ target }) => target.prefixes ?? [])
    const [only, ...others] = prefixes
    if (only === undefined) return [first]
    const condition = { StringLike: { 's3:prefix': others.length === 0 ? only : prefixes } }
    return [{ needs: first.needs, target: { resource: first.target.resource, condition } }]
  })
}

function targetOf({ place }: Need, asks: StoreAsks, where: Where): Target {
  const { bucket, prefix } = asks.location
  const arn = arnOfBucket(literal(bucket), partitionNameOf(where))
  const objects = `${arn}/${literal(prefix)}*`
  switch (place) {
    case 'account':
      return { resource: '*' }
    case 'bucket':
      return { resource: arn }
    case 'listing':
      return prefix === '' ? { resource: arn } : { resource: arn, prefixes: [`${literal(prefix)}*`] }
    case 'objects':
      return { resource: objects }
    case 'ownAcl':
      return { resource: objects, condition: { StringEquals: { 's3:x-amz-acl': asks.acl ?? '' } } }
    case 'key':
      return keyTarget(asks.encryption?.kmsKeyId ?? '', where)
  }
}

const partitionNameOf = ({ aws, region }: Where): string => (aws ? partitionOf(region).name : 'aws')

const viaS3 = ({ region }: Where) => ({
  StringEquals: { 'kms:ViaService': `s3.${region}.${partitionOf(region).dnsSuffix}` },
})

/** Account of a key's ARN; undefined for a bare id or alias, which is one of the caller's account. */
export const accountOfKey = (key: string): string | undefined =>
  key.startsWith('arn:') ? key.split(':', 5)[4] || undefined : undefined

/** Region of a key's ARN; undefined for a bare id or alias. */
export const regionOfKey = (key: string): string | undefined =>
  key.startsWith('arn:') ? key.split(':', 4)[3] || undefined : undefined

/** A key by its ARN. Policies can't name an alias: they name all keys of the account, and ask for the alias. */
function keyTarget(key: string, where: Where): Target {
  const condition = viaS3(where)
  const [, name = key] = /^arn:[^:]{1,64}:kms:[^:]{0,64}:[^:]{0,64}:(.{1,2048})$/.exec(key) ?? []
  const region = regionOfKey(key) ?? where.region
  const base = `arn:${partitionNameOf(where)}:kms:${region}:${accountOfKey(key) ?? where.account}`
  if (!name.startsWith('alias/')) {
    return { resource: `${base}:key/${literal(name.replace(/^key\//, ''))}`, condition }
  }
  return {
    resource: `${base}:key/*`,
    condition: { ...condition, 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': name } },
  }
}

/** A name as policies read it: `*`, `?` and `$` would be wildcards and variables. */
const literal = (name: string): string => name.replace(/[*?$]/g, character => `\${${character}}`)
