/** Calls that list buckets and objects, one page with each call. */
import { ListBucketsCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { bucketOf, regionOf } from '../../../foreign/text.ts'
import type { ListedPage } from '../../count-pages.ts'
import { isTooLarge } from '../../network/answer.ts'
import type { Answer } from '../answers/answer.ts'
import type { Call, Sender } from './call.ts'

/** The most that AWS and most other services return in a page. */
const PAGE = 1000
/** Fits into an answer also where every key is as long as keys may be, and each of its characters is escaped. */
const PAGE_OF_LONG_KEYS = 250

export interface BucketPage {
  buckets: { name: string; region?: string }[]
  /** Token of the next page; absent on the last page. */
  next?: string
}

export interface ListingCalls {
  /** Lists a page of buckets. `page`: `next` of the page before. */
  listBuckets(signal?: AbortSignal, page?: string): Promise<Answer<BucketPage>>
  /** Counts a page of the objects whose keys come after `after`. */
  objectPage(
    bucket: string,
    prefix: string,
    after: string | undefined,
    signal: AbortSignal,
  ): Promise<Answer<ListedPage>>
}

export function listingCalls(client: S3Client, call: Call, wired: Sender = client): ListingCalls {
  return {
    listBuckets: (signal, page) =>
      call(
        'ListBuckets',
        signal,
        s =>
          client.send(new ListBucketsCommand({ MaxBuckets: PAGE, ...(page ? { ContinuationToken: page } : {}) }), {
            abortSignal: s,
          }),
        ({ Buckets = [], ContinuationToken: next }) => ({
          buckets: Buckets.flatMap(({ Name, BucketRegion }) => {
            const [name, region] = [bucketOf(Name), regionOf(BucketRegion)]
            return name ? [{ name, ...(region ? { region } : {}) }] : []
          }),
          ...(next ? { next } : {}),
        }),
      ),

    objectPage: (Bucket, Prefix, after, signal) =>
      withLongKeys(MaxKeys =>
        call(
          'ListObjectsV2',
          signal,
          s =>
            wired.send(
              new ListObjectsV2Command({
                ...{ Bucket, Prefix, MaxKeys },
                // Keys may have characters that XML does not allow.
                EncodingType: 'url',
                ...(after === undefined ? {} : { StartAfter: after }),
              }),
              { abortSignal: s },
            ),
          ({ Contents = [], IsTruncated = false, EncodingType }) => {
            const keyOf = (key: string) => (EncodingType === 'url' ? decoded(key) : key)
            const [first] = Contents
            // Some services begin with the key after which they were to begin.
            const isCounted = first?.Key !== undefined && keyOf(first.Key) === after
            const counted = isCounted ? Contents.slice(1) : Contents
            const last = Contents.at(-1)?.Key
            return {
              objects: counted.length,
              bytes: counted.reduce((sum, { Size = 0 }) => sum + Size, 0),
              // Without a last key the page leads nowhere but to itself.
              ...(IsTruncated ? { next: last === undefined ? (after ?? '') : keyOf(last) } : {}),
            }
          },
        ),
      ),
  }
}

/** Asks for a page, and for a smaller one when that is too large. */
async function withLongKeys<A extends Answer>(page: (objects: number) => Promise<A>): Promise<A> {
  const answer = await page(PAGE)
  return isTooLarge(answer) ? page(PAGE_OF_LONG_KEYS) : answer
}

const decoded = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '))
