/** Pure: times and numbers that others write, as far as the API can hold them (docs/adr/0020). */

/** The last moment that RFC 3339 can write. */
export const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59)
/** Longer texts are no times. */
const TIME_MAX = 64

/** A time from 1970 to 9999; undefined for anything else. Numbers are milliseconds. */
export function timeOf(given: unknown): Date | undefined {
  if (typeof given === 'string' && given.length > TIME_MAX) return undefined
  if (typeof given !== 'string' && typeof given !== 'number' && !(given instanceof Date)) return undefined
  const time = new Date(given)
  const ms = time.getTime()
  return ms >= 0 && ms <= LAST_MS ? time : undefined
}

/** A count or a size, rounded; undefined for what is none, or has no exact whole number. */
export function countOf(given: unknown): number | undefined {
  const count = typeof given === 'number' ? Math.round(given) : Number.NaN
  return Number.isSafeInteger(count) && count >= 0 ? count : undefined
}
