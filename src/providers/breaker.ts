export interface BreakerOptions {
  /** Failures in a row that open it. */
  threshold: number
  /** First and longest pause; it doubles in between. */
  minMs: number
  maxMs: number
  clock: () => Date
}

/**
 * Answers for an endpoint that does not: while it is open, calls fail at once with the last error instead of
 * holding a worker until a timeout. One call per pause goes through to try again.
 */
export class Breaker {
  readonly #options: BreakerOptions
  #failures = 0
  #lastError: unknown
  #openUntil = 0

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  /** Throws the last error while open. */
  check(): void {
    const { threshold, clock } = this.#options
    if (this.#failures < threshold) return
    const now = clock().getTime()
    if (now < this.#openUntil) throw this.#lastError
    this.#openUntil = now + this.#pauseMs()
  }

  succeeded(): void {
    this.#failures = 0
    this.#lastError = undefined
  }

  failed(error: unknown): void {
    this.#failures++
    this.#lastError = error
    this.#openUntil = this.#options.clock().getTime() + this.#pauseMs()
  }

  #pauseMs(): number {
    const { threshold, minMs, maxMs } = this.#options
    return Math.min(maxMs, minMs * 2 ** Math.max(0, this.#failures - threshold))
  }
}
