/** Pure but for what it counts: which lane a change of an object puts it into. */
import type { KubeObject } from '../api/object.ts'
import type { Clock } from './clock.ts'
import type { InformerEvent } from './informer.ts'
import { matters } from './matters.ts'
import type { Lane } from './queue/workqueue.ts'

/** Objects of a namespace that may be asked for at once before all others: more than a person asks for by hand. */
const ASKED_MAX = 10
const ASKED_MS = 10_000

type Observed = KubeObject & { status?: { observedGeneration?: number | undefined } }

/**
 * Urgent is what somebody waits for: a new spec, a deletion, and what a person asks for by annotation. Who asks for many
 * objects that were dealt with before gets them between all others, as does a restart, which adds every object at once.
 */
export function createLanes({ monotonic }: Pick<Clock, 'monotonic'>): (event: InformerEvent<Observed>) => Lane {
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

  return event => {
    const { object } = event
    if (object.status?.observedGeneration !== object.metadata.generation) return 'urgent'
    if (event.type !== 'updated') return 'routine'
    return matters(event.old, object) || isAskedSeldom(object.metadata.namespace ?? '') ? 'urgent' : 'routine'
  }
}
