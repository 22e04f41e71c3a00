/** The gate that calls to one endpoint go through: it bounds how many run, ends each in time, and counts them. */
import { withDeadline } from '../../async/deadline.ts'
import { DeadlineExceeded } from '../../async/deadline-exceeded.ts'
import { Semaphore } from '../../async/semaphore.ts'
import { Breaker, type Sign } from './breaker.ts'

/** One call of a cloud's API, for metrics. */
export interface RequestRecord {
  /** Name that the service has for the call: `ListObjectsV2`. */
  operation: string
  /**
   * HTTP status as text. Without one: `unreachable`, `wrong-host` (the name, address, certificate or protocol of the
   * host is wrong), `not-sent` (a bad request) or `cancelled` (the caller gave up).
   */
  result: string
  durationMs: number
}

/** A call, with where it went. */
export interface EndpointRecord extends RequestRecord {
  /** Scheme, host and port, or the name that stands for them. */
  endpoint: string
}

export type OnRequest = (record: EndpointRecord) => void

/** How a call ended. Only `unreachable` is about the whole endpoint: each bucket may have a host of its own. */
export type CallOutcome = number | 'unreachable' | 'wrong-host' | 'not-sent'

export interface GateOptions {
  /** How many calls run at the same time, at most. */
  limit: number
  /** Deadline of a call, counted from when it is sent. */
  deadlineMs: number
  /** Time in ms that never jumps. */
  monotonic: () => number
  /** Reads from an error the HTTP status of the answer, or why there is no answer. */
  outcomeOf(error: unknown): CallOutcome
  onRequest?: ((record: RequestRecord) => void) | undefined
  /** Called when the endpoint has been left alone for a while, and the next call is let through to it. */
  onMayTry?: (() => void) | undefined
  /** Called when the endpoint answers again. */
  onOver?: (() => void) | undefined
}

const BREAKER = { threshold: 5, minMs: 1_000, maxMs: 30_000 }

export class Gate {
  readonly #options: GateOptions
  readonly #semaphore: Semaphore
  readonly #breaker: Breaker
  #pause: NodeJS.Timeout | undefined

  constructor(options: GateOptions) {
    this.#options = options
    this.#semaphore = new Semaphore(options.limit)
    const { monotonic, onMayTry, onOver } = options
    this.#breaker = new Breaker({
      ...{ ...BREAKER, monotonic },
      onPause: (error, ms) => {
        this.#semaphore.sendAway(error)
        clearTimeout(this.#pause)
        if (onMayTry) this.#pause = setTimeout(onMayTry, ms).unref()
      },
      onAnswer: () => {
        clearTimeout(this.#pause)
        onOver?.()
      },
    })
  }

  /** Lets the next call through to an endpoint that does not answer. */
  letThrough(): void {
    this.#breaker.letThrough()
  }

  /** Whether calls fail because the endpoint does not answer. */
  get isBroken(): boolean {
    return this.#breaker.isOpen
  }

  /** Ends what is planned. */
  close(): void {
    clearTimeout(this.#pause)
  }

  async run<T>(
    operation: string,
    signal: AbortSignal | undefined,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    // A call does not queue for an endpoint that does not answer.
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

/** What an outcome shows of the endpoint. Any answer, even a refusal, shows that it answers. */
function signOf(outcome: CallOutcome | 'cancelled'): Sign {
  if (typeof outcome === 'number') return 'answered'
  return outcome === 'unreachable' ? 'failed' : 'nothing'
}
