/** Pure: writes and compares statuses as the API server would store them. */
import { isDeepStrictEqual } from 'node:util'

/** Returns a value as JSON carries it, without undefined members. */
export const asJson = <T>(value: T): T => (value === undefined ? value : JSON.parse(JSON.stringify(value)))

/** Whether two statuses say the same, whatever the order of their members. */
export const sameStatus = (one: unknown, other: unknown): boolean => isDeepStrictEqual(asJson(one), asJson(other))

/**
 * Replaces the status of the object of this uid. By name alone, an object that was deleted and made anew meanwhile would
 * get what was found out about the old one (docs/adr/0024).
 */
export const statusPatch = (uid: string, status: unknown) => [
  { op: 'test' as const, path: '/metadata/uid', value: uid },
  { op: 'add' as const, path: '/status', value: asJson(status) },
]
