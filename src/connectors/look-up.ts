/** Plans once more when an object that the plan misses is only late, or its values were not read yet. */
import { type Failure, isFailure, transient } from '../api/failures.ts'
import { isMissing, type MissingReference } from './resolve.ts'

/** `cached`: the object is in the caches now, with the values that the connector names. */
export type Presence = 'absent' | 'unlabelled' | 'cached'

/** Asks the API server for an object that the caches lack. A Failure says that it does not answer. */
export type LookUp = (missing: MissingReference['missing'], signal: AbortSignal) => Promise<Presence | Failure>

export interface Found<P> {
  plan: P | Failure
  /** Presence of the object that the plan misses. */
  presence?: Exclude<Presence, 'cached'>
  /** The object that could not be read: the plan is then a Failure that names it. */
  unread?: MissingReference['missing']
}

/** How often an object is looked up for one plan: it may change while it is read. */
const LOOKS_MAX = 3

/**
 * Plans, and looks up what is missing: values are only read once they are needed, and objects that are applied together
 * come in by several watches, in any order.
 */
export async function planWithLookUp<P>(
  plan: () => P | Failure,
  lookUp: LookUp,
  signal: AbortSignal,
): Promise<Found<P>> {
  const looks = new Map<string, number>()
  for (;;) {
    const planned = plan()
    if (!isFailure(planned) || !isMissing(planned)) return { plan: planned }
    const { missing } = planned
    const { kind, namespace, name } = missing
    const what = `${kind} "${namespace}/${name}"`
    const before = looks.get(what) ?? 0
    if (before >= LOOKS_MAX) {
      const plan = transient('ReferenceNotRead', `${what} changes while it is read; it is tried again`)
      return { plan, unread: missing }
    }
    const presence = await lookUp(missing, signal)
    if (isFailure(presence)) return { plan: presence, unread: missing }
    if (presence !== 'cached') return { plan: planned, presence }
    looks.set(what, before + 1)
  }
}
