/**
 * What a failure asks for. A failure is a value, and one place in runtime/ turns its intent into a requeue.
 *
 * - `stalled`: a person must act (bad spec, denied permission, missing reference).
 * - `waiting`: something else in the cluster must happen; the watch of it wakes the object.
 * - `transient`: the network or a service; retried with backoff.
 */
export type Intent = 'stalled' | 'waiting' | 'transient'

export interface Failure {
  kind: 'failure'
  intent: Intent
  /** CamelCase word that stays the same from release to release: people and alerts match on it. */
  reason: string
  /** Says what is wrong, where, and what to do. Never contains credential material. */
  message: string
}

const failure =
  (intent: Intent) =>
  (reason: string, message: string): Failure => ({ kind: 'failure', intent, reason, message })

export const stalled = failure('stalled')
export const waiting = failure('waiting')
export const transient = failure('transient')

export const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'failure'
