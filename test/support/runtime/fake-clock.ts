/** A clock for tests, whose time stands still until `advance`. */
import type { Clock } from '../../../src/runtime/clock.ts'

export interface FakeClock extends Clock {
  /** Lets `ms` pass: runs every timer that falls due, in order, and lets promises settle after each. */
  advance(ms: number): Promise<void>
  /** How many timers are armed. */
  timers(): number
}

/** Lets everything that waits for resolved promises run. */
export const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

export function createFakeClock(start = Date.parse('2030-01-01T00:00:00.000Z')): FakeClock {
  let elapsed = 0
  const timers = new Set<{ at: number; run: () => void }>()

  const nextDue = (until: number) => {
    let first: { at: number; run: () => void } | undefined
    for (const timer of timers) if (timer.at <= until && (!first || timer.at < first.at)) first = timer
    return first
  }

  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    timers: () => timers.size,
    after(ms, run) {
      const timer = { at: elapsed + Math.max(0, ms), run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(ms) {
      const until = elapsed + ms
      await settle()
      for (let timer = nextDue(until); timer; timer = nextDue(until)) {
        timers.delete(timer)
        elapsed = timer.at
        timer.run()
        await settle()
      }
      elapsed = until
      await settle()
    },
  }
}
