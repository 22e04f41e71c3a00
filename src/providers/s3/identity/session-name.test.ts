import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sessionName } from './session-name.ts'

const cases: [name: string, given: string, expected: string][] = [
  ['keeps a name that fits', 'ml.prod.step', 'ml.prod.step'],
  ['replaces other characters', 'ml/prod:step ä', 'ml-prod-step--'],
  ['makes a short name longer', 'a', 'a-'],
  ['keeps 64 characters', 'x'.repeat(64), 'x'.repeat(64)],
]
for (const [name, given, expected] of cases) {
  test(`a session name ${name}`, () => assert.equal(sessionName(given), expected))
}

test('long session names that are cut stay apart', () => {
  const [one, other] = ['a', 'b'].map(end => sessionName(`${'namespace.'.repeat(10)}${end}`))
  assert.notEqual(one, other)
  for (const name of [one, other]) assert.match(name ?? '', /^[\w+=,.@-]{64}$/)
})
