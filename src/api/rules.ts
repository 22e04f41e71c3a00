/**
 * Validation that exists once: the CEL that the API server evaluates, and beside it the same in code. The CRD refuses
 * a bad object at the door; the code refuses it where an older CRD let it in.
 *
 * CEL writes `has(x) && ...` and never `?x.orValue()`: the API server's estimate of what a rule costs does not see the
 * bounds of a field through an optional, and refuses the CRD.
 */
import type * as z from 'zod'

export interface Rule<T> {
  cel: string
  /** The same as `cel`. Absent for transition rules: only the API server sees the old object. */
  holds?(value: T): boolean
  /** Names the field, the reason and the cure. */
  message: string
}

/** `schema` that also holds `rules`, in the CRD and in code. */
export function withRules<S extends z.ZodType>(schema: S, rules: readonly Rule<z.output<S>>[]): S {
  return schema
    .check(context => {
      for (const rule of rules) {
        if (rule.holds && !rule.holds(context.value)) {
          context.issues.push({ code: 'custom', input: context.value, message: rule.message })
        }
      }
    })
    .meta({ 'x-kubernetes-validations': rules.map(({ cel, message }) => ({ rule: cel, message })) })
}

/** JSON and CEL write text alike. `pattern` must mean the same in JavaScript and in RE2: classes, groups, anchors and counts. */
export function pattern(pattern: RegExp, message: string): Rule<string> {
  return {
    cel: `self.matches(${JSON.stringify(pattern.source.replaceAll('\\/', '/'))})`,
    holds: text => pattern.test(text),
    message,
  }
}

export function exactlyOne(field: string, members: readonly string[]): Rule<object> {
  return {
    cel: `[${members.map(member => `has(self.${member})`).join(', ')}].exists_one(given, given)`,
    holds: value => members.filter(member => (value as Record<string, unknown>)[member] !== undefined).length === 1,
    message: `${field} needs exactly one of ${members.join(', ')}: give one and remove the others`,
  }
}

/** Which of `members` is given may not change. */
export const fixedChoice = (members: readonly string[], message: string): Rule<object> => ({
  cel: members.map(member => `has(self.${member}) == has(oldSelf.${member})`).join(' && '),
  message,
})

/** Optional text members that may be neither changed, added nor removed. */
export function immutable(members: readonly string[], cure: string): Rule<object>[] {
  return members.map(member => ({
    cel: `has(self.${member}) ? has(oldSelf.${member}) && self.${member} == oldSelf.${member} : !has(oldSelf.${member})`,
    message: `${member} is immutable: ${cure}`,
  }))
}
