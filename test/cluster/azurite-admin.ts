/** A storage account as the holder of its key sees it. */
import { BlobServiceClient, type ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob'

export interface AzuriteAdmin {
  createContainer(name: string): Promise<void>
  /** Removes the container with everything in it. */
  removeContainer(name: string): Promise<void>
  listContainers(): Promise<string[]>
  putBlob(container: string, name: string, body: string): Promise<void>
  readBlob(container: string, name: string): Promise<string>
  removeBlob(container: string, name: string): Promise<void>
  /** The names of committed blobs. */
  listBlobs(container: string, prefix?: string): Promise<string[]>
  /** The names of blobs that are only staged blocks, which a probe by Put Block would leave. */
  listUncommitted(container: string, prefix?: string): Promise<string[]>
  /** A client of the SDK that signs with the account's key. */
  service(): BlobServiceClient
}

export interface AzuriteAdminOptions {
  /** The endpoint of the account. */
  readonly endpoint: string
  readonly caPem: string
  readonly accountName: string
  accountKey(): string
}

export function createAzuriteAdmin({ endpoint, caPem, accountName, accountKey }: AzuriteAdminOptions): AzuriteAdmin {
  // The SDK reads tlsOptions, which its type lacks, and keeps connections for each such object. So there is only one.
  // Azurite closes connections after five idle seconds, and a call may just have begun on one.
  const retryOptions = { maxTries: 3, retryDelayInMs: 50, maxRetryDelayInMs: 200 }
  const options = { retryOptions, tlsOptions: { ca: caPem } }

  function service(): BlobServiceClient {
    const credential = new StorageSharedKeyCredential(accountName, accountKey())
    return new BlobServiceClient(endpoint, credential, options)
  }

  const container = (name: string): ContainerClient => service().getContainerClient(name)
  const blob = (name: string, blobName: string) => container(name).getBlockBlobClient(blobName)

  async function list(name: string, prefix: string, includeUncommitedBlobs: boolean): Promise<string[]> {
    const blobs = await Array.fromAsync(container(name).listBlobsFlat({ prefix, includeUncommitedBlobs }))
    return blobs.map(({ name }) => name)
  }

  return {
    service,
    async createContainer(name) {
      await container(name).create()
    },
    async removeContainer(name) {
      await container(name).delete()
    },
    async listContainers() {
      return (await Array.fromAsync(service().listContainers())).map(({ name }) => name)
    },
    async putBlob(name, blobName, body) {
      await blob(name, blobName).upload(body, Buffer.byteLength(body))
    },
    async readBlob(name, blobName) {
      return (await blob(name, blobName).downloadToBuffer()).toString()
    },
    async removeBlob(name, blobName) {
      await blob(name, blobName).delete()
    },
    listBlobs: (name, prefix = '') => list(name, prefix, false),
    async listUncommitted(name, prefix = '') {
      const committed = new Set(await list(name, prefix, false))
      return (await list(name, prefix, true)).filter(blobName => !committed.has(blobName))
    },
  }
}
