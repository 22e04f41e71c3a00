/** Pure: failures to make a bucket what `spec.bucket` asks for. */
import { type Failure, stalled, transient } from '../../../api/failures.ts'
import { quoting } from '../../said.ts'
import { type Answer, codeWords, denial, isDenied } from '../answers/answer.ts'
import { failureOf } from '../answers/failures.ts'
import type { ProbeContext } from '../answers/judge.ts'

/** A step that was tried. */
export interface Step {
  /** Permission that the step takes: `s3:CreateBucket`. */
  action: string
  /** Text for the step: `create bucket "ml"`. */
  what: string
  /** What people can do instead of allowing the step: `remove spec.bucket.create`. */
  otherwise: string
}

export function stepFailure(answer: Answer, bucket: string, step: Step, context: ProbeContext): Failure {
  const failure = failureOf(answer, { ...context, bucket })
  if (failure) return failure
  const { action, what, otherwise } = step
  if (isDenied(answer)) {
    const refusal = denial({ action, location: { uri: `s3://${bucket}` } }, answer, context)
    return stalled('PermissionDenied', `${refusal}: allow it in the policy of that identity, or ${otherwise}`)
  }
  if (answer.code === 'OperationAborted') {
    return transient('BucketBusy', `bucket "${bucket}" is being changed by somebody else: trying again later`)
  }
  const refused = `${context.endpoint.host} refuses to ${what} (${codeWords(answer)}): ${otherwise}`
  return quoting(stalled('BucketChangeRefused', refused), answer)
}

/** Codes for a region in which a bucket can't be created, those of MinIO and Ceph included. */
const LOCATION_REFUSED = /LocationConstraint|^InvalidRegion$/

export const refusesLocation = ({ code = '' }: Answer): boolean => LOCATION_REFUSED.test(code)

export function createBucketFailure(
  answer: Answer,
  bucket: string,
  region: string | undefined,
  context: ProbeContext,
): Failure {
  const { host } = context.endpoint
  if (answer.code === 'BucketAlreadyExists') return nameTaken(bucket)
  if (answer.code === 'TooManyBuckets') {
    return stalled(
      'BucketQuotaExceeded',
      `${host} refuses to create bucket "${bucket}": the account has as many as it may have: delete unused ones, or have the quota raised`,
    )
  }
  if (refusesLocation(answer)) {
    const refused = `${host} creates no bucket in region "${region ?? ''}" (${codeWords(answer)})`
    const cure = 'correct spec.bucket.region, or spec.aws.region of the connector'
    return quoting(stalled('InvalidRegion', `${refused}: ${cure}`), answer)
  }
  const step = { action: 's3:CreateBucket', what: `create bucket "${bucket}"`, otherwise: 'remove spec.bucket.create' }
  return stepFailure(answer, bucket, step, context)
}

export const nameTaken = (bucket: string): Failure =>
  stalled(
    'BucketNameTaken',
    `bucket "${bucket}" belongs to another account: choose another name in spec.path, or remove spec.bucket.create to use it as it is`,
  )

/** A Failure for a bucket that AWS answers 403 for: it is somebody else's, or may not be listed. */
export const notSeen = (bucket: string): Failure =>
  stalled(
    'BucketNameTaken',
    `bucket "${bucket}" exists, and either belongs to another account or may not be seen: choose another name in spec.path, allow s3:ListBucket, or remove spec.bucket.create`,
  )

/** The cure where a probe then finds that all is denied: the bucket may be absent, or somebody else's. */
export const neitherSeenNorCreated = (bucket: string): string =>
  `the identity may neither see bucket "${bucket}" nor create it (s3:CreateBucket denied): create the bucket with another identity, or allow s3:CreateBucket and s3:ListBucket in the policy of this one`

/** A Failure for a bucket in another region than `spec.bucket` or the session has. */
export const elsewhere = (bucket: string, is: string, asked: string): Failure =>
  stalled('WrongRegion', `bucket "${bucket}" is in region "${is}", not in "${asked}": correct spec.bucket.region`)
