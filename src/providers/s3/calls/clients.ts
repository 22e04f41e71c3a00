/** SDK clients of a session. They are cheap to make, as sessions share the connections, which are not. */
import { S3Client } from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'
import type { Transport, TransportKey, Transports } from '../../network/transports.ts'
import { answerOfError, otherRegion } from '../answers/answer.ts'
import type { AccessKey } from '../identity/auth.ts'
import type { Endpoint } from '../identity/endpoints.ts'
import type { S3Identity } from '../identity/identity.ts'
import { type Signer, signerOf } from '../identity/signer.ts'
import { boundAnswers } from './answer-size.ts'
import { type S3Calls, s3Calls } from './index.ts'
import { readRefusals } from './refusals.ts'
import { retryStrategy } from './retry.ts'
import { createSts, type Sts } from './sts.ts'

const CONNECTION_TIMEOUT_MS = 3_000

export interface Client<T> {
  calls: T
  release(): void
}

export interface S3Clients extends Client<S3Calls> {
  /** The same calls, which accept that their account pays for them. */
  paying: S3Calls
}

/** Called when the service says that a bucket is in another region than the client. */
export type OnElsewhere = (bucket: string, region: string) => void

export function openS3(
  transports: Transports,
  identity: S3Identity,
  key: AccessKey,
  onElsewhere?: OnElsewhere,
): S3Clients {
  const transport = transports.acquire(transportKey(identity, identity.s3))
  const client = new S3Client({
    ...common(transport, identity, identity.s3),
    credentials: key,
    forcePathStyle: identity.addressingStyle === 'path',
    // Older versions of MinIO, Ceph and others do not know the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  boundAnswers(client, transport.answers)
  readRefusals(client, true)
  refuseWebPages(client)
  if (onElsewhere) noteRegions(client, identity.region, onElsewhere)
  return {
    calls: s3Calls(client, transport.gate),
    paying: s3Calls(paying(client), transport.gate),
    release: transport.release,
  }
}

/** What sends commands with the header of requester pays. Those that do not know the member leave it out. */
const paying = (client: S3Client): S3Client => {
  const send = (command: { input: object }, options: object) => {
    Object.assign(command.input, { RequestPayer: 'requester' })
    return client.send(command as never, options as never)
  }
  return { send } as unknown as S3Client
}

/** Opens STS. `key`: signs the calls, `signer`: its owner; calls for a web identity are not signed. */
export function openSts(
  transports: Transports,
  identity: S3Identity,
  key?: AccessKey,
  signer: Signer = signerOf(identity),
): Client<Sts> {
  const transport = transports.acquire(transportKey(identity, identity.sts))
  const client = new STSClient({ ...common(transport, identity, identity.sts), ...(key ? { credentials: key } : {}) })
  boundAnswers(client, transport.answers)
  readRefusals(client, false)
  return { calls: createSts(client, transport.gate, identity, signer), release: transport.release }
}

const transportKey = ({ caPem, connector }: S3Identity, { url, host }: Endpoint): TransportKey => ({
  ...{ endpoint: url ?? host, caPem, connector },
})

/** Options of the SDK's requests. */
export const handlerOptions = ({ agents }: Transport) => ({ ...agents, connectionTimeout: CONNECTION_TIMEOUT_MS })

function common(transport: Transport, identity: S3Identity, { url }: Endpoint) {
  const { region, useDualstackEndpoint = false, useFipsEndpoint = false } = identity
  return {
    region,
    // Both options are set even to false: the operator's environment may have them on for AWS.
    ...(url
      ? { endpoint: url, useDualstackEndpoint: false, useFipsEndpoint: false }
      : { useDualstackEndpoint, useFipsEndpoint }),
    requestHandler: handlerOptions(transport),
    retryStrategy: retryStrategy(),
    userAgentAppId: 'artifact-store-operator',
  }
}

/** Makes a client refuse web pages: much HTML is well-formed XML, which the SDK takes for an empty answer. */
function refuseWebPages({ middlewareStack }: S3Client): void {
  middlewareStack.add(
    next => async args => {
      const result = await next(args)
      const { statusCode, headers } = result.response as { statusCode: number; headers: Record<string, string> }
      // Some services say that their empty answers are HTML.
      const isEmpty = statusCode === 204 || headers['content-length'] === '0'
      if (isEmpty || !headers['content-type']?.startsWith('text/html')) return result
      throw Object.assign(new Error('a web page'), { $metadata: { httpStatusCode: statusCode } })
    },
    { step: 'deserialize', priority: 'high', name: 'refuseWebPages' },
  )
}

/** Reads the regions that redirects and refused signatures name; the SDK does not follow redirects. */
function noteRegions(client: S3Client, region: string, onElsewhere: OnElsewhere): void {
  client.middlewareStack.add(
    next => async args => {
      try {
        return await next(args)
      } catch (error) {
        const answer = answerOfError(error)
        const other = answer && otherRegion(answer, region)
        const { Bucket: bucket } = args.input as { Bucket?: string }
        if (bucket && other) onElsewhere(bucket, other)
        throw error
      }
    },
    { step: 'initialize', name: 'noteRegions' },
  )
}
