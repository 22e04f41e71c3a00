/**
 * Looks at the event loop ten times a second while work goes on, and once a second otherwise: each look wakes the process,
 * and ten a second take 0.13 % of a core, a third of what an idle operator may take.
 */
import type { Clock } from './clock.ts'

export interface Pulse {
  /** `look`: told how late it is called, in ms. */
  onBeat(look: (lateMs: number) => void): void
  /** Work has begun: beats come quickly from now on. */
  quicken(): void
  close(): void
}

export interface PulseOptions {
  isAtWork(): boolean
  /** Default: the system's, by timers that keep no process alive. */
  clock?: Pick<Clock, 'monotonic' | 'after'>
}

const passing: Pick<Clock, 'monotonic' | 'after'> = {
  // As the timers have it: the operator's own clock runs faster in tests.
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms).unref()
    return () => clearTimeout(timer)
  },
}

const QUICK_MS = 100
const SLOW_MS = 1_000
/** Beats without work after which they are slow: work often comes in waves. */
const REST_BEATS = 10

export function createPulse({ isAtWork, clock = passing }: PulseOptions): Pulse {
  const listeners: ((lateMs: number) => void)[] = []
  let resting = 0
  let isClosed = false
  let next: { due: number; isQuick: boolean; cancel: () => void } = arm()

  function arm(): typeof next {
    const isQuick = resting < REST_BEATS
    const ms = isQuick ? QUICK_MS : SLOW_MS
    return { due: clock.monotonic() + ms, isQuick, cancel: clock.after(ms, beat) }
  }

  function beat(): void {
    const late = Math.max(0, clock.monotonic() - next.due)
    resting = isAtWork() ? 0 : resting + 1
    next = arm()
    for (const look of listeners) look(late)
  }

  return {
    onBeat: look => void listeners.push(look),
    quicken() {
      resting = 0
      if (next.isQuick || isClosed) return
      next.cancel()
      beat()
    },
    close() {
      isClosed = true
      next.cancel()
    },
  }
}
