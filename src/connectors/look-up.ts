/** Plans once more when an object that the plan misses is only late. */
import { type Failure, isFailure } from '../api/failures.ts'
import { isMissing, type MissingReference } from './resolve.ts'

/** `cached`: the object came in later than the one that names it, and is in the caches now. */
export type Presence = 'absent' | 'unlabelled' | 'cached'

/** Asks the API server for an object that the caches lack. A Failure says that it does not answer. */
export type LookUp = (missing: MissingReference['missing'], signal: AbortSignal) => Promise<Presence | Failure>

export interface Found<P> {
  plan: P | Failure
  /** Presence of the object that the plan misses. */
  presence?: Exclude<Presence, 'cached'>
}

/** Plans, and looks up what is missing: objects that are applied together come in by several watches, in any order. */
export async function planWithLookUp<P>(
  plan: () => P | Failure,
  lookUp: LookUp,
  signal: AbortSignal,
): Promise<Found<P>> {
  const looked = new Set<string>()
  for (;;) {
    const planned = plan()
    if (!isFailure(planned) || !isMissing(planned)) return { plan: planned }
    const { kind, name } = planned.missing
    const presence = looked.has(kind + name) ? 'absent' : await lookUp(planned.missing, signal)
    if (isFailure(presence)) return { plan: presence }
    if (presence !== 'cached') return { plan: planned, presence }
    looked.add(kind + name)
  }
}
