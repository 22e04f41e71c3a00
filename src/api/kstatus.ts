/** Pure: Ready, Reconciling and Stalled as kstatus reads them. Reconciling and Stalled are present only while true. */
import {
  type Condition,
  findCondition,
  type OwnType,
  READY,
  RECONCILING,
  removeCondition,
  STALLED,
  setCondition,
} from './conditions.ts'
import type { Failure } from './failures.ts'

/** Reason of Ready, which is Unknown, while the first work on an object goes on. */
export const PROGRESSING = 'Progressing'

/** What Ready, Reconciling and Stalled are to say. */
export type Readiness =
  | { kind: 'ready'; reason: string; message: string }
  /** The object does not work: consumers are affected, or a person must act. */
  | { kind: 'failed'; failure: Failure }
  /** There is trouble that does not reach consumers yet: Ready stays as it is, and Reconciling says why. */
  | { kind: 'still-ready'; failure: Failure }
  /** Work on a new spec goes on. */
  | { kind: 'progressing' }
  /** Nobody looks at a suspended object, so nobody knows whether it works. */
  | { kind: 'suspended' }

export function concludeConditions(
  previous: readonly Condition[],
  generation: number,
  readiness: Readiness,
  now: Date,
): Condition[] {
  const set = (conditions: readonly Condition[], type: OwnType, status: Condition['status'], why: Why): Condition[] =>
    setCondition(conditions, { type, status, observedGeneration: generation, ...why }, now)

  if (readiness.kind === 'ready') {
    const { reason, message } = readiness
    const calm = removeCondition(removeCondition(previous, RECONCILING), STALLED)
    return set(calm, READY, 'True', { reason, message })
  }
  if (readiness.kind === 'suspended') {
    const calm = removeCondition(removeCondition(previous, RECONCILING), STALLED)
    return set(calm, READY, 'Unknown', {
      reason: 'Suspended',
      message: 'spec.suspend is true: set it to false to resume',
    })
  }
  if (readiness.kind === 'progressing') {
    const why = { reason: PROGRESSING, message: 'the new spec is being worked on' }
    const ready = findCondition(previous, READY)
    const known = ready ? previous : set(previous, READY, 'Unknown', why)
    return set(removeCondition(known, STALLED), RECONCILING, 'True', why)
  }
  const { intent, reason, message } = readiness.failure
  const why = { reason, message }
  if (readiness.kind === 'still-ready') {
    const ready = findCondition(previous, READY)
    const kept = ready ? set(previous, READY, ready.status, { reason: ready.reason, message: ready.message }) : previous
    return set(removeCondition(kept, STALLED), RECONCILING, 'True', why)
  }
  const failed = set(previous, READY, 'False', why)
  return intent === 'stalled'
    ? set(removeCondition(failed, RECONCILING), STALLED, 'True', why)
    : set(removeCondition(failed, STALLED), RECONCILING, 'True', why)
}

type Why = Pick<Condition, 'reason' | 'message'>

export const isReady = (conditions: readonly Condition[] | undefined): boolean =>
  findCondition(conditions ?? [], READY)?.status === 'True'
