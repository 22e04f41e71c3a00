/**
 * Lets the event loop turn while much is done that waits for nothing. Such work goes from one promise to the next, and
 * answers and timers are not looked at before its end.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from './clock.ts'

const LONGEST_MS = 5

/** Returns what to wait for between two pieces of work. All that wait go on in the same turn, which counts for them together. */
export function shareTurns({ monotonic }: Pick<Clock, 'monotonic'>): () => Promise<void> {
  let since = monotonic()
  let next: Promise<void> | undefined
  const turn = async () => {
    await nextTurn()
    next = undefined
    since = monotonic()
  }
  return async () => {
    if (monotonic() - since < LONGEST_MS) return
    next ??= turn()
    await next
  }
}
