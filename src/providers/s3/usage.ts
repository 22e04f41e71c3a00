/** Counts objects by listing, a bounded number a call. */
import { type Failure, stalled } from '../../api/failures.ts'
import type { Location, Usage, UsageRequest } from '../provider.ts'
import { type Answer, isOk } from './answer.ts'
import { failureOf } from './failures.ts'
import { denial, isDenied, type ProbeContext, words } from './judge.ts'
import type { ListingCalls } from './listing-calls.ts'

/** Of 1000 objects each: some seconds. */
const PAGES_MAX = 20

export async function measureByListing(
  calls: Pick<ListingCalls, 'objectPage'>,
  { location, progress }: UsageRequest,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<Usage | Failure> {
  const { bucket, prefix } = location
  let { objects, bytes } = progress ?? { objects: 0, bytes: 0 }
  let after = progress?.after
  const counted = () => ({ kind: 'usage', objects, bytes, scope: prefix === '' ? 'Bucket' : 'Prefix' }) as const

  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const answer = await calls.objectPage(bucket, prefix, after, signal)
    const page = answer.value
    if (!isOk(answer) || !page) {
      // What was counted is kept; the next call says what is wrong, when it still is.
      if (pages > 0) break
      return failed(answer, location, context)
    }
    objects += page.objects
    bytes += page.bytes
    // A page without a last key gives nothing to go on with.
    if (!page.more || page.last === undefined) return counted()
    after = page.last
  }
  return { ...counted(), progress: { objects, bytes, after: after ?? '' } }
}

function failed(answer: Answer, location: Location, context: ProbeContext): Failure {
  const failure = failureOf(answer, { ...context, bucket: location.bucket })
  if (failure) return failure
  const otherwise = 'set spec.usage.source: None'
  if (isDenied(answer)) {
    const refusal = denial({ action: 's3:ListBucket', location }, answer, context)
    return stalled('PermissionDenied', `${refusal}: allow it in the policy of that identity, or ${otherwise}`)
  }
  const { host } = context.endpoint
  return stalled('ListingFailed', `${host} answered ${words(answer)} to a list of ${location.uri}: ${otherwise}`)
}
