/** Pure: writes and compares statuses as the API server would store them. */
import { isDeepStrictEqual } from 'node:util'

/** Returns a value as JSON carries it, without undefined members. */
export const asJson = <T>(value: T): T => (value === undefined ? value : JSON.parse(JSON.stringify(value)))

/** Whether two statuses say the same, whatever the order of their members. */
export const sameStatus = (one: unknown, other: unknown): boolean => isDeepStrictEqual(asJson(one), asJson(other))

/**
 * Replaces the status of an object that has changed since it was `seen`, as long as its conditions are the same:
 * annotations may change often, and a reconcile for each change would cost calls to clouds. The object is that of this uid:
 * by name alone, one that was made anew would get what was found out about the old one.
 */
export const statusPatch = (uid: string, seen: { conditions?: unknown[] | undefined } | undefined, status: unknown) => [
  { op: 'test' as const, path: '/metadata/uid', value: uid },
  // What is not there is equal to null.
  { op: 'test' as const, path: '/status/conditions', value: asJson(seen?.conditions) ?? null },
  { op: 'add' as const, path: '/status', value: asJson(status) },
]
