/** Pure: writes and compares statuses as the API server would store them. */
import { isDeepStrictEqual } from 'node:util'

/** Returns a value as JSON carries it, without undefined members. */
export const asJson = <T>(value: T): T => (value === undefined ? value : JSON.parse(JSON.stringify(value)))

/** Whether two statuses say the same, whatever the order of their members. */
export const sameStatus = (one: unknown, other: unknown): boolean => isDeepStrictEqual(asJson(one), asJson(other))
