/** Pure: makes the events that a change of conditions is worth, and none when nothing has changed. */
import { type Condition, findCondition, READY, RECONCILING } from '../api/conditions.ts'
import { PROGRESSING } from '../api/kstatus.ts'
import type { EventRecord } from './outcome.ts'

export function transitionEvents(
  before: readonly Condition[] | undefined,
  after: readonly Condition[],
  action: string,
): EventRecord[] {
  const events: EventRecord[] = []
  const ready = findCondition(after, READY)
  if (ready && moved(before, ready) && !isExpected(before, ready)) {
    events.push({ type: ready.status === 'True' ? 'Normal' : 'Warning', action, ...why(ready) })
  }
  // Trouble that leaves Ready at True shows in Reconciling only.
  const trouble = findCondition(after, RECONCILING)
  if (trouble && ready?.status === 'True' && moved(before, trouble)) {
    events.push({ type: 'Warning', action, ...why(trouble) })
  }
  return events
}

/**
 * A new object that becomes Ready is what everybody expects, and its status says so. An event for each would cost the API
 * server as much as that status.
 */
function isExpected(before: readonly Condition[] | undefined, ready: Condition): boolean {
  const old = findCondition(before, READY)
  return ready.status === 'True' && (!old || old.reason === PROGRESSING)
}

const why = ({ reason, message }: Condition): Pick<Condition, 'reason' | 'message'> => ({ reason, message })

function moved(before: readonly Condition[] | undefined, now: Condition): boolean {
  const old = findCondition(before, now.type)
  return old?.status !== now.status || old.reason !== now.reason
}
