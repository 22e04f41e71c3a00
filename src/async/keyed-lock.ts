import { abortable } from './deadline.ts'

/** Tasks with the same key run one after the other, first come first served; others don't wait for them. */
export class KeyedLock {
  /** Ends of the last task of each key; none rejects. */
  readonly #last = new Map<string, Promise<void>>()

  /** Rejects with `signal.reason` when that aborts; before its turn the task then does not run. */
  async run<T>(key: string, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(() => {
      signal.throwIfAborted()
      return task()
    })
    const end = turn
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(key) === end) this.#last.delete(key)
      })
    this.#last.set(key, end)
    return abortable(turn, signal)
  }
}
