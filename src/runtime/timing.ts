/** When a controller gives up, says that it is at work, and tries again. */

/** Times of a controller, all in ms. */
export interface ControllerTiming {
  deadlineMs: number
  /** How long a reconcile may take to end after its signal aborted. */
  graceMs: number
  progressAfterMs: number
  /** Backoff of transient failures and crashes. */
  backoffBaseMs: number
  backoffCapMs: number
  /** Slow retries of what should wake by itself, jittered by a tenth. */
  stalledRetryMs: number
  waitingRetryMs: number
}

export const DEFAULT_TIMING: ControllerTiming = {
  deadlineMs: 60_000,
  graceMs: 5_000,
  progressAfterMs: 2_000,
  backoffBaseMs: 1_000,
  backoffCapMs: 300_000,
  stalledRetryMs: 600_000,
  waitingRetryMs: 300_000,
}
