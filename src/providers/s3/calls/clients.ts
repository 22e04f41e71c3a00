/** SDK clients of a session. They are cheap to make, as sessions share the connections, which are not. */
import { S3Client } from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'
import { CONNECT_MS } from '../../network/dispatcher.ts'
import type { Transport, TransportKey, Transports } from '../../network/transports.ts'
import { answerOfError, otherRegion } from '../answers/answer.ts'
import type { AccessKey } from '../identity/auth.ts'
import type { Endpoint } from '../identity/endpoints.ts'
import type { S3Identity } from '../identity/identity.ts'
import { type Signer, signerOf } from '../identity/signer.ts'
import { boundAnswers } from './answer-size.ts'
import { boundClock } from './clock.ts'
import { type S3Calls, s3Calls } from './index.ts'
import { readRefusals, refuseWebPage } from './refusals.ts'
import { retryStrategy } from './retry.ts'
import { Sha256 } from './sha256.ts'
import { createSts, type Sts } from './sts.ts'
import { type Note, wiredSend } from './wire.ts'

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
  boundClock(client)
  readRefusals(client, true)
  refuseWebPages(client)
  const note = onElsewhere && regionNote(identity.region, onElsewhere)
  if (note) noteRegions(client, note)
  const { dispatcher, answers } = transport
  const wired = dispatcher ? { send: wiredSend(client, { dispatcher, answers, isOfS3: true, note }) } : client
  return {
    calls: s3Calls(client, wired, transport.gate),
    paying: s3Calls(paying(client), paying(wired), transport.gate),
    release: transport.release,
  }
}

/** What sends commands with the header of requester pays. Those that do not know the member leave it out. */
const paying = (sender: Pick<S3Client, 'send'>): S3Client => {
  const send = (command: { input: object }, options: object) => {
    Object.assign(command.input, { RequestPayer: 'requester' })
    return sender.send(command as never, options as never)
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
  boundClock(client)
  readRefusals(client, false)
  const { dispatcher, answers } = transport
  const wired = dispatcher ? { send: wiredSend(client, { dispatcher, answers, isOfS3: false }) } : client
  return { calls: createSts(wired, transport.gate, identity, signer), release: transport.release }
}

const transportKey = ({ caPem, connector }: S3Identity, { url, host }: Endpoint): TransportKey => ({
  ...{ endpoint: url ?? host, caPem, connector },
})

/** Options of the SDK's requests. */
export const handlerOptions = ({ agents }: Transport) => ({ ...agents, connectionTimeout: CONNECT_MS })

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
    sha256: Sha256,
    userAgentAppId: 'artifact-store-operator',
  }
}

/** Makes a client refuse web pages. */
function refuseWebPages({ middlewareStack }: S3Client): void {
  middlewareStack.add(
    next => async args => {
      const result = await next(args)
      const { statusCode, headers } = result.response as { statusCode: number; headers: Record<string, string> }
      refuseWebPage(statusCode, headers)
      return result
    },
    { step: 'deserialize', priority: 'high', name: 'refuseWebPages' },
  )
}

/** Makes a client tell of the regions that answers name. */
const noteRegions = ({ middlewareStack }: S3Client, note: Note): void =>
  middlewareStack.add(next => args => next(args).catch(note(args.input)), { step: 'initialize', name: 'noteRegions' })

/** Reads the regions that redirects and refused signatures name; the SDK does not follow redirects. */
const regionNote =
  (region: string, onElsewhere: OnElsewhere): Note =>
  input =>
  error => {
    const answer = answerOfError(error)
    const other = answer && otherRegion(answer, region)
    const { Bucket: bucket } = input as { Bucket?: string }
    if (bucket && other) onElsewhere(bucket, other)
    throw error
  }
