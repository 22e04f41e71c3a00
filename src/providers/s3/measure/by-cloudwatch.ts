/** Measurement by the numbers of a bucket that S3 publishes to CloudWatch once a day. */
import { type Failure, isFailure, stalled, waiting } from '../../../api/failures.ts'
import { countOf } from '../../../foreign/numbers.ts'
import { isOk } from '../../network/answer.ts'
import type { Usage, UsageRequest } from '../../provider.ts'
import { type Answer, denial, isDenied, words } from '../answers/answer.ts'
import { cloudWatchEndpoint } from '../answers/cloudwatch-endpoint.ts'
import { failureOf } from '../answers/failures.ts'
import type { ProbeContext } from '../answers/judge.ts'
import { type CloudWatchCalls, OBJECT_COUNT, type StorageMetric } from '../calls/cloudwatch-calls.ts'

export async function measureByCloudWatch(
  calls: CloudWatchCalls,
  { location: { bucket } }: UsageRequest,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<Usage | Failure> {
  const types = answered('cloudwatch:ListMetrics', await calls.storageTypes(bucket, signal), context)
  if (isFailure(types)) return types
  if (types.length === 0) return noMetricsYet(bucket)

  const sizes = types.map((storageType): StorageMetric => ({ name: 'BucketSizeBytes', storageType }))
  const answer = await calls.newest(bucket, [OBJECT_COUNT, ...sizes], signal)
  const values = answered('cloudwatch:GetMetricData', answer, context)
  if (isFailure(values)) return values
  const [objects, ...bytes] = values.map(countOf)
  // A kind of storage that the bucket no longer uses has no value in the last days.
  const known = bytes.filter(value => value !== undefined)
  if (objects === undefined || known.length === 0) return noMetricsYet(bucket)
  return { kind: 'usage', objects, bytes: known.reduce((sum, value) => sum + value, 0), scope: 'Bucket' }
}

const noMetricsYet = (bucket: string): Failure =>
  waiting(
    'NoMetricsYet',
    `CloudWatch has no storage metrics of bucket "${bucket}": S3 publishes them once a day, and none for an empty bucket`,
  )

function answered<T>(action: string, answer: Answer<T>, context: ProbeContext): T | Failure {
  if (isOk(answer) && answer.value !== undefined) return answer.value
  const endpoint = cloudWatchEndpoint(context)
  const failure = failureOf(answer, { ...context, endpoint })
  if (failure) return failure
  const otherwise = 'use spec.usage.source: List'
  if (isDenied(answer)) {
    const refusal = denial({ action }, answer, context)
    return stalled('PermissionDenied', `${refusal}: allow it in the policy of that identity, or ${otherwise}`)
  }
  const call = action.replace('cloudwatch:', '')
  return stalled('CloudWatchFailed', `${endpoint.host} answered ${words(answer)} to ${call}: ${otherwise}`)
}
