/** When the SDK tries a call again, so that all tries fit into the deadline of the gate. */
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { answerOfError } from '../answers/answer.ts'
import { isThrottled } from '../answers/failures.ts'

type Strategy = Extract<NonNullable<S3ClientConfig['retryStrategy']>, { acquireInitialRetryToken: unknown }>
type Token = Awaited<ReturnType<Strategy['refreshRetryTokenForRetry']>>

/** Broken connections, 5xx, and a clock that the SDK has just corrected are tried once more, throttled calls twice. */
const ATTEMPTS = { throttled: 3, other: 2 }
/** The first pause is up to this long, at random; each further one up to twice as long as the one before. ms */
const PAUSE = { throttled: 1_000, other: 100 }

/**
 * Unlike the SDK's own, it does not wait as long as `Retry-After` says: MinIO says a minute with each 503, which would
 * only turn "asks for fewer requests" into "gives no answer in time". Longer pauses are the work queue's.
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
