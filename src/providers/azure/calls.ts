/** The few calls to the blob service. Answers are values; only `signal.reason` and bugs are thrown. */
import {
  AnonymousCredential,
  BlobClient,
  type BlobServiceClient,
  type ContainerListBlobFlatSegmentResponse,
  newPipeline,
  type ServiceListContainersSegmentResponse,
  type UserDelegationKey,
} from '@azure/storage-blob'
import { BOUNDS } from '../../foreign/bounds.ts'
import { timeOf } from '../../foreign/numbers.ts'
import { bucketOf, tokenOf } from '../../foreign/text.ts'
import type { ListedPage } from '../count-pages.ts'
import { type Answer, isTooLarge } from '../network/answer.ts'
import type { Gate } from '../network/gate.ts'
import { ask, unexpectedAnswer } from './answer.ts'
import { type Send, storageHttpClient } from './http.ts'

export interface BlobRef {
  container: string
  blob: string
}

export interface ContainerPage {
  containers: string[]
  next?: string
}

export interface BlobCalls {
  /** Any answer but a refusal of the credentials shows that they are good. */
  accountInfo(signal: AbortSignal): Promise<Answer>
  /** Not abortable: all who ask share the answer. */
  delegationKey(startsOn: Date, expiresOn: Date): Promise<Answer<UserDelegationKey>>
  containerPage(marker: string | undefined, signal: AbortSignal): Promise<Answer<ContainerPage>>
  createContainer(container: string, signal: AbortSignal): Promise<Answer>
  listBlobs(container: string, prefix: string, signal: AbortSignal): Promise<Answer>
  blobPage(
    container: string,
    prefix: string,
    marker: string | undefined,
    signal: AbortSignal,
  ): Promise<Answer<ListedPage>>
  headBlob(ref: BlobRef, signal: AbortSignal): Promise<Answer>
  /** With a SAS token instead of the session's own credentials. */
  headBlobWith(sasToken: string, ref: BlobRef, signal: AbortSignal): Promise<Answer>
  /** A write under a condition that is never true: 412 shows that the caller may write, and nothing is written. */
  putNothing(ref: BlobRef, signal: AbortSignal): Promise<Answer>
  /** Not abortable: the caller must learn what was written, to delete it. */
  putBlob(ref: BlobRef): Promise<Answer>
  deleteBlob(ref: BlobRef, signal: AbortSignal): Promise<Answer>
  getTags(ref: BlobRef, signal: AbortSignal): Promise<Answer>
  setTags(ref: BlobRef, signal: AbortSignal): Promise<Answer>
}

/** Content of a probe blob, for people who find one. */
const PROBE_BODY = 'artifact-store-operator: write probe, safe to delete\n'
/** An ETag that no blob has, as services number theirs upwards. */
const NO_ETAG = '"0x0"'
/** Items in a page. To parse a larger one would block the event loop for too long. */
const PAGE = 1000
/** Fits into an answer also where every name is as long as names may be, and each of its characters is escaped. */
const PAGE_OF_LONG_NAMES = 250

export function blobCalls(service: BlobServiceClient, send: Send, gate: Gate): BlobCalls {
  async function call<Output, T>(
    operation: string,
    signal: AbortSignal | undefined,
    run: (abortSignal: AbortSignal) => Promise<Output>,
    value: (output: Output) => T,
  ): Promise<Answer<T>> {
    return ask(gate, operation, signal, async s => value(await run(s)))
  }
  const nothing = () => undefined
  const containerOf = (name: string) => service.getContainerClient(name)
  const blobOf = ({ container, blob }: BlobRef) => containerOf(container).getBlockBlobClient(blob)
  const blobsOf = (container: string, prefix: string, abortSignal: AbortSignal) =>
    containerOf(container).listBlobsFlat({ prefix, abortSignal })

  return {
    accountInfo: signal => call('GetAccountInfo', signal, s => service.getAccountInfo({ abortSignal: s }), nothing),

    delegationKey: (startsOn, expiresOn) =>
      call(
        'GetUserDelegationKey',
        undefined,
        s => service.getUserDelegationKey(startsOn, expiresOn, { abortSignal: s }),
        checkedKey,
      ),

    containerPage: (continuationToken, signal) =>
      call(
        'ListContainers',
        signal,
        s => service.listContainers({ abortSignal: s }).byPage(settings(PAGE, continuationToken)).next(),
        ({ value: page }: { value: ServiceListContainersSegmentResponse | undefined }) => ({
          containers: page?.containerItems.flatMap(({ name }) => bucketOf(name) ?? []) ?? [],
          ...(page?.continuationToken ? { next: page.continuationToken } : {}),
        }),
      ),

    createContainer: (container, signal) =>
      call('CreateContainer', signal, s => containerOf(container).create({ abortSignal: s }), nothing),

    listBlobs: (container, prefix, signal) =>
      call('ListBlobs', signal, s => blobsOf(container, prefix, s).byPage(settings(1)).next(), nothing),

    blobPage: async (container, prefix, marker, signal) => {
      const page = (objects: number) =>
        call(
          'ListBlobs',
          signal,
          s => blobsOf(container, prefix, s).byPage(settings(objects, marker)).next(),
          ({ value: page }: { value: ContainerListBlobFlatSegmentResponse | undefined }) => {
            const blobs = page?.segment.blobItems ?? []
            const bytes = blobs.reduce((sum, { properties }) => sum + (properties.contentLength ?? 0), 0)
            return {
              objects: blobs.length,
              bytes,
              ...(page?.continuationToken ? { next: page.continuationToken } : {}),
            }
          },
        )
      const answer = await page(PAGE)
      return isTooLarge(answer) ? page(PAGE_OF_LONG_NAMES) : answer
    },

    headBlob: (ref, signal) =>
      call('GetBlobProperties', signal, s => blobOf(ref).getProperties({ abortSignal: s }), nothing),

    headBlobWith(sasToken, ref, signal) {
      const pipeline = newPipeline(new AnonymousCredential(), {
        httpClient: storageHttpClient(send),
        retryOptions: { maxTries: 1 },
      })
      const blob = new BlobClient(`${blobOf(ref).url}?${sasToken}`, pipeline)
      return call('GetBlobProperties', signal, s => blob.getProperties({ abortSignal: s }), nothing)
    },

    putNothing: (ref, signal) =>
      call(
        'PutBlob',
        signal,
        s => blobOf(ref).upload('', 0, { conditions: { ifMatch: NO_ETAG }, abortSignal: s }),
        nothing,
      ),

    putBlob: ref =>
      call('PutBlob', undefined, s => blobOf(ref).upload(PROBE_BODY, PROBE_BODY.length, { abortSignal: s }), nothing),

    deleteBlob: (ref, signal) => call('DeleteBlob', signal, s => blobOf(ref).delete({ abortSignal: s }), nothing),

    getTags: (ref, signal) => call('GetBlobTags', signal, s => blobOf(ref).getTags({ abortSignal: s }), nothing),

    setTags: (ref, signal) => call('SetBlobTags', signal, s => blobOf(ref).setTags({}, { abortSignal: s }), nothing),
  }
}

/**
 * Refuses an answer without key or times: the SDK takes any XML for a key, and signing with it would then throw. SAS
 * tokens for consumers contain the other members.
 */
function checkedKey(key: UserDelegationKey): UserDelegationKey {
  const { value, signedObjectId, signedTenantId, signedService, signedVersion, signedStartsOn, signedExpiresOn } = key
  const words = [value, signedObjectId, signedTenantId, signedService, signedVersion]
  const good = words.every(word => tokenOf(word, BOUNDS.id)) && timeOf(signedStartsOn) && timeOf(signedExpiresOn)
  if (!good) throw unexpectedAnswer()
  return key
}

const settings = (maxPageSize: number, continuationToken?: string) => ({
  maxPageSize,
  ...(continuationToken === undefined ? {} : { continuationToken }),
})
