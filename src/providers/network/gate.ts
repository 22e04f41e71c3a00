/** What every call to one endpoint goes through: a bound on how many run, a deadline each, a breaker, a count. */

import { DeadlineExceeded, withDeadline } from '../../async/deadline.ts'
import { Semaphore } from '../../async/semaphore.ts'
import { Breaker, type Sign } from './breaker.ts'

/** One call of a cloud's API, for metrics. */
export interface RequestRecord {
  /** As the service calls it: `ListObjectsV2`. */
  operation: string
  /**
   * HTTP status as text; else `unreachable`, `wrong-host` (its name, address, certificate or protocol is not what it
   * should be), `not-sent` (a bad request) or `cancelled` (the caller gave up).
   */
  result: string
  durationMs: number
}

export type OnRequest = (record: RequestRecord) => void

/** Only `unreachable` speaks of the whole endpoint: each bucket may be a host of its own, and wrong for itself. */
export type CallOutcome = number | 'unreachable' | 'wrong-host' | 'not-sent'

export interface GateOptions {
  /** How many calls run at once. */
  limit: number
  /** Deadline of a call, counted from its turn. */
  deadlineMs: number
  now: () => Date
  /** HTTP status of the answer that an error stands for, or why there is none. */
  outcomeOf(error: unknown): CallOutcome
  onRequest?: OnRequest | undefined
}

const BREAKER = { threshold: 5, minMs: 1_000, maxMs: 30_000 }

export class Gate {
  readonly #options: GateOptions
  readonly #semaphore: Semaphore
  readonly #breaker: Breaker

  constructor(options: GateOptions) {
    this.#options = options
    this.#semaphore = new Semaphore(options.limit)
    const onPause = (error: unknown) => this.#semaphore.sendAway(error)
    this.#breaker = new Breaker({ ...BREAKER, now: options.now, onPause })
  }

  async run<T>(
    operation: string,
    signal: AbortSignal | undefined,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    // Nobody queues for an endpoint that does not answer.
    this.#breaker.check()
    return this.#semaphore.run(signal, async () => {
      const found = this.#breaker.enter()
      const started = performance.now()
      const record = (result: string) =>
        this.#options.onRequest?.({ operation, result, durationMs: performance.now() - started })
      try {
        const answer = await withDeadline(this.#options.deadlineMs, signal, call)
        found('answered')
        record('200')
        return answer
      } catch (error) {
        const outcome = signal?.aborted ? 'cancelled' : this.#outcomeOf(error)
        found(signOf(outcome), error)
        record(`${outcome}`)
        throw error
      }
    })
  }

  #outcomeOf(error: unknown): CallOutcome {
    return error instanceof DeadlineExceeded ? 'unreachable' : this.#options.outcomeOf(error)
  }
}

/** Any answer, also a refusal, shows that the endpoint is there. */
function signOf(outcome: CallOutcome | 'cancelled'): Sign {
  if (typeof outcome === 'number') return 'answered'
  return outcome === 'unreachable' ? 'failed' : 'nothing'
}
