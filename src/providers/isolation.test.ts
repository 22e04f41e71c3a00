import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { besides, concludeTried, serviceWords, type Tried } from './isolation.ts'

const tried = (question: Tried['question'], shows: Tried['shows'], status = 403): Tried => ({
  ...{ question, shows },
  answer: { status },
})

describe('what a trial concludes', () => {
  const cases: [name: string, tried: Tried[], result: string, detail?: string][] = [
    ['nothing to ask', [], 'True'],
    ['only refusals', [tried('listOutside', 'refused'), tried('write', 'refused')], 'True'],
    ['one reach', [tried('listOutside', 'refused'), tried('write', 'reached')], 'False', 'write'],
    [
      'the same reach twice, of credentials and of the identity',
      [tried('listOutside', 'reached'), tried('listOutside', 'reached')],
      'False',
      'list outside of their prefix',
    ],
    ['a reach beside what is unclear', [tried('write', 'unclear', 501), tried('delete', 'reached')], 'False', 'delete'],
    [
      'an unclear answer beside refusals',
      [tried('write', 'unclear', 501), tried('delete', 'refused')],
      'Unknown',
      'whether they may write: the service answered HTTP 501',
    ],
  ]
  for (const [name, given, result, detail] of cases) {
    test(`is ${result} for ${name}`, () => {
      const found = concludeTried(given)
      assert.deepEqual([found.result, found.detail], [result, detail])
    })
  }
})

test('the prefix beside another one begins with the same letters, and is not below it', () => {
  assert.equal(besides('team/run/').startsWith('team/run'), true)
  assert.equal(besides('team/run/').startsWith('team/run/'), false)
})

describe('the words of a service', () => {
  const cases: [name: string, message: string, shown: string][] = [
    ['are shown', 'user root is not authorized', 'HTTP 403 AccessDenied: "user root is not authorized"'],
    ['lose the credentials', 'the key TOPSECRET is bad', 'HTTP 403 AccessDenied: "the key ... is bad"'],
    ['lose parameters', 'see https://h/?sig=abc&x=1 now', 'HTTP 403 AccessDenied: "see ... now"'],
    ['lose times', 'denied at 2026-11-29T12:00:00Z today', 'HTTP 403 AccessDenied: "denied at ... today"'],
    ['lose ids', 'request 0123456789abcdef0123456789abcdef failed', 'HTTP 403 AccessDenied: "request ... failed"'],
    [
      'keep who was refused',
      'arn:aws:iam::123456789012:role/artifact-store may not',
      'HTTP 403 AccessDenied: "arn:aws:iam::123456789012:role/artifact-store may not"',
    ],
    ['are absent where there are none', '', 'HTTP 403 AccessDenied'],
  ]
  for (const [name, message, shown] of cases) {
    test(name, () => {
      assert.equal(serviceWords({ status: 403, code: 'AccessDenied', message }, ['TOPSECRET']), shown)
    })
  }
  test('are bounded', () => {
    const { length } = serviceWords({ status: 403, message: 'word '.repeat(1_000) }, [])
    assert.ok(length < 250, `${length}`)
  })
})
