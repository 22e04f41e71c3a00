/** Pure: from an unchecked spec to a typed one, or to a Failure that names the field, the reason and the cure. */
import type * as z from 'zod'
import { type Failure, stalled } from './failures.ts'

const MAX_ISSUES = 3

/** Returns a function that checks a spec against `schema`, and drops members that the schema does not know. */
export function specValidator<S extends z.ZodType>(schema: S): (spec: unknown) => z.output<S> | Failure {
  return spec => {
    const result = schema.safeParse(spec, { reportInput: true })
    if (result.success) return result.data
    const issues = result.error.issues
    const shown = issues.slice(0, MAX_ISSUES).map(issue => `${fieldPath(issue.path)}: ${describe(issue)}`)
    const rest = issues.length > MAX_ISSUES ? ` (and ${issues.length - MAX_ISSUES} more)` : ''
    return stalled('InvalidSpec', `${shown.join('; ')}${rest}`)
  }
}

const fieldPath = (path: PropertyKey[]): string =>
  path.reduce<string>((all, part) => all + (typeof part === 'number' ? `[${part}]` : `.${String(part)}`), 'spec')

/** Adds the cure to an issue of zod, whose own messages say what is wrong but not what to do. */
function describe(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined) return 'is required: add it'
  switch (issue.code) {
    case 'invalid_type':
      return `has the wrong type: give it as ${issue.expected}`
    case 'invalid_value':
      return `has an unknown value: use one of ${issue.values.join(', ')}`
    case 'too_big':
      return `allows at most ${amount(issue.maximum, issue.origin)}: shorten it or lower it`
    case 'too_small':
      return `needs at least ${amount(issue.minimum, issue.origin)}: add to it or raise it`
    default:
      return issue.message
  }
}

const UNITS: Record<string, [one: string, many: string]> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
}

function amount(count: number | bigint, origin: string): string {
  const unit = UNITS[origin]?.[count === 1 ? 0 : 1]
  return unit ? `${count} ${unit}` : `${count}`
}
