/** At most `limit` holders at once; the others wait their turn, first come first served. */
export class Semaphore {
  readonly #limit: number
  readonly #waiting = new Set<Waiting>()
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
      const leave = () => {
        this.#waiting.delete(waiting)
        signal?.removeEventListener('abort', onAbort)
      }
      const waiting: Waiting = {
        enter() {
          leave()
          resolve()
        },
        sendAway(reason) {
          leave()
          reject(reason)
        },
      }
      const onAbort = () => waiting.sendAway(signal?.reason)
      this.#waiting.add(waiting)
      signal?.addEventListener('abort', onAbort)
    })
  }

  /** Rejects all who wait; holders are not affected. */
  sendAway(reason: unknown): void {
    for (const waiting of this.#waiting) waiting.sendAway(reason)
  }

  /** The place goes straight to whoever waits longest, so nobody who comes later can take it. */
  #release(): void {
    const [next] = this.#waiting
    if (next) next.enter()
    else this.#held--
  }
}

interface Waiting {
  enter(): void
  sendAway(reason: unknown): void
}
