/** Retries of a call by the SDK, few and soon enough to fit into the deadline of the gate. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { type Answer, answerOfError } from '../answers/answer.ts'
import { isThrottled } from '../answers/failures.ts'
import { Refused } from './refusals.ts'

type Strategy = Extract<NonNullable<S3ClientConfig['retryStrategy']>, { acquireInitialRetryToken: unknown }>
type Token = Awaited<ReturnType<Strategy['refreshRetryTokenForRetry']>>

/** How often a call is sent. `other`: after a broken connection, a 5xx, or a wrong time that the SDK has corrected. */
const ATTEMPTS = { throttled: 3, other: 2 }
/** Longest first pause in ms, of which a random part is taken; the longest doubles for each further pause. */
const PAUSE = { throttled: 1_000, other: 100 }

/**
 * Creates a strategy that, unlike the SDK's own, does not wait as long as `Retry-After` says: MinIO says a minute with
 * each 503, which would only turn "asks for fewer requests" into "no answer in time". The work queue makes long pauses.
 */
export function retryStrategy(random: () => number = Math.random): Strategy {
  return {
    acquireInitialRetryToken: async () => token(0, 0),
    async refreshRetryTokenForRetry(last, { error, errorType }) {
      const count = last.getRetryCount() + 1
      const isTransient = errorType === 'THROTTLING' || errorType === 'TRANSIENT'
      const pause = pauseAfter(answerOfError(error), isTransient, count, random)
      if (pause === undefined) throw new Error('no further attempt')
      return token(count, pause)
    },
    recordSuccess: () => undefined,
  }
}

/** Pause in ms before another attempt; undefined where none is made. `count`: attempts that were made. */
function pauseAfter(
  answer: Answer | undefined,
  isTransient: boolean,
  count: number,
  random: () => number,
): number | undefined {
  const kind = answer && isThrottled(answer) ? 'throttled' : 'other'
  if ((kind === 'other' && !isTransient) || count >= ATTEMPTS[kind]) return undefined
  return random() * PAUSE[kind] * 2 ** (count - 1)
}

/** Makes attempts like the SDK with the strategy above. */
export async function retried<T>(
  signal: AbortSignal,
  attempt: () => Promise<T>,
  random: () => number = Math.random,
): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await attempt()
    } catch (error) {
      const answer = signal.aborted ? undefined : answerOfError(error)
      const isTransient = answer !== undefined && (isPassing(answer) || (error instanceof Refused && error.corrected))
      const pause = pauseAfter(answer, isTransient, count, random)
      if (pause === undefined) throw error
      await sleep(pause, undefined, { signal })
    }
  }
}

const PASSING_STATUSES = new Set([500, 502, 503, 504])
const PASSING_CODES = new Set([
  ...['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'DeadlineExceeded'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
])

/** What the SDK calls a transient error. */
const isPassing = ({ status, code = '' }: Answer): boolean =>
  PASSING_STATUSES.has(status) || code === 'RequestTimeout' || (status === 0 && PASSING_CODES.has(code))

const token = (count: number, delayMs: number): Token => ({
  getRetryCount: () => count,
  getRetryDelay: () => delayMs,
})
