/** Counts blobs by listing, a bounded number a call. */
import { type Failure, stalled } from '../../api/failures.ts'
import type { Location, Usage, UsageRequest } from '../provider.ts'
import { type Answer, isOk } from './answer.ts'
import type { BlobCalls } from './calls.ts'
import { type Asked, failureOf } from './failures.ts'
import { LIST } from './permissions.ts'

/** Of 1000 blobs each: some seconds. */
const PAGES_MAX = 20

/** `progress.after` is where the service goes on: its marker, opaque. */
export async function measureByListing(
  calls: Pick<BlobCalls, 'blobPage'>,
  { location, progress }: UsageRequest,
  context: Asked,
  signal: AbortSignal,
): Promise<Usage | Failure> {
  const { bucket, prefix } = location
  let { objects, bytes } = progress ?? { objects: 0, bytes: 0 }
  let after = progress?.after
  const counted = () => ({ kind: 'usage', objects, bytes, scope: prefix === '' ? 'Bucket' : 'Prefix' }) as const

  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const answer = await calls.blobPage(bucket, prefix, after, signal)
    const page = answer.value
    if (!isOk(answer) || !page) {
      // What was counted is kept; the next call says what is wrong, when it still is.
      if (pages > 0) break
      // A marker that the service takes no more: from the start.
      if (answer.status === 400 && progress)
        return measureByListing(calls, { location, source: 'List' }, context, signal)
      return failed(answer, location, context)
    }
    objects += page.blobs
    bytes += page.bytes
    if (page.next === undefined) return counted()
    after = page.next
  }
  return { ...counted(), progress: { objects, bytes, after: after ?? '' } }
}

function failed(answer: Answer, location: Location, context: Asked): Failure {
  const failure = failureOf(answer, { ...context, container: location.bucket })
  if (failure) return failure
  const otherwise = 'set spec.usage.source: None'
  if (answer.status === 403) {
    return stalled(
      'PermissionDenied',
      `${LIST} denied on ${location.uri} for ${context.who}: allow it, or ${otherwise}`,
    )
  }
  const { host } = context.identity.blob
  const words = `HTTP ${answer.status} ${answer.code}`
  return stalled('ListingFailed', `${host} answered ${words} to a list of ${location.uri}: ${otherwise}`)
}
