/** Spares an endpoint that does not answer: its calls fail at once, and now and then one of them tries again. */
export interface BreakerOptions {
  /** Failures in a row that open the breaker. */
  threshold: number
  /** The first and the longest pause; each pause in between is twice as long as the one before. */
  minMs: number
  maxMs: number
  /** Time in ms that never jumps. */
  monotonic: () => number
  /** Called when a pause of so many ms begins, with the error that calls which are waiting can be told. */
  onPause?(error: unknown, ms: number): void
  /** Called when a call was answered after pauses. */
  onAnswer?(): void
}

/** What a call shows of its endpoint: that it answers, that it does not, or nothing. */
export type Sign = 'answered' | 'failed' | 'nothing'

/** While anybody waits for the endpoint, a call tries it soon after each pause. */
const UNKNOWN_AFTER_MS = 60_000

/**
 * Fails calls to an endpoint that does not answer: while the breaker is open, a call fails at once with the last error,
 * and does not keep a worker busy until a timeout. After each pause one call goes through as a trial; when that fails,
 * the next pause starts.
 */
export class Breaker {
  readonly #options: BreakerOptions
  /** Failures in a row. */
  #failures = 0
  /** Pauses since the breaker opened; 0 while it is closed. */
  #pauses = 0
  #openUntil = 0
  #trialRuns = false
  #lastError: unknown

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  /** Throws the last error while the breaker lets no call through. */
  check(): void {
    const refuses = this.#pauses > 0 && (this.#trialRuns || this.#options.monotonic() < this.#openUntil)
    if (refuses) throw this.#lastError
  }

  /** Lets a call start, unless `check` throws. Returns a function that must be called when the call has ended. */
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

  /** Whether calls fail because the endpoint does not answer. One that nobody has asked for a minute is not known. */
  get isOpen(): boolean {
    return this.#pauses > 0 && (this.#trialRuns || this.#options.monotonic() < this.#openUntil + UNKNOWN_AFTER_MS)
  }

  /** Ends the pause: somebody has asked for the next call. */
  letThrough(): void {
    this.#openUntil = Number.NEGATIVE_INFINITY
  }

  #close(): void {
    const wasOpen = this.#pauses > 0
    this.#failures = 0
    this.#pauses = 0
    this.#lastError = undefined
    if (wasOpen) this.#options.onAnswer?.()
  }

  #failed(error: unknown, isTrial: boolean): void {
    const { threshold, minMs, maxMs, monotonic, onPause } = this.#options
    this.#lastError = error
    this.#failures++
    // Calls that were under way when the breaker opened fail late, and all together: they open it no further.
    const opens = this.#pauses === 0 ? this.#failures >= threshold : isTrial
    if (!opens) return
    const pauseMs = Math.min(maxMs, minMs * 2 ** this.#pauses)
    this.#openUntil = monotonic() + pauseMs
    this.#pauses++
    onPause?.(error, pauseMs)
  }
}
