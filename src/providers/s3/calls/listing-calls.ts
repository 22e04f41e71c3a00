/** Calls that list buckets and objects, a page each. */
import { ListBucketsCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import type { ListedPage } from '../../count-pages.ts'
import type { Answer } from '../answers/answer.ts'
import type { Call } from './call.ts'

/** What both AWS and most other services give at most a page. */
const PAGE = 1000

export interface BucketPage {
  buckets: { name: string; region?: string }[]
  /** Absent: the last page. */
  next?: string
}

export interface ListingCalls {
  /** `page`: what the page before calls `next`. */
  listBuckets(signal?: AbortSignal, page?: string): Promise<Answer<BucketPage>>
  /** Objects whose keys come after `after`. */
  objectPage(
    bucket: string,
    prefix: string,
    after: string | undefined,
    signal: AbortSignal,
  ): Promise<Answer<ListedPage>>
}

export function listingCalls(client: S3Client, call: Call): ListingCalls {
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
          buckets: Buckets.flatMap(({ Name: name, BucketRegion: region }) =>
            name ? [{ name, ...(region ? { region } : {}) }] : [],
          ),
          ...(next ? { next } : {}),
        }),
      ),

    objectPage: (Bucket, Prefix, after, signal) =>
      call(
        'ListObjectsV2',
        signal,
        s =>
          client.send(
            new ListObjectsV2Command({
              ...{ Bucket, Prefix, MaxKeys: PAGE },
              // Keys may have characters that XML has not.
              EncodingType: 'url',
              ...(after === undefined ? {} : { StartAfter: after }),
            }),
            { abortSignal: s },
          ),
        ({ Contents = [], IsTruncated = false, EncodingType }) => {
          const key = Contents.at(-1)?.Key
          return {
            objects: Contents.length,
            bytes: Contents.reduce((sum, { Size = 0 }) => sum + Size, 0),
            // A page without a last key gives nothing to go on with.
            ...(IsTruncated && key !== undefined ? { next: EncodingType === 'url' ? decoded(key) : key } : {}),
          }
        },
      ),
  }
}

const decoded = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '))
