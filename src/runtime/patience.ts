/**
 * Pure: how long a failure that may be over by itself soon counts as work that goes on, before a person is called. All
 * that is needed is read from the status that the object has already, so a restart goes on where it was.
 */
import { type Condition, findCondition, READY, RECONCILING } from '../api/conditions.ts'
import type { Failure } from '../api/failures.ts'
import type { KubeObject } from '../api/object.ts'
import { jitterFor } from './backoff.ts'

/** From when the object worked last, or from the last change of its spec. */
const PATIENCE_MS = 5 * 60_000
/** The first look comes after so long, and each pause is about twice as long as the one before: 10 s, 20 s, 40 s, ... */
const FIRST_LOOK_MS = 10_000

interface Subject extends KubeObject {
  status?: { observedGeneration?: number; conditions?: Condition[] }
}

/** Tells whether a failure is of the kind that clouds get over by themselves when they have caught up with a change. */
export type IsLate = (failure: Pick<Failure, 'reason' | 'message'>) => boolean

export interface Wait {
  /** Time to the next look, in ms. */
  lookWithin: number
  /** Whether the wait begins now: conditions are to say so, see `fromNow`. */
  isNew: boolean
}

/** The wait for a failure; undefined when it is of another kind, or has been waited for long enough. */
export function waitFor(subject: Subject, failure: Failure, isLate: IsLate, now: Date): Wait | undefined {
  if (failure.intent !== 'stalled' || !isLate(failure)) return undefined
  const since = sinceOf(subject)
  const waited = since === undefined ? 0 : now.getTime() - since
  if (waited >= PATIENCE_MS) return undefined
  // A clock that was set back begins anew.
  if (since === undefined || waited < 0) return { lookWithin: pause(subject, 0), isNew: true }
  return { lookWithin: pause(subject, waited), isNew: false }
}

const pause = ({ metadata: { uid } }: Subject, waited: number): number =>
  jitterFor(uid, Math.min(waited + FIRST_LOOK_MS, PATIENCE_MS - waited) * 1.05, 0.05)

/**
 * When the object, as its spec is now, began to fail; undefined when it begins now. It does not matter with what: an
 * endpoint may fail this way and that by turns.
 */
function sinceOf({ metadata, status }: Subject): number | undefined {
  const { observedGeneration, conditions } = status ?? {}
  const ready = findCondition(conditions, READY)
  const isFailing = observedGeneration === metadata.generation && ready?.status === 'False'
  return isFailing ? Date.parse(ready.lastTransitionTime) : undefined
}

/** The conditions from which `Ready` and `Reconciling` follow when a wait begins: they get new times. */
export const fromNow = (conditions: readonly Condition[]): Condition[] =>
  conditions.map(condition => (RENEWED.has(condition.type) ? { ...condition, status: 'Unknown' } : condition))
const RENEWED: ReadonlySet<string> = new Set([READY, RECONCILING])

/** The failure while it is waited for. */
export const softened = (failure: Failure, isLate: IsLate): Failure =>
  failure.intent === 'stalled' && isLate(failure) ? { ...failure, intent: 'waiting' } : failure
