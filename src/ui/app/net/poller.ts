/** Asks a question again when it is told to: one at a time, and with a pause between. */

export interface PollerOptions<T> {
  ask(signal: AbortSignal): Promise<T>
  answered(value: T): void
  failed(error: unknown): void
  /** The least time between two questions. */
  pauseMs: number
  /** It also asks by itself after this time, and after the other one where it has got no answer. */
  everyMs: number
  retryMs: number
}

export class Poller<T> {
  readonly #options: PollerOptions<T>
  readonly #ended = new AbortController()
  #timer: ReturnType<typeof setTimeout> | undefined
  #isAsking = false
  #isWanted = false
  #asked = Number.NEGATIVE_INFINITY

  constructor(options: PollerOptions<T>) {
    this.#options = options
  }

  /** An answer that is on its way may be too old: then it is asked once more after that. */
  poke(): void {
    this.#isWanted = true
    if (!this.#isAsking) this.#wait(this.#asked + this.#options.pauseMs - performance.now())
  }

  stop(): void {
    this.#ended.abort()
    clearTimeout(this.#timer)
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer)
    if (!this.#ended.signal.aborted) this.#timer = setTimeout(() => void this.#run(), Math.max(0, ms))
  }

  async #run(): Promise<void> {
    const { ask, answered, failed, pauseMs, everyMs, retryMs } = this.#options
    let waitMs = everyMs
    this.#isAsking = true
    this.#isWanted = false
    this.#asked = performance.now()
    try {
      const value = await ask(this.#ended.signal)
      if (!this.#ended.signal.aborted) answered(value)
    } catch (error) {
      waitMs = retryMs
      if (!this.#ended.signal.aborted) failed(error)
    }
    this.#isAsking = false
    this.#wait(this.#isWanted ? this.#asked + pauseMs - performance.now() : waitMs)
  }
}
