/** Makes a bucket what `spec.bucket` asks for. */
import { type Failure, stalled } from '../../api/failures.ts'
import type { BucketRequest, Prepared } from '../provider.ts'
import type { S3Calls } from './calls.ts'
import type { ProbeContext } from './conclude-probe.ts'

export async function prepareBucket(
  _calls: S3Calls,
  _request: BucketRequest,
  _context: ProbeContext,
  _signal: AbortSignal,
): Promise<Prepared | Failure> {
  return stalled('NotImplemented', 'prepareBucket')
}
