/** Times of day, as the reader's own place and language have them. */

const MINUTES = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const DAYS = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
})

const DAY_MS = 86_400_000

/** `ms`: a time in a span of that length, which says whether the day is told. */
export const clockOf = (ms: number, length: number): string => (length > DAY_MS ? DAYS : MINUTES).format(ms)
