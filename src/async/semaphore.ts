/** Lets at most `limit` tasks run at once; the others wait their turn, first come, first served. */
export class Semaphore {
  readonly #limit: number
  readonly #waiting = new Set<Waiting>()
  #running = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Rejects with `signal.reason` when the signal aborts before the task's turn has come. */
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
    if (this.#running < this.#limit) {
      this.#running++
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

  /** Rejects all tasks that wait; those that run are not affected. */
  sendAway(reason: unknown): void {
    for (const waiting of this.#waiting) waiting.sendAway(reason)
  }

  /** Gives the place to the task that has waited longest, so that none that comes later can take it. */
  #release(): void {
    const [next] = this.#waiting
    if (next) next.enter()
    else this.#running--
  }
}

interface Waiting {
  enter(): void
  sendAway(reason: unknown): void
}
