import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sessionName } from './session-name.ts'

const cases: [name: string, given: string, expected: string][] = [
  ['fits as it is', 'ml.prod.step', 'ml.prod.step'],
  ['other characters', 'ml/prod:step ä', 'ml-prod-step--'],
  ['too short', 'a', 'a-'],
  ['64 characters', 'x'.repeat(64), 'x'.repeat(64)],
]
for (const [name, given, expected] of cases) {
  test(`session name: ${name}`, () => assert.equal(sessionName(given), expected))
}

test('session name: long ones stay apart', () => {
  const [one, other] = ['a', 'b'].map(end => sessionName(`${'namespace.'.repeat(10)}${end}`))
  assert.notEqual(one, other)
  for (const name of [one, other]) assert.match(name ?? '', /^[\w+=,.@-]{64}$/)
})
