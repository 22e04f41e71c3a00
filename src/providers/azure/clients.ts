/** The SDK's client of one session. It is cheap to make, as the connections, which are not, are shared. */
import { AnonymousCredential, BlobServiceClient, newPipeline, StorageSharedKeyCredential } from '@azure/storage-blob'
import type { Transports } from '../network/transports.ts'
import { type BlobCalls, blobCalls } from './calls.ts'
import type { EntraToken } from './credentials.ts'
import { createSend, storageHttpClient } from './http.ts'
import type { AzureIdentity } from './identity.ts'

/** Attempts per call. The SDK makes another one only after a 500 or 503. */
const MAX_TRIES = 2

export interface Client {
  calls: BlobCalls
  /** The same calls with a SAS token instead of the session's own credentials, for as long as the client is open. */
  withSas(sasToken: string): BlobCalls
  release(): void
}

/** `token`: given for an Entra identity only; keys and SAS tokens are in the identity itself. */
export function openBlob(transports: Transports, identity: AzureIdentity, token?: EntraToken): Client {
  const { blob, caPem, connector } = identity
  const endpoint = new URL(blob.url).origin
  const { agents, gate, answers, release } = transports.acquire({ endpoint, caPem, connector })
  const send = createSend(agents, blob.url, answers)
  const pipeline = newPipeline(credentialOf(identity, token), {
    httpClient: storageHttpClient(send),
    retryOptions: { maxTries: MAX_TRIES },
    userAgentOptions: { userAgentPrefix: 'artifact-store-operator' },
  })
  const sas = identity.sas?.().text
  const service = new BlobServiceClient(sas ? `${blob.url}?${sas}` : blob.url, pipeline)
  const withSas = (sasToken: string) => {
    const anonymous = newPipeline(new AnonymousCredential(), {
      httpClient: storageHttpClient(send),
      retryOptions: { maxTries: 1 },
      userAgentOptions: { userAgentPrefix: 'artifact-store-operator' },
    })
    return blobCalls(new BlobServiceClient(`${blob.url}?${sasToken}`, anonymous), send, gate)
  }
  return { calls: blobCalls(service, send, gate), withSas, release }
}

function credentialOf({ auth, accountName }: AzureIdentity, token: EntraToken | undefined) {
  if (auth.kind === 'accountKey') return new StorageSharedKeyCredential(accountName, auth.key())
  if (auth.kind === 'sasToken') return new AnonymousCredential()
  if (!token) throw new Error('an Entra identity without a token')
  const fixed = { token: token.token, expiresOnTimestamp: token.expiresAt.getTime() }
  return { getToken: async () => fixed }
}
