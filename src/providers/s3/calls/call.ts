/** How calls of the SDK are made: through a gate, with answers as values. They throw only `signal.reason`, and bugs. */
import type { S3Client } from '@aws-sdk/client-s3'
import type { Gate } from '../../network/gate.ts'
import type { Answer } from '../answers/answer.ts'
import { ask, reading } from '../answers/answer.ts'

/** What sends commands: a client of the SDK, or what stands for it. */
export type Sender = Pick<S3Client, 'send'>

/** A key that a probe reads, writes or deletes. */
export interface ProbeKey {
  bucket: string
  key: string
}

export type Versioning = 'Enabled' | 'Suspended' | 'Disabled'

/** Sends one command. `value`: takes from its output what is needed. */
export type Call = <Output, T>(
  operation: string,
  signal: AbortSignal | undefined,
  send: (abortSignal: AbortSignal) => Promise<Output>,
  value: (output: Output) => T,
) => Promise<Answer<T>>

export const callThrough =
  (gate: Gate): Call =>
  (operation, signal, send, value) =>
    ask(gate, operation, signal, async abortSignal => reading(await send(abortSignal), value))

export const nothing = (): undefined => undefined

export const named = ({ bucket, key }: ProbeKey) => ({ Bucket: bucket, Key: key })
