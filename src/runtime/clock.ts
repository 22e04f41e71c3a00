/** Time as a dependency, so that tests control it. */
export interface Clock {
  /** Wall clock in ms since the epoch. It may jump, so it is only for times that others read. */
  now(): number
  /** Time in ms since some start. It never jumps, so it is for measuring and deadlines. */
  monotonic(): number
  /** Calls `run` once after `ms`, at most 24 days: Node's longest timer. Returns a function that cancels it. */
  after(ms: number, run: () => void): () => void
}

const LONGEST_TIMER_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, LONGEST_TIMER_MS))
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms`, or as soon as the signal aborts; never rejects. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    const end = () => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(ms, end)
    signal.addEventListener('abort', end)
  })
}
