/** Counts blobs by listing. */
import { type Failure, stalled } from '../../api/failures.ts'
import { countPages, isNoProgress, noProgress } from '../count-pages.ts'
import type { Answer } from '../network/answer.ts'
import type { Location, Usage, UsageRequest } from '../provider.ts'
import { saidIn } from '../said.ts'
import type { BlobCalls } from './calls.ts'
import { type Asked, failureOf } from './failures.ts'
import { LIST } from './permissions.ts'

/** Counts what is below the prefix. `progress.after` is the service's marker for the next page, which is opaque. */
export async function measureByListing(
  calls: Pick<BlobCalls, 'blobPage'>,
  request: UsageRequest,
  context: Asked,
  signal: AbortSignal,
): Promise<Usage | Failure> {
  const { location, progress } = request
  const page = (after: string | undefined) => calls.blobPage(location.bucket, location.prefix, after, signal)
  const counted = await countPages(request, page)
  if ('kind' in counted) return counted
  // The service takes the marker no more, so the count begins again.
  const anew = counted.status === 400 && progress ? await countPages({ location }, page) : counted
  return 'kind' in anew ? anew : failed(anew, location, context)
}

function failed(answer: Answer, location: Location, context: Asked): Failure {
  const failure = failureOf(answer, { ...context, container: location.bucket })
  if (failure) return failure
  const otherwise = 'set spec.usage.source: None'
  const { host } = context.identity.blob
  if (isNoProgress(answer)) return stalled('ListingFailed', `${noProgress(host, location.uri)}: ${otherwise}`)
  if (answer.status === 403) {
    return stalled(
      'PermissionDenied',
      `${LIST} denied on ${location.uri} for ${context.who}: allow it, or ${otherwise}`,
    )
  }
  const words = `HTTP ${answer.status} ${answer.code}`
  return stalled(
    'ListingFailed',
    `${host} answered ${words}${saidIn(answer)} to a list of ${location.uri}: ${otherwise}`,
  )
}
