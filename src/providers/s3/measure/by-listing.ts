/** Measurement by listing, and counting, the objects. */
import { type Failure, stalled } from '../../../api/failures.ts'
import { countPages, isNoProgress, noProgress } from '../../count-pages.ts'
import type { Location, Usage, UsageRequest } from '../../provider.ts'
import { type Answer, denial, isDenied, words } from '../answers/answer.ts'
import { failureOf } from '../answers/failures.ts'
import type { ProbeContext } from '../answers/judge.ts'
import type { ListingCalls } from '../calls/listing-calls.ts'

export async function measureByListing(
  calls: Pick<ListingCalls, 'objectPage'>,
  request: UsageRequest,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<Usage | Failure> {
  const { location } = request
  const { bucket, prefix } = location
  const counted = await countPages(request, after => calls.objectPage(bucket, prefix, after, signal))
  return 'kind' in counted ? counted : failed(counted, location, context)
}

function failed(answer: Answer, location: Location, context: ProbeContext): Failure {
  const failure = failureOf(answer, { ...context, bucket: location.bucket })
  if (failure) return failure
  const otherwise = 'set spec.usage.source: None'
  const { host } = context.endpoint
  if (isNoProgress(answer)) return stalled('ListingFailed', `${noProgress(host, location.uri)}: ${otherwise}`)
  if (isDenied(answer)) {
    const refusal = denial({ action: 's3:ListBucket', location }, answer, context)
    return stalled('PermissionDenied', `${refusal}: allow it in the policy of that identity, or ${otherwise}`)
  }
  return stalled('ListingFailed', `${host} answered ${words(answer)} to a list of ${location.uri}: ${otherwise}`)
}
