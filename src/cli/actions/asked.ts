/**
 * Pure: the value of a request, and whether it is answered. Values are times, so that each is later than the one before:
 * when somebody else asks before the answer, the operator only ever answers theirs, which answers this one, too.
 */

/** As this program writes times, and others that set the annotation. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/

const timeOf = (value: string | undefined): number =>
  value !== undefined && TIME.test(value) ? Date.parse(value) : Number.NaN

/** The value of a request that is made now, and replaces another one, also of a clock that is ahead. */
export function valueAfter(before: string | undefined, now: Date): string {
  const next = timeOf(before) + 1
  return new Date(next > now.getTime() ? next : now).toISOString()
}

/** Whether what the operator has handled is this request, or a later one. */
export const isAnswered = (request: string, handled: string | undefined): boolean =>
  handled === request || timeOf(handled) > timeOf(request)
