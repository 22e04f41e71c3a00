/** Retries of a call by the SDK, few and soon enough to fit into the deadline of the gate. */
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { answerOfError } from '../answers/answer.ts'
import { isThrottled } from '../answers/failures.ts'

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
      const answer = answerOfError(error)
      const kind = answer && isThrottled(answer) ? 'throttled' : 'other'
      const retryable = kind === 'throttled' || errorType === 'THROTTLING' || errorType === 'TRANSIENT'
      const count = last.getRetryCount() + 1
      if (!retryable || count >= ATTEMPTS[kind]) throw new Error('no further attempt')
      return token(count, random() * PAUSE[kind] * 2 ** (count - 1))
    },
    recordSuccess: () => undefined,
  }
}

const token = (count: number, delayMs: number): Token => ({
  getRetryCount: () => count,
  getRetryDelay: () => delayMs,
})
