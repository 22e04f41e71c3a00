/** Pure: whether a change of an object means something to its controller, and whether that has dealt with it. */
import type { KubeObject } from '../api/object.ts'

/** A new spec and the begin of a deletion matter. Writes of status, such as the controller's own, change neither. */
export const matters = ({ metadata: old }: KubeObject, { metadata: now }: KubeObject): boolean =>
  old.generation !== now.generation || old.deletionTimestamp !== now.deletionTimestamp

export type Observed = KubeObject & { status?: { observedGeneration?: number | undefined } }

/** Whether the status is of the spec as it is. */
export const isObserved = ({ status, metadata }: Observed): boolean =>
  status?.observedGeneration === metadata.generation
