import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { pattern, type Rule, withRules } from './rules.ts'

const lower = pattern(/^[a-z]*$/, 'must be lower case')
const short: Rule<string> = { cel: 'self.size() < 4', isSatisfied: text => text.length < 4, message: 'must be short' }
const even: Rule<string> = {
  cel: 'self.size() % 2 == 0',
  isSatisfied: text => text.length % 2 === 0,
  message: 'must be short',
}

const told = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error?.issues.map(({ message }) => message)

describe('withRules', () => {
  it('tells each rule that does not hold, and of a list of rules the first', () => {
    assert.deepEqual(told(withRules(z.string(), [lower, short]), 'ABCDE'), ['must be lower case', 'must be short'])
    const ordered = withRules(z.string(), [[lower, short]])
    assert.deepEqual(told(ordered, 'ABCDE'), ['must be lower case'])
    assert.deepEqual(told(ordered, 'abcde'), ['must be short'])
    assert.equal(told(ordered, 'abc'), undefined)
  })

  it('makes one rule of a list, whose expression chooses between different messages', () => {
    const { 'x-kubernetes-validations': rules } = withRules(z.string(), [[lower, short, even]]).meta() ?? {}
    assert.deepEqual(rules, [
      {
        rule: '(self.matches("^[a-z]*$")) && (self.size() < 4) && (self.size() % 2 == 0)',
        messageExpression: '!(self.matches("^[a-z]*$")) ? "must be lower case" : "must be short"',
      },
    ])
  })
})
