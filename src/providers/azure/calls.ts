/** The few calls of the blob service that we make. Answers are values; only `signal.reason` and bugs are thrown. */
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
import type { Answer } from '../network/answer.ts'
import type { Gate } from '../network/gate.ts'
import { ask, unexpectedAnswer } from './answer.ts'
import { type Send, storageHttpClient } from './http.ts'

export interface Target {
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
  /** Not abortable: whoever asks shares the answer. */
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
  headBlob(target: Target, signal: AbortSignal): Promise<Answer>
  /** With a SAS token instead of the session's own credentials. */
  headBlobWith(sasToken: string, target: Target, signal: AbortSignal): Promise<Answer>
  /** Under a condition that never holds: 412 tells who may write, and nothing is written. */
  putNothing(target: Target, signal: AbortSignal): Promise<Answer>
  /** Not abortable: whoever writes must clean up. */
  putBlob(target: Target): Promise<Answer>
  deleteBlob(target: Target, signal: AbortSignal): Promise<Answer>
  getTags(target: Target, signal: AbortSignal): Promise<Answer>
  setTags(target: Target, signal: AbortSignal): Promise<Answer>
}

/** What a probe blob holds, for people who find one. */
const PROBE_BODY = 'artifact-store-operator: write probe, safe to delete\n'
/** No blob has it: a service numbers its ETags. */
const NO_ETAG = '"0x0"'
/** Of a page. A larger one would hold the event loop up while it is parsed. */
const PAGE = 1000

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
  const blobOf = ({ container, blob }: Target) => containerOf(container).getBlockBlobClient(blob)
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

    blobPage: (container, prefix, marker, signal) =>
      call(
        'ListBlobs',
        signal,
        s => blobsOf(container, prefix, s).byPage(settings(PAGE, marker)).next(),
        ({ value: page }: { value: ContainerListBlobFlatSegmentResponse | undefined }) => {
          const blobs = page?.segment.blobItems ?? []
          const bytes = blobs.reduce((sum, { properties }) => sum + (properties.contentLength ?? 0), 0)
          return {
            objects: blobs.length,
            bytes,
            ...(page?.continuationToken ? { next: page.continuationToken } : {}),
          }
        },
      ),

    headBlob: (target, signal) =>
      call('GetBlobProperties', signal, s => blobOf(target).getProperties({ abortSignal: s }), nothing),

    headBlobWith(sasToken, target, signal) {
      const pipeline = newPipeline(new AnonymousCredential(), {
        httpClient: storageHttpClient(send),
        retryOptions: { maxTries: 1 },
      })
      const blob = new BlobClient(`${blobOf(target).url}?${sasToken}`, pipeline)
      return call('GetBlobProperties', signal, s => blob.getProperties({ abortSignal: s }), nothing)
    },

    putNothing: (target, signal) =>
      call(
        'PutBlob',
        signal,
        s => blobOf(target).upload('', 0, { conditions: { ifMatch: NO_ETAG }, abortSignal: s }),
        nothing,
      ),

    putBlob: target =>
      call(
        'PutBlob',
        undefined,
        s => blobOf(target).upload(PROBE_BODY, PROBE_BODY.length, { abortSignal: s }),
        nothing,
      ),

    deleteBlob: (target, signal) => call('DeleteBlob', signal, s => blobOf(target).delete({ abortSignal: s }), nothing),

    getTags: (target, signal) => call('GetBlobTags', signal, s => blobOf(target).getTags({ abortSignal: s }), nothing),

    setTags: (target, signal) =>
      call('SetBlobTags', signal, s => blobOf(target).setTags({}, { abortSignal: s }), nothing),
  }
}

/** The SDK takes any text for one; what signs with it then breaks, and the SAS tokens for consumers contain it. */
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
