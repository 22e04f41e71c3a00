/** Pure: times and durations as the API writes them. */
import { LAST_MS } from '../foreign/numbers.ts'

const UNIT_MS = { h: 3_600_000, m: 60_000, s: 1_000 } as const

/** The longest that a session may live, whatever a spec asks for. */
export const MAX_SESSION_DURATION = '12h'

/** Milliseconds of a duration such as `15m` or `1h30m`, whose form the schemas have checked. NaN for any other text. */
export function durationMs(text: string): number {
  if (!/^(?:\d{1,6}[hms]){1,16}$/.test(text)) return Number.NaN
  let total = 0
  for (const [, count, unit] of text.matchAll(/(\d{1,6})([hms])/g)) {
    total += Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]
  }
  return total
}

/** Writes a time as Kubernetes does, RFC 3339 in whole seconds: `2026-01-31T08:00:00Z`. A status with a later time than it can write would be refused. */
export const rfc3339 = (time: Date): string =>
  `${new Date(Math.min(time.getTime(), LAST_MS)).toISOString().slice(0, 19)}Z`

/** Writes a time as client-go's MicroTime, which takes only RFC 3339 with exactly six fractional digits. */
export const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')
