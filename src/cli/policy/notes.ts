/** Pure: what to know of policies besides what they say. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { AwsSpec } from '../../api/aws-connector.ts'
import { keyOf } from '../../api/object.ts'
import { unprovable } from '../../providers/s3/needs/store-needs.ts'
import type { ClusterFacts } from './facts.ts'
import { isReplacedWhole } from './peers.ts'
import type { S3Sheet, Subject } from './sheet.ts'

export function s3Notes(
  { connector, stores, of, bucketAccount, facts }: Subject,
  aws: AwsSpec,
  cloud: S3Sheet['cloud'],
): string[] {
  const notes: string[] = []
  const isAws = cloud === 'AWS'
  if (stores.some(({ spec }) => spec.bucket?.create)) {
    notes.push(
      'spec.bucket.create needs to see the bucket as a whole: once it is there, remove create, and run this again for narrower rights',
    )
  }
  if (isAws && bucketAccount === undefined) {
    notes.push('a bucket of another account also needs a bucket policy: give that account by --bucket-account')
  }
  if (connector.spec.resources?.some(resource => resource.includes('*'))) {
    notes.push(
      'the connector lists buckets by "*" in spec.resources only with s3:ListAllMyBuckets on "*"; no store needs that',
    )
  }
  if (!isAws && aws.auth.webIdentity) {
    notes.push(
      'how another service than AWS trusts the cluster, and what its roles are, is its own matter: see docs/aws-buckets.md',
    )
  }
  if (isReplacedWhole(connector)) notes.push(wholeNote(stores, facts))
  if (aws.issue === 'Static' || aws.issue === 'SessionToken') {
    notes.push(`consumers get all rights of the user, as spec.aws.issue is ${aws.issue}`)
  }
  if (aws.auth.implicit) {
    notes.push(
      'sts:TagSession is for the tags of EKS Pod Identity: leave it out where the operator gets its identity in another way',
    )
  }
  const unproven = stores.flatMap(({ spec: { verification } }) =>
    unprovable({ required: verification?.require ?? [] }, isAws),
  )
  if (unproven.length > 0) {
    notes.push(
      `nothing is for ${[...new Set(unproven)].join(', ')}, as the operator can't prove it: leave it out of spec.verification.require`,
    )
  }
  if (stores.length === 0) notes.push(`no store that you may read uses the connector of ${of.kind} "${of.name}"`)
  return notes
}

/** How many stores a note names. */
const NAMED = 20

/** Keys of stores, as far as there is room. */
export const namesOf = (keys: readonly string[]): string =>
  keys.slice(0, NAMED).join(', ') + (keys.length > NAMED ? ` and ${keys.length - NAMED} more` : '')

/**
 * What is replaced as a whole must have what all of its stores need. They are named, as anybody who may write a store has
 * its bucket among them.
 */
export function wholeNote(stores: readonly ArtifactStore[], { unread }: ClusterFacts): string {
  const whose = stores.length === 0 ? '0' : `${stores.length}: ${namesOf(stores.map(keyOf))}`
  return unread === undefined
    ? `one set of rights is for all who use it, and is replaced: it has what each of the stores in this cluster needs (${whose})`
    : `one set of rights is for all who use it, and is replaced: it has what some of the stores need (${whose}), and takes away what others need that you may not read (${unread})`
}
