/** Runs work that must end in time, with some grace to end by itself. */
import type { Clock } from './clock.ts'

/** The work's time was up. `cause` is the error with which the work then ended. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
}

export interface Deadline {
  ms: number
  /** How long work may take to end after its signal aborted, before it is given up on. */
  graceMs: number
}

/**
 * Runs `work` with a signal that aborts at the deadline or with `stop`.
 *
 * A value that the work still returns within the grace counts: the work knows best what the abort kept it from.
 * Otherwise rejects with the work's own error, with DeadlineError, or with `stop.reason`. What comes after the grace is
 * dropped.
 */
export function withGrace<T>(
  clock: Clock,
  { ms, graceMs }: Deadline,
  stop: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  return new Promise<T>((resolve, reject) => {
    let cancelTimer = () => {}
    const end = (how: () => void) => {
      cancelTimer()
      stop.removeEventListener('abort', onStop)
      how()
    }
    const expire = (reason: unknown) => {
      cancelTimer()
      stop.removeEventListener('abort', onStop)
      cancelTimer = clock.after(graceMs, () => end(() => reject(reason)))
      controller.abort(reason)
    }
    const onStop = () => expire(stop.reason)

    if (stop.aborted) return reject(stop.reason)
    stop.addEventListener('abort', onStop)
    cancelTimer = clock.after(ms, () => expire(new DeadlineError(`not finished within ${Math.round(ms / 1000)} s`)))

    const run = async () => work(controller.signal)
    run().then(
      value => end(() => resolve(value)),
      error => end(() => reject(controller.signal.aborted ? explain(controller.signal.reason, error) : error)),
    )
  })
}

const explain = (reason: unknown, cause: unknown): unknown =>
  reason instanceof DeadlineError && cause !== reason ? new DeadlineError(reason.message, { cause }) : reason
