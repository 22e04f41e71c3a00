/** At most `limit` holders at once; the others wait their turn, first come first served. */
export class Semaphore {
  readonly #limit: number
  readonly #waiting = new Set<() => void>()
  #held = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Rejects with `signal.reason` when that aborts before the turn comes. */
  async run<T>(signal: AbortSignal | undefined, task: () => Promise<T>): Promise<T> {
    await this.#acquire(signal)
    try {
      return await task()
    } finally {
      this.#release()
    }
  }

  #acquire(signal: AbortSignal | undefined): Promise<void> | undefined {
    signal?.throwIfAborted()
    if (this.#held < this.#limit) {
      this.#held++
      return undefined
    }
    return new Promise((resolve, reject) => {
      const turn = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        this.#waiting.delete(turn)
        reject(signal?.reason)
      }
      this.#waiting.add(turn)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  /** The place goes straight to whoever waits longest, so nobody who comes later can take it. */
  #release(): void {
    const [next] = this.#waiting
    if (!next) {
      this.#held--
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
