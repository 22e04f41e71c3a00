/** What a reconciler returns. Only the runtime writes statuses, emits events and requeues. */
import type { Failure } from '../api/failures.ts'

export interface EventRecord {
  type: 'Normal' | 'Warning'
  /** CamelCase word for what happened. */
  reason: string
  /** CamelCase verb for what was done: `Verify`, `Project`. */
  action: string
  message: string
  /** Said about the object's namespace, where it can be read after that is gone: `default`. Default: about the object. */
  about?: 'Namespace'
}

export type Next =
  /** There is nothing to do until a watch wakes the object. */
  | 'await-change'
  /** Looks again after so many ms, which are jittered already. */
  | { after: number }
  /** Retries as the failure's intent asks: slowly when it is stalled or waiting, with backoff when it is transient. */
  | Failure

export interface Outcome<Status> {
  /** The whole status, which is written only when it differs from the object's. Absent: the status stays as it is. */
  status?: Status
  /** Events of this reconcile. There are some only when something has changed. */
  events?: EventRecord[]
  next: Next
  /** Looks again after so many ms at the latest, whatever `next` says. */
  wakeWithin?: number
}
