/** Ends calls: after a time or when the caller aborts, whichever is first. */
import { DeadlineExceeded } from './deadline-exceeded.ts'

/**
 * Runs `run` with a signal that aborts after `ms` or with `outer`. Rejects then at once, with what `late` makes or with
 * `outer.reason`, whether or not `run` listens.
 *
 * Written by hand instead of with AbortSignal.any: `outer` may live long, and keeps no listener once the call is over.
 */
export async function withDeadline<T>(
  ms: number,
  outer: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
  late: () => Error = () => new DeadlineExceeded(ms),
): Promise<T> {
  outer?.throwIfAborted()
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(late()), ms)
  const follow = () => controller.abort(outer?.reason)
  outer?.addEventListener('abort', follow)
  try {
    return await abortable(run(controller.signal), controller.signal)
  } finally {
    clearTimeout(timer)
    outer?.removeEventListener('abort', follow)
  }
}

/** Like `withDeadline`, but a deadline that has passed is no error: the result is then what `late` makes. */
export async function withDeadlineOr<T, L>(
  ms: number,
  outer: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
  late: () => L,
): Promise<T | L> {
  try {
    return await withDeadline(ms, outer, run)
  } catch (error) {
    if (error instanceof DeadlineExceeded) return late()
    throw error
  }
}

/** Settles like `promise`, or rejects with `signal.reason` if that is sooner. The work goes on for others who wait. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    // An error that follows from the abort says less than the reason for it.
    promise
      .then(resolve, error => reject(signal.aborted ? signal.reason : error))
      .finally(() => signal.removeEventListener('abort', abort))
  })
}
