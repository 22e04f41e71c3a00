/** What a reconciler returns. Only the runtime writes status, emits events and requeues. */
import type { Failure } from '../api/failures.ts'

export interface EventRecord {
  type: 'Normal' | 'Warning'
  /** CamelCase. */
  reason: string
  /** What was done, CamelCase verb: `Verify`, `Project`. */
  action: string
  message: string
}

export type Next =
  /** Nothing to do until a watch wakes the object. */
  | 'await-change'
  /** Look again after this long (already jittered). */
  | { after: number }
  /** The failure's intent decides: stalled and waiting retry slowly, transient backs off. */
  | Failure

export interface Outcome<Status> {
  /** The whole status; written only when it differs from the object's. Absent: leave it alone (object is going). */
  status?: Status
  /** On transitions only. */
  events?: EventRecord[]
  next: Next
  /** Look again after this long at the latest, whatever `next` says. ms */
  wakeWithin?: number
}
