import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OneCopy } from './one-copy.ts'

const lists = (max = 2) => new OneCopy<string[]>({ max, charactersMax: 10 })

test('values with the same text are one copy', () => {
  const copies = lists()
  const first = ['a']
  assert.equal(copies.of('a', first), first)
  assert.equal(copies.of('a', ['a']), first)
  assert.notEqual(copies.of('b', ['b']), first)
})

test('what was not asked for the longest is forgotten, and nothing beyond the limit is remembered', () => {
  const copies = lists()
  const [a, b] = [copies.of('a', ['a']), copies.of('b', ['b'])]
  copies.of('a', ['a'])
  copies.of('c', ['c'])
  assert.equal(copies.size, 2)
  assert.equal(copies.of('a', ['a']), a)
  assert.notEqual(copies.of('b', ['b']), b)
})

test('long values are not remembered', () => {
  const copies = lists()
  const long = ['x'.repeat(11)]
  assert.equal(copies.of('x'.repeat(11), long), long)
  assert.equal(copies.size, 0)
})
