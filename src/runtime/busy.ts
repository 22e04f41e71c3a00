/**
 * Whether the process computes all the time. Its workers then slow each other down, so that places are shared, which
 * they need not be while workers only wait for answers.
 */
import { type EventLoopUtilization, performance } from 'node:perf_hooks'
import type { Pulse } from './pulse.ts'

export interface Busy {
  isBusy(): boolean
  /** Much work has come at once, so that the process is busy before a look can show it. */
  begin(): void
  /** Calls the listener each time the process is no longer busy. */
  onIdle(listener: () => void): void
}

export interface BusyOptions {
  /** Share of the time since it was last called in which the event loop ran, 0 to 1. */
  utilization?: () => number
}

const BUSY = 0.9
/** Looks without much to do after which the process is no longer busy: shorter rests come between two waves of answers. */
const CALM_LOOKS = 5

/** Looks at each beat. */
export function watchBusy(pulse: Pick<Pulse, 'onBeat'>, { utilization = loopUtilization() }: BusyOptions = {}): Busy {
  const listeners: (() => void)[] = []
  /** Looks since the process was last busy. */
  let calm = CALM_LOOKS
  const isBusy = () => calm < CALM_LOOKS
  pulse.onBeat(() => {
    const was = isBusy()
    calm = utilization() >= BUSY ? 0 : Math.min(calm + 1, CALM_LOOKS)
    if (was && !isBusy()) for (const listener of listeners) listener()
  })
  const begin = () => {
    calm = 0
  }
  return { isBusy, begin, onIdle: listener => void listeners.push(listener) }
}

function loopUtilization(): () => number {
  let last: EventLoopUtilization = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    return utilization
  }
}
