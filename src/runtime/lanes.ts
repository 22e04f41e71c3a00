/** Pure but for what it counts: which lane a change of an object puts it into. */
import type { Clock } from './clock.ts'
import type { InformerEvent } from './informer.ts'
import { isObserved, matters, type Observed } from './matters.ts'
import type { Lane } from './queue/workqueue.ts'

/** Objects of a namespace that may be asked for at once before all others: more than a person asks for by hand. */
const ASKED_MAX = 10
const ASKED_MS = 10_000

export interface Lanes {
  /** The lane of a change of an object. */
  ofEvent(event: InformerEvent<Observed>): Lane
  /** The lane of an object that a change of others wakes: of its connector, of a Secret, or of its namespace. */
  ofWake(object: Observed | undefined, lane: Lane): Lane
}

/**
 * Urgent is what somebody waits for: a new spec, a deletion, and what a person asks for by annotation. Who asks for many
 * objects that were dealt with before, also by a change of their connector, gets them between all others, as does a
 * restart, which adds every object at once.
 */
export function createLanes({ monotonic }: Pick<Clock, 'monotonic'>): Lanes {
  /** Objects of each namespace that were asked for since `since`. */
  const asked = new Map<string, number>()
  let since = monotonic()

  function isAskedSeldom(namespace: string): boolean {
    const now = monotonic()
    if (now - since >= ASKED_MS) {
      asked.clear()
      since = now
    }
    const count = (asked.get(namespace) ?? 0) + 1
    asked.set(namespace, count)
    return count <= ASKED_MAX
  }

  const laneOfAsked = ({ metadata }: Observed) => (isAskedSeldom(metadata.namespace ?? '') ? 'urgent' : 'routine')
  return {
    ofEvent(event) {
      const { object } = event
      if (!isObserved(object)) return 'urgent'
      if (event.type !== 'updated') return 'routine'
      return matters(event.old, object) ? 'urgent' : laneOfAsked(object)
    },
    ofWake(object, lane) {
      if (lane === 'routine' || !object || !isObserved(object) || object.metadata.deletionTimestamp) return lane
      return laneOfAsked(object)
    },
  }
}
