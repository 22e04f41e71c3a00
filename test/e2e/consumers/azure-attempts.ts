/** Everything that a holder of a SAS token may try, and for which accesses it must work. */
import type { BlobServiceClient, BlockBlobClient, ContainerClient } from '@azure/storage-blob'
import type { Access } from '../../../src/providers/provider.ts'
import { NOBODY, type Attempt as Of, OWNER, READERS, WRITERS } from './attempts.ts'

type Attempt = Of<BlobServiceClient>

export interface Field {
  container: string
  otherContainer: string
  /** The prefix of the credentials, below which there is a blob `a`. */
  prefix: string
  /** Blobs of the container that are not below the prefix. */
  outside: string[]
  /** The content of all blobs. */
  body: string
}

/** The id of a block. */
const BLOCK = Buffer.from('1').toString('base64')

const attempt = (name: string, allowed: readonly Access[], send: Attempt['send']): Attempt => ({ name, allowed, send })

export const attempts = (field: Field): Attempt[] => [
  ...reading(field),
  ...writing(field),
  ...copying(field),
  ...tagging(field),
  ...listing(field),
  ...deleting(field),
  ...field.outside.flatMap(key => besidePrefix(field, key)),
  ...elsewhere(field),
  ...ofContainer(field),
  ...ofAccount(),
]

const blobOf = (service: BlobServiceClient, container: string, key: string): BlockBlobClient =>
  service.getContainerClient(container).getBlockBlobClient(key)

/** The URL of a source, which carries the credentials. */
const sourceOf = (service: BlobServiceClient, container: string, key: string): string =>
  blobOf(service, container, key).url

const bare = (url: string): string => url.replace(/\?.*/, '')

const all = (items: AsyncIterable<unknown>): Promise<unknown[]> => Array.fromAsync(items)

function reading({ container, prefix }: Field): Attempt[] {
  const theirs = (service: BlobServiceClient) => blobOf(service, container, `${prefix}a`)
  return [
    attempt('get', READERS, service => theirs(service).downloadToBuffer()),
    attempt('get properties', READERS, service => theirs(service).getProperties()),
    attempt('get blocks', READERS, service => theirs(service).getBlockList('all')),
  ]
}

function writing({ container, prefix }: Field): Attempt[] {
  const mine = (service: BlobServiceClient, name = 'mine') => blobOf(service, container, `${prefix}${name}`)
  return [
    attempt('put', WRITERS, service => mine(service).upload('x', 1)),
    attempt('put again', WRITERS, service => mine(service).upload('x', 1)),
    attempt('put in blocks', WRITERS, service => putInBlocks(mine(service, 'mine-in-blocks'))),
    attempt('append', WRITERS, async service => {
      const log = mine(service, 'mine-appended').getAppendBlobClient()
      await log.create()
      await log.appendBlock('x', 1)
    }),
    attempt('put pages', WRITERS, async service => {
      const disk = mine(service, 'mine-in-pages').getPageBlobClient()
      await disk.create(512)
      await disk.uploadPages(Buffer.alloc(512), 0, 512)
    }),
    attempt('set metadata', WRITERS, service => mine(service).setMetadata({ a: 'b' })),
    attempt('set headers', WRITERS, service => mine(service).setHTTPHeaders({ blobContentType: 'text/plain' })),
    attempt('set tier', WRITERS, service => mine(service).setAccessTier('Cool')),
    attempt('snapshot', WRITERS, service => mine(service).createSnapshot()),
    attempt('lease', WRITERS, async service => {
      const lease = mine(service).getBlobLeaseClient()
      await lease.acquireLease(15)
      await lease.releaseLease()
    }),
  ]
}

async function putInBlocks(blob: BlockBlobClient): Promise<void> {
  await blob.stageBlock(BLOCK, 'x', 1)
  await blob.commitBlockList([BLOCK])
}

/** Attempts to copy, except an own block: Azurite reads the source of one by a connection that it doesn't trust. */
function copying({ container, otherContainer, prefix }: Field): Attempt[] {
  const mine = (service: BlobServiceClient) => blobOf(service, container, `${prefix}mine-copied`)
  const ours = (service: BlobServiceClient) => sourceOf(service, container, `${prefix}a`)
  const others = (service: BlobServiceClient) => sourceOf(service, otherContainer, `${prefix}a`)
  const ways: Record<string, (service: BlobServiceClient, source: string) => Promise<unknown>> = {
    copy: (service, source) => mine(service).beginCopyFromURL(source),
    'copy at once': (service, source) => mine(service).syncCopyFromURL(source),
    'copy a block': (service, source) => mine(service).stageBlockFromURL(BLOCK, source, 0, 1),
  }
  return Object.entries(ways).flatMap(([name, send]) => [
    ...(name === 'copy a block' ? [] : [attempt(name, OWNER, service => send(service, ours(service)))]),
    attempt(`${name}, without credentials`, NOBODY, service => send(service, bare(ours(service)))),
    attempt(`${name} from another container`, NOBODY, service => send(service, others(service))),
    attempt(`${name} from another container, without credentials`, NOBODY, service =>
      send(service, bare(others(service))),
    ),
  ])
}

function tagging({ container, prefix }: Field): Attempt[] {
  const theirs = (service: BlobServiceClient) => blobOf(service, container, `${prefix}a`)
  const mine = (service: BlobServiceClient) => blobOf(service, container, `${prefix}mine`)
  const here = (service: BlobServiceClient) => service.getContainerClient(container)
  return [
    attempt('get tags', NOBODY, service => theirs(service).getTags()),
    attempt('set tags', NOBODY, service => theirs(service).setTags({ a: 'b' })),
    attempt('put with tags', NOBODY, service => mine(service).upload('x', 1, { tags: { a: 'b' } })),
    attempt('list with tags', NOBODY, service => all(here(service).listBlobsFlat({ prefix, includeTags: true }))),
    attempt('find by tags', NOBODY, service => all(here(service).findBlobsByTags("a='b'"))),
  ]
}

function listing({ container, prefix }: Field): Attempt[] {
  const here = (service: BlobServiceClient) => service.getContainerClient(container)
  return [
    attempt('list', READERS, service => all(here(service).listBlobsFlat({ prefix }))),
    attempt('list by hierarchy', READERS, service => all(here(service).listBlobsByHierarchy('/', { prefix }))),
    attempt('list what is not committed', READERS, service =>
      all(here(service).listBlobsFlat({ prefix, includeUncommitedBlobs: true })),
    ),
  ]
}

function deleting({ container, prefix }: Field): Attempt[] {
  const theirs = (service: BlobServiceClient) => blobOf(service, container, `${prefix}a`)
  const mine = (service: BlobServiceClient, name = 'mine') => blobOf(service, container, `${prefix}${name}`)
  return [
    attempt('delete a version', NOBODY, service =>
      theirs(service).withVersion('2026-01-01T00:00:00.0000000Z').delete(),
    ),
    attempt('delete snapshots', OWNER, service => mine(service).delete({ deleteSnapshots: 'only' })),
    attempt('delete', OWNER, service => mine(service).delete()),
    attempt('delete many', OWNER, async service => {
      const blobs = ['mine-appended', 'mine-in-pages'].map(name => mine(service, name))
      const { subResponses } = await service.getContainerClient(container).getBlobBatchClient().deleteBlobs(blobs)
      for (const { status, errorCode } of subResponses) {
        if (status !== 202) throw Object.assign(new Error(errorCode), { statusCode: status, code: errorCode })
      }
    }),
  ]
}

/**
 * Attempts in the same container outside of the prefix. Only an account with a hierarchical namespace, which Azurite
 * does not have, limits a SAS token to a directory. Elsewhere these are NOT refused, and CredentialsProjected says so.
 */
function besidePrefix({ container, body }: Field, key: string): Attempt[] {
  const folder = key.slice(0, key.lastIndexOf('/') + 1)
  const here = (service: BlobServiceClient) => service.getContainerClient(container)
  const theirs = (service: BlobServiceClient) => blobOf(service, container, key)
  const mine = (service: BlobServiceClient) => blobOf(service, container, `${folder}mine-beside`)
  return [
    attempt(`beside the prefix: get ${key}`, READERS, service => theirs(service).downloadToBuffer()),
    attempt(`beside the prefix: list "${folder}"`, READERS, service =>
      all(here(service).listBlobsFlat({ prefix: folder })),
    ),
    attempt(`beside the prefix: overwrite ${key}`, WRITERS, service => theirs(service).upload(body, body.length)),
    attempt(`beside the prefix: put in "${folder}"`, WRITERS, service => mine(service).upload('x', 1)),
    attempt(`beside the prefix: delete in "${folder}"`, OWNER, service => mine(service).delete()),
  ]
}

function elsewhere({ container, otherContainer, prefix }: Field): Attempt[] {
  const there = (service: BlobServiceClient) => service.getContainerClient(otherContainer)
  const theirs = (service: BlobServiceClient) => blobOf(service, otherContainer, `${prefix}a`)
  return [
    attempt('another container: get', NOBODY, service => theirs(service).downloadToBuffer()),
    attempt('another container: get properties', NOBODY, service => theirs(service).getProperties()),
    attempt('another container: list', NOBODY, service => all(there(service).listBlobsFlat({ prefix }))),
    attempt('another container: put', NOBODY, service => theirs(service).upload('x', 1)),
    attempt('another container: put in blocks', NOBODY, service => putInBlocks(theirs(service))),
    attempt('another container: copy there', NOBODY, service =>
      theirs(service).beginCopyFromURL(sourceOf(service, container, `${prefix}a`)),
    ),
    attempt('another container: delete', NOBODY, service => theirs(service).delete()),
    attempt('another container: delete it', NOBODY, service => there(service).delete()),
  ]
}

function ofContainer({ container }: Field): Attempt[] {
  const here = (service: BlobServiceClient): ContainerClient => service.getContainerClient(container)
  const another = (service: BlobServiceClient) => service.getContainerClient(`${container}-mine`)
  return [
    attempt('see its properties', NOBODY, service => here(service).getProperties()),
    attempt('see who has access', NOBODY, service => here(service).getAccessPolicy()),
    attempt('open it to anybody', NOBODY, service => here(service).setAccessPolicy('container')),
    attempt('give oneself a policy', NOBODY, service =>
      here(service).setAccessPolicy(undefined, [{ id: 'mine', accessPolicy: { permissions: 'racwdl' } }]),
    ),
    attempt('set its metadata', NOBODY, service => here(service).setMetadata({ a: 'b' })),
    attempt('lease it', NOBODY, service => here(service).getBlobLeaseClient().acquireLease(15)),
    attempt('delete it', NOBODY, service => here(service).delete()),
    attempt('create another', NOBODY, service => another(service).create()),
  ]
}

function ofAccount(): Attempt[] {
  const now = new Date()
  const soon = new Date(now.getTime() + 60_000)
  return [
    attempt('list containers', NOBODY, service => all(service.listContainers())),
    attempt('see what the service is set to', NOBODY, service => service.getProperties()),
    attempt('set the service', NOBODY, service => service.setProperties({ defaultServiceVersion: '2026-04-06' })),
    attempt('see what the account is', NOBODY, service => service.getAccountInfo()),
    attempt('find in all containers by tags', NOBODY, service => all(service.findBlobsByTags("a='b'"))),
    attempt('get a key to sign others', NOBODY, service => service.getUserDelegationKey(now, soon)),
  ]
}

/** `refused` for HTTP 403, also of the source of a copy; any other failure is returned as it is. */
export async function outcomeOf({ send }: Attempt, service: BlobServiceClient): Promise<string> {
  try {
    await send(service)
    return 'done'
  } catch (error) {
    const { statusCode, code, message } = error as { statusCode?: number; code?: string; message: string }
    if (statusCode === 403) return 'refused'
    return statusCode === undefined ? message : `${statusCode} ${code}`
  }
}
