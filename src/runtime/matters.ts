/** Pure: whether a change of an object means something to its controller. */
import type { KubeObject } from '../api/object.ts'

/** A new spec or the begin of a deletion. Status writes, the controller's own among them, change neither. */
export const matters = ({ metadata: old }: KubeObject, { metadata: now }: KubeObject): boolean =>
  old.generation !== now.generation || old.deletionTimestamp !== now.deletionTimestamp
