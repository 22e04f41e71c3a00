import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { stalled } from '../api/failures.ts'
import { quoting, saidIn } from './said.ts'

describe('what a service says', () => {
  const cases: [name: string, message: string, secrets: string[], said: string][] = [
    ['is quoted', 'user root is not authorized', [], ' (the service says: "user root is not authorized")'],
    ['loses the credentials', 'the key hush is bad', ['hush'], ' (the service says: "the key ... is bad")'],
    [
      'keeps its letters where a secret is empty',
      'a policy denies it',
      [''],
      ' (the service says: "a policy denies it")',
    ],
    ['is left out where it says no more than its code', 'Access Denied.', [], ''],
  ]
  for (const [name, message, secrets, said] of cases) {
    test(name, () => assert.equal(saidIn({ status: 403, code: 'AccessDenied', message }, secrets), said))
  }

  test('is not quoted of an answer that did not come', () => {
    assert.equal(saidIn({ status: 0, code: 'ECONNREFUSED', message: 'of the operator' }), '')
  })

  test('is quoted once', () => {
    const answer = { status: 403, message: 'a policy denies it' }
    const once = quoting(stalled('PermissionDenied', 'm'), answer)
    assert.deepEqual(quoting(once, answer), once)
  })
})
