/** Pure: buckets and regions that can't be used, whatever the service would say of them. */
import { type Failure, stalled } from '../../../api/failures.ts'
import type { BucketRequest } from '../../provider.ts'
import { isAws, type S3Identity } from './identity.ts'
import { partitionOf } from './partition.ts'

type Where = Pick<S3Identity, 's3' | 'region'>

/** Why a store may not be there, or not ask for that region. */
export const refuses = (identity: Where, { location, region }: BucketRequest): Failure | undefined =>
  unusable(location.bucket, identity) ?? otherPartition(identity, region)

/** What a name says of a bucket, by its end. SDKs know the first two by it at every service. */
const KINDS: [end: RegExp, kind: string, everywhere: boolean][] = [
  [/--xa?-s3$/, 'a directory bucket (S3 Express One Zone)', true],
  [/--op-s3$/, 'an access point of S3 on Outposts', true],
  [/-s3alias$/, 'an access point', false],
  [/--ol-s3$/, 'an Object Lambda access point', false],
  [/\.mrap$/, 'a multi-Region access point', false],
  [/--table-s3$/, 'a table bucket', false],
]

/**
 * A Failure for a name that AWS reserves: it answers calls like a bucket, but policies can't name it, so credentials for
 * consumers would open nothing.
 */
export function unusable(bucket: string, identity: Pick<Where, 's3'>): Failure | undefined {
  const [, kind] = KINDS.find(([end, , everywhere]) => end.test(bucket) && (everywhere || isAws(identity))) ?? []
  if (!kind) return undefined
  return stalled(
    'InvalidBucketName',
    `spec.path: "${bucket}" is the name of ${kind}, of which no credentials for a prefix can be made: use the general purpose bucket itself in spec.path`,
  )
}

/** Credentials of one partition are unknown in the others. */
function otherPartition(identity: Where, region: string | undefined): Failure | undefined {
  if (region === undefined || !isAws(identity)) return undefined
  const [here, there] = [partitionOf(identity.region).name, partitionOf(region).name]
  if (here === there) return undefined
  return stalled(
    'InvalidRegion',
    `spec.bucket.region: "${region}" is in partition "${there}" of AWS, and the connector acts in "${here}": use a region of that, or a ServiceConnector with an identity in "${there}"`,
  )
}
