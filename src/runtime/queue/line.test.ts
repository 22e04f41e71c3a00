import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Line } from './line.ts'

const lineOf = (...members: string[]): Line<string> => {
  const line = new Line<string>()
  for (const member of members) line.push(member)
  return line
}

const drain = (line: Line<string>): string[] => {
  const members: string[] = []
  for (let member = line.shift(); member !== undefined; member = line.shift()) members.push(member)
  return members
}

test('a line serves in the order of arrival, each member once', () => {
  const line = lineOf('a', 'b', 'a', 'c')
  assert.equal(line.size, 3)
  assert.deepEqual(drain(line), ['a', 'b', 'c'])
  assert.equal(line.size, 0)
})

for (const [who, rest] of [
  ['a', ['b', 'c', 'd']],
  ['b', ['a', 'c', 'd']],
  ['c', ['a', 'b', 'd']],
] as const) {
  test(`"${who}" leaves the line a, b, c, and later members come behind the others`, () => {
    const line = lineOf('a', 'b', 'c')
    assert.equal(line.delete(who), true)
    assert.equal(line.delete(who), false)
    line.push('d')
    assert.deepEqual(drain(line), rest)
  })
}

test('a member of a line that leaves and comes back is last', () => {
  const line = lineOf('a', 'b')
  line.delete('a')
  line.push('a')
  assert.deepEqual(drain(line), ['b', 'a'])
})

test('a line can be used again after all have left, and after clear', () => {
  const line = lineOf('a')
  line.delete('a')
  line.push('b')
  line.clear()
  assert.equal(line.size, 0)
  line.push('c')
  assert.deepEqual(drain(line), ['c'])
})
