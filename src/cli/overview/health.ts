/** Pure: what the conditions of an object say together. */
import { type Condition, findCondition, READY, RECONCILING, STALLED } from '../../api/conditions.ts'
import type { KubeObject } from '../../api/object.ts'

export interface Health {
  /** Status of Ready; `Unknown` also while the operator has not looked at the object yet. */
  ready: Condition['status']
  reason: string
  message: string
  /** A person must act. */
  isStalled: boolean
  /** Work goes on, or trouble may pass. Its words are in `trouble` where they differ from Ready's. */
  isReconciling: boolean
  trouble?: string
  /** Whether status is about the spec as it is. */
  isCurrent: boolean
}

type WithStatus = KubeObject & { status?: { observedGeneration?: number; conditions?: Condition[] } }

const UNSEEN = 'the operator has not looked at it yet: check that it runs'

export function healthOf({ metadata, status }: WithStatus): Health {
  const conditions = status?.conditions
  const ready = findCondition(conditions, READY)
  const [stalled, reconciling] = [findCondition(conditions, STALLED), findCondition(conditions, RECONCILING)]
  const other = [stalled, reconciling].find(one => one?.status === 'True' && one.message !== ready?.message)
  return {
    ready: ready?.status ?? 'Unknown',
    reason: ready?.reason ?? 'NotSeen',
    message: ready?.message ?? UNSEEN,
    isStalled: stalled?.status === 'True',
    isReconciling: reconciling?.status === 'True',
    ...(other ? { trouble: `${other.reason}: ${other.message}` } : {}),
    isCurrent: status?.observedGeneration === metadata.generation,
  }
}

/** Whether nobody needs to look at the object: it works, or was suspended on purpose. */
export const isWell = ({ ready, reason }: Health): boolean => ready === 'True' || reason === 'Suspended'
