import assert from 'node:assert/strict'
import { test } from 'node:test'
import { remembered, rememberedLately } from './remembered.ts'

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

test('a function that remembers what was asked lately works again for what was first asked long ago', () => {
  const asked: object[] = []
  const of = rememberedLately((key: object) => asked.push(key), 2)
  const [one, two, three] = [{}, {}, {}]
  for (const key of [one, two, one, three, two, three, one]) of(key)
  assert.deepEqual(asked, [one, two, three, one])
})
