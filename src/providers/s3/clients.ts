/** SDK clients of one session. Cheap to make: what costs, the connections, is shared. */
import { S3Client } from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'
import { type S3Calls, s3Calls } from './calls.ts'
import type { AccessKey, Endpoint, S3Identity } from './identity.ts'
import { createSts, type Sts } from './sts.ts'
import type { Transport, Transports } from './transports.ts'

/** Attempts a call, of which all but the first follow a broken connection or a 5xx; throttling ends them soon. */
const MAX_ATTEMPTS = 2

export interface Client<T> {
  calls: T
  release(): void
}

export function openS3(transports: Transports, identity: S3Identity, key: AccessKey): Client<S3Calls> {
  const transport = transports.acquire({ endpoint: identity.s3.url ?? identity.s3.host, caPem: identity.caPem })
  const client = new S3Client({
    ...common(transport, identity, identity.s3),
    credentials: key,
    forcePathStyle: identity.addressingStyle === 'path',
    // MinIO, Ceph and others of some age know none of the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  return { calls: s3Calls(client, transport.gate), release: transport.release }
}

/** `key`: to sign with; web identities need none. */
export function openSts(transports: Transports, identity: S3Identity, key?: AccessKey): Client<Sts> {
  const transport = transports.acquire({ endpoint: identity.sts.url ?? identity.sts.host, caPem: identity.caPem })
  const client = new STSClient({ ...common(transport, identity, identity.sts), ...(key ? { credentials: key } : {}) })
  return { calls: createSts(client, transport.gate, identity), release: transport.release }
}

function common({ handlerOptions }: Transport, { region }: S3Identity, { url }: Endpoint) {
  return {
    region,
    ...(url ? { endpoint: url } : {}),
    requestHandler: handlerOptions,
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'standard' as const,
    userAgentAppId: 'artifact-store-operator',
  }
}
