export interface BreakerOptions {
  /** Failures in a row that open it. */
  threshold: number
  /** First and longest pause; it doubles in between. */
  minMs: number
  maxMs: number
  now: () => Date
  /** A pause begins: whoever waits to call may be told the error. */
  onPause?(error: unknown): void
}

/** What a call says of the endpoint: that it is there, that it is not, or nothing. */
export type Sign = 'answered' | 'failed' | 'nothing'

/**
 * Answers for an endpoint that does not: while it is open, calls fail at once with the last error instead of
 * holding a worker until a timeout. After each pause one call goes through to try again, and the next pause starts
 * when that has failed.
 */
export class Breaker {
  readonly #options: BreakerOptions
  /** In a row, while closed. */
  #failures = 0
  /** Since it opened; 0: it is closed. */
  #pauses = 0
  #openUntil = 0
  #trialRuns = false
  #lastError: unknown

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  /** Throws the last error while no call goes through. */
  check(): void {
    const refuses = this.#pauses > 0 && (this.#trialRuns || this.#now() < this.#openUntil)
    if (refuses) throw this.#lastError
  }

  /** For a call that starts now, like `check`. Returns what the call says when it has ended, which it must. */
  enter(): (sign: Sign, error?: unknown) => void {
    this.check()
    const isTrial = this.#pauses > 0
    if (isTrial) this.#trialRuns = true
    return (sign, error) => {
      if (isTrial) this.#trialRuns = false
      if (sign === 'answered') this.#close()
      if (sign === 'failed') this.#failed(error, isTrial)
    }
  }

  #close(): void {
    this.#failures = 0
    this.#pauses = 0
    this.#lastError = undefined
  }

  #failed(error: unknown, isTrial: boolean): void {
    const { threshold, minMs, maxMs, onPause } = this.#options
    this.#lastError = error
    this.#failures++
    // Calls that were under way when it opened fail late, and all together.
    const opens = this.#pauses === 0 ? this.#failures >= threshold : isTrial
    if (!opens) return
    this.#openUntil = this.#now() + Math.min(maxMs, minMs * 2 ** this.#pauses)
    this.#pauses++
    onPause?.(error)
  }

  #now(): number {
    return this.#options.now().getTime()
  }
}
