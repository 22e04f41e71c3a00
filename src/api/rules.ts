/**
 * Rules of validation, each in one place: the CEL that the API server evaluates, and beside it the same in code. The
 * CRD refuses a bad object at the door; the code refuses it where an older CRD let it in.
 *
 * Write `has(x) && ...` in CEL and never `?x.orValue()`: the API server estimates what a rule costs, does not see the
 * bounds of a field through an optional, and refuses the CRD.
 */
import type * as z from 'zod'

export interface Rule<T> {
  cel: string
  /** The same as `cel`, in code. Absent for transition rules: only the API server sees the old object. */
  isSatisfied?(value: T): boolean
  /** Message that names the field, the reason and the cure. */
  message: string
}

/**
 * Rules of which the first that does not hold is told. In the CRD they are one: the API server evaluates all rules at each
 * write of an object, also of its status, and each by itself costs it more than its expression.
 */
export type OrderedRules<T> = readonly [Rule<T>, ...Rule<T>[]]

/** Returns `schema` with `rules`, which then apply in the CRD and in code. */
export function withRules<S extends z.ZodType>(
  schema: S,
  rules: readonly (Rule<z.output<S>> | OrderedRules<z.output<S>>)[],
): S {
  const lists = rules.map(entry => ('cel' in entry ? ([entry] as const) : entry))
  return schema
    .check(({ value, issues }) => {
      for (const list of lists) {
        const broken = list.find(({ isSatisfied }) => isSatisfied && !isSatisfied(value))
        if (broken) issues.push({ code: 'custom', input: value, message: broken.message })
      }
    })
    .meta({ 'x-kubernetes-validations': lists.map(validationOf) })
}

function validationOf<T>(rules: OrderedRules<T>) {
  const [{ cel, message }] = rules
  if (rules.length === 1) return { rule: cel, message }
  const rule = rules.map(({ cel }) => `(${cel})`).join(' && ')
  const last = rules.at(-1)?.message
  const choices = rules
    .slice(0, rules.findLastIndex(({ message }) => message !== last) + 1)
    .map(({ cel, message }) => `!(${cel}) ? ${JSON.stringify(message)} : `)
  return { rule, messageExpression: `${choices.join('')}${JSON.stringify(last)}` }
}

/** Rule that text matches `pattern`, which must mean the same in JavaScript and RE2. JSON and CEL write text alike. */
export function pattern(pattern: RegExp, message: string): Rule<string> {
  return {
    cel: `self.matches(${JSON.stringify(pattern.source.replaceAll('\\/', '/'))})`,
    isSatisfied: text => pattern.test(text),
    message,
  }
}

export function exactlyOne(field: string, members: readonly string[]): Rule<object> {
  return {
    cel: `[${members.map(member => `has(self.${member})`).join(', ')}].exists_one(given, given)`,
    isSatisfied: value =>
      members.filter(member => (value as Record<string, unknown>)[member] !== undefined).length === 1,
    message: `${field} needs exactly one of ${members.join(', ')}: give one and remove the others`,
  }
}

/** Rule that the choice between `members` may not change. */
export const fixedChoice = (members: readonly string[], message: string): Rule<object> => ({
  cel: members.map(member => `has(self.${member}) == has(oldSelf.${member})`).join(' && '),
  message,
})

/** Rules that optional text members may be neither changed, added nor removed. */
export function immutable(members: readonly string[], cure: string): Rule<object>[] {
  return members.map(member => ({
    cel: `has(self.${member}) ? has(oldSelf.${member}) && self.${member} == oldSelf.${member} : !has(oldSelf.${member})`,
    message: `${member} is immutable: ${cure}`,
  }))
}
