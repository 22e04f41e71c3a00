/** Pure: what to know where policies are too many, or too large, for the service. */
import type { Grant } from '../../providers/s3/needs/grants.ts'
import { MANAGED_AT_ONCE, MAX_BUCKET, sizeOf } from '../../providers/s3/needs/policy-size.ts'
import type { S3Sheet, Subject } from './sheet.ts'

type OfBucket = Grant & { kind: 'bucket' }

/** Whether S3 takes the policy at all. */
export const isTooLarge = ({ statements }: Pick<OfBucket, 'statements'>): boolean => sizeOf(statements) > MAX_BUCKET

export function sizeNotes({ of, others }: Subject, grants: readonly Grant[], cloud: S3Sheet['cloud']): string[] {
  const notes = grants.flatMap(grant =>
    grant.kind === 'bucket' && isTooLarge(grant)
      ? `the policy of bucket ${grant.bucket} would have ${sizeOf(grant.statements)} bytes, and S3 takes ${MAX_BUCKET}: let the identity become a role of account ${grant.account} instead (spec.aws.assumeRoles)`
      : [],
  )
  const parts = grants.filter(grant => grant.kind === 'identity' && grant.isManaged)
  if (cloud === 'S3' || parts.length === 0) return notes
  const [first] = parts
  const who = first?.kind === 'identity' ? `the ${first.holder.kind}` : 'the identity'
  notes.push(`the policies are managed, as the inline policies of ${who} have no room for what all of its stores need`)
  const { byDefault, atMost } = MANAGED_AT_ONCE
  const ofStores = of.kind === 'store' ? parts.length + others.length : parts.length
  if (parts.length > atMost) {
    notes.push(
      `these are ${parts.length} policies, and an identity of IAM has ${atMost} at most: share the stores out among several identities, each with its connector`,
    )
  } else if (ofStores > byDefault && of.kind === 'store') {
    notes.push(
      `with policies for each of its stores, ${who} has more than the ${byDefault} that IAM lets it have: use "policy connector/${of.connector.split('/')[1] ?? ''}", which puts all of them into few`,
    )
  } else if (parts.length > byDefault) {
    notes.push(
      `these are ${parts.length} policies: ask for a higher quota "Managed policies attached to a role" or "to a user", which is ${byDefault} at first and ${atMost} at most`,
    )
  }
  return notes
}
