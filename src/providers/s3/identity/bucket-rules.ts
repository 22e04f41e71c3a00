/** Pure: buckets and regions that can't be used, whatever the service would say of them. */
import { type Failure, stalled } from '../../../api/failures.ts'
import type { BucketRequest } from '../../provider.ts'
import { isAws, type S3Identity } from './identity.ts'
import { partitionOf } from './partition.ts'

type Where = Pick<S3Identity, 's3' | 'region'>

/** Why a store may not be there, or not ask for that region. */
export const refuses = (identity: Where, { location, create, region }: BucketRequest): Failure | undefined =>
  unusable(location.bucket, identity) ??
  unlikeAws(location.bucket, identity, create) ??
  otherPartition(identity, region)

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

/** Names that AWS allows. Other services have buckets with more characters, but not all of them let such be made. */
const NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/

/** A Failure for a name with characters that AWS does not allow, at AWS or where a bucket is to be made. */
function unlikeAws(bucket: string, identity: Pick<Where, 's3'>, create: boolean): Failure | undefined {
  if (NAME.test(bucket) || !(create || isAws(identity))) return undefined
  const cure = isAws(identity)
    ? 'correct it, or use a ServiceConnector whose spec.aws.endpoint is the service that has this bucket'
    : 'use such a name, or make the bucket yourself and remove spec.bucket.create'
  return stalled(
    'InvalidBucketName',
    `spec.path: "${bucket}" is no bucket name of 3 to 63 lower-case letters, digits, dots and hyphens${isAws(identity) ? ', as AWS has them' : ', which is asked of new buckets'}: ${cure}`,
  )
}

/** Credentials of one partition are unknown in the others. */
function otherPartition(identity: Where, region: string | undefined): Failure | undefined {
  if (region === undefined || !isAws(identity)) return undefined
  if (/[A-Z]/.test(region)) {
    const message = `spec.bucket.region: "${region}" is no region of AWS: write its code in lower case, such as eu-west-1`
    return stalled('InvalidRegion', message)
  }
  const [here, there] = [partitionOf(identity.region).name, partitionOf(region).name]
  if (here === there) return undefined
  return stalled(
    'InvalidRegion',
    `spec.bucket.region: "${region}" is in partition "${there}" of AWS, and the connector acts in "${here}": use a region of that, or a ServiceConnector with an identity in "${there}"`,
  )
}
