/** Pure: writes and compares statuses as the API server would store them. */
import { isDeepStrictEqual } from 'node:util'
import type { ObjectMeta } from '../api/object.ts'

/** Returns a value as JSON carries it, without undefined members. */
export const asJson = <T>(value: T): T => (value === undefined ? value : JSON.parse(JSON.stringify(value)))

/** Whether two statuses say the same, whatever the order of their members. */
export const sameStatus = (one: unknown, other: unknown): boolean => isDeepStrictEqual(asJson(one), asJson(other))

/**
 * Replaces the status of the object of this uid and version. By name alone, an object that was deleted and made anew
 * meanwhile would get what was found out about the old one (docs/adr/0024), and conditions that others have written since
 * that version would be lost (docs/adr/0036).
 */
export const statusPatch = ({ uid, resourceVersion }: Pick<ObjectMeta, 'uid' | 'resourceVersion'>, status: unknown) => [
  { op: 'test' as const, path: '/metadata/uid', value: uid },
  { op: 'test' as const, path: '/metadata/resourceVersion', value: resourceVersion },
  { op: 'add' as const, path: '/status', value: asJson(status) },
]

/**
 * The same for an object that has changed since, as long as its conditions are those of `seen`: annotations may change
 * often, and a reconcile for each change would cost calls to clouds.
 */
export const statusPatchOver = (
  uid: string,
  seen: { conditions?: unknown[] | undefined } | undefined,
  status: unknown,
) => [
  { op: 'test' as const, path: '/metadata/uid', value: uid },
  // What is not there is equal to null.
  { op: 'test' as const, path: '/status/conditions', value: asJson(seen?.conditions) ?? null },
  { op: 'add' as const, path: '/status', value: asJson(status) },
]
