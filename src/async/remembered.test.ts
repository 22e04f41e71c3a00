import assert from 'node:assert/strict'
import { test } from 'node:test'
import { remembered } from './remembered.ts'

test('a remembered function works once for each object, whatever its result is', () => {
  const asked: object[] = []
  const of = remembered((key: object) => {
    asked.push(key)
    return undefined
  })
  const [one, other] = [{ name: 'same' }, { name: 'same' }]
  for (const key of [one, other, one, other]) assert.equal(of(key), undefined)
  assert.deepEqual(asked, [one, other])
})
