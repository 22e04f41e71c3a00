/** Removes Secrets that a store may no longer have: so many in a turn, as others wait for the worker. */
import { type Failure, waiting } from '../../api/failures.ts'
import { inTurns } from '../../async/in-turns.ts'
import { isGoing, type ProjectedSecret } from '../plan/projected-secret.ts'
import { UNFINISHED } from './projection.ts'
import type { SecretWriter } from './secret-writer.ts'

/** Number of Secrets that are removed at the same time. */
const AT_ONCE = 8
/** The most Secrets of one turn, and the time after which no other removal begins. */
const MAX_OF_TURN = 200
const TURN_MS = 10_000

export interface Removal {
  /** Those that are gone now, or go as soon as others have removed their finalizers. */
  removed: Set<ProjectedSecret>
  /** Why others are still there. */
  failure: Failure | undefined
}

export interface RemovalContext {
  writer: Pick<SecretWriter, 'remove'>
  monotonic: () => number
}

export async function removeSecrets(
  secrets: ProjectedSecret[],
  { writer, monotonic }: RemovalContext,
  signal: AbortSignal,
): Promise<Removal> {
  // Nothing can be done for those that are deleted already: a finalizer of others must not cost a call in each turn.
  const removed = new Set(secrets.filter(isGoing))
  const left = secrets.filter(secret => !removed.has(secret))
  const start = monotonic()
  // Each turn starts with another one: those that can't be removed must not use up the turns of all behind them.
  const first = left.length > MAX_OF_TURN ? Math.floor(start) % left.length : 0
  const turn = [...left.slice(first), ...left.slice(0, first)].slice(0, MAX_OF_TURN)
  const failures: Failure[] = []
  let isUnfinished = turn.length < left.length
  let count = 0
  await inTurns(turn, AT_ONCE, async secret => {
    if (monotonic() - start >= TURN_MS) {
      isUnfinished = true
      return
    }
    const failure = await writer.remove(secret, signal)
    if (failure) failures.push(failure)
    else {
      removed.add(secret)
      count++
    }
  })
  // A turn that removed something is followed by another one soon. One that removed nothing says why.
  return {
    removed,
    failure: isUnfinished && count > 0 ? unfinished : (failures[0] ?? (isUnfinished ? unfinished : undefined)),
  }
}

const unfinished = waiting(UNFINISHED, 'not all Secrets that the store may no longer have are removed yet; it goes on')
