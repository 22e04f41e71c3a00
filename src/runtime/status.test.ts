import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asJson, sameStatus } from './status.ts'

for (const { name, one, other, same } of [
  { name: 'order of members', one: { a: 1, b: { c: 2, d: 3 } }, other: { b: { d: 3, c: 2 }, a: 1 }, same: true },
  {
    name: 'undefined and absent',
    one: { a: 1, b: undefined, c: [{ d: undefined }] },
    other: { a: 1, c: [{}] },
    same: true,
  },
  { name: 'order of a list', one: { a: [1, 2] }, other: { a: [2, 1] }, same: false },
  { name: 'a member more', one: { a: 1 }, other: { a: 1, b: 2 }, same: false },
  { name: 'a deep value', one: { a: { b: [{ c: 'x' }] } }, other: { a: { b: [{ c: 'y' }] } }, same: false },
  { name: 'no status yet', one: undefined, other: {}, same: false },
  { name: 'none at all', one: undefined, other: undefined, same: true },
]) {
  test(`two statuses ${same ? 'are' : 'are not'} the same: ${name}`, () => assert.equal(sameStatus(one, other), same))
}

test('asJson drops undefined members', () => {
  assert.deepEqual(Object.keys(asJson({ a: 1, b: undefined })), ['a'])
})
