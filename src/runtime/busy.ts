/**
 * Whether the process computes all the time. Its workers then slow each other down, so that places are shared, which
 * they need not be while workers only wait for answers.
 */
import { type EventLoopUtilization, performance } from 'node:perf_hooks'

export interface Busy {
  isBusy(): boolean
  /** Calls the listener each time the process is no longer busy. */
  onIdle(listener: () => void): void
  close(): void
}

export interface BusyOptions {
  /** Share of the time since it was last called in which the event loop ran, 0 to 1. */
  utilization?: () => number
  /** Calls `look` so often. Returns a function that ends it. */
  every?: (ms: number, look: () => void) => () => void
}

const EVERY_MS = 100
const BUSY = 0.9
/** Looks without much to do after which the process is no longer busy: shorter rests come between two waves of answers. */
const CALM_LOOKS = 5

export function watchBusy({ utilization = loopUtilization(), every = interval }: BusyOptions = {}): Busy {
  const listeners: (() => void)[] = []
  /** Looks since the process was last busy. It is when it starts, as all objects are then looked at. */
  let calm = 0
  const isBusy = () => calm < CALM_LOOKS
  const close = every(EVERY_MS, () => {
    const was = isBusy()
    calm = utilization() >= BUSY ? 0 : Math.min(calm + 1, CALM_LOOKS)
    if (was && !isBusy()) for (const listener of listeners) listener()
  })
  return { isBusy, onIdle: listener => void listeners.push(listener), close }
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

function interval(ms: number, look: () => void): () => void {
  const timer = setInterval(look, ms).unref()
  return () => clearInterval(timer)
}
