/** Time as a dependency, so that tests own it. */
export interface Clock {
  /** Wall clock, ms since the epoch. May jump: only for times that others read. */
  now(): number
  /** ms since some start. Never jumps: for measuring and deadlines. */
  monotonic(): number
  /** Runs once after `ms` (at most 24 days: the longest timer Node has). Returns what cancels it. */
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

/** Like client-go's MicroTime: RFC 3339 with exactly six fractional digits, the only form that field type takes. */
export const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')
