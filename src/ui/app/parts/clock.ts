/** Times of day, as the reader's own place and language have them. */

const MINUTES = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const DAYS = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
})
const SECONDS = new Intl.DateTimeFormat(undefined, {
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  timeZoneName: 'short',
})
const WHOLE = new Intl.DateTimeFormat(undefined, {
  ...{ year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  timeZoneName: 'short',
})
const ZONE = new Intl.DateTimeFormat(undefined, { timeZoneName: 'short' })

const DAY_MS = 86_400_000

/** `ms`: a time in a span of that length, which says whether the day is told. */
export const clockOf = (ms: number, length: number): string => (length > DAY_MS ? DAYS : MINUTES).format(ms)

/** With the time zone: `14:03:05 CET`. Empty for what is no time. */
export const momentOf = (time: number | string): string => formatted(SECONDS, time)

/** The same with its day. */
export const dateOf = (time: number | string | undefined): string => formatted(WHOLE, time)

/** The reader's time zone at that time: `CET`. */
export const zoneAt = (ms: number): string =>
  ZONE.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? ''

function formatted(format: Intl.DateTimeFormat, time: number | string | undefined): string {
  const ms = typeof time === 'string' ? Date.parse(time) : (time ?? Number.NaN)
  return Number.isNaN(ms) ? '' : format.format(ms)
}
