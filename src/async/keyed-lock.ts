import { abortable } from './deadline.ts'

/** Runs tasks with the same key one after the other, first come, first served. Tasks with other keys don't wait. */
export class KeyedLock {
  /** The end of each key's last task. These promises never reject. */
  readonly #last = new Map<string, Promise<void>>()

  /** Rejects with `signal.reason` when the signal aborts. A task whose turn has not come by then never runs. */
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
