import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FairLines } from './fair-lines.ts'

interface Member {
  name: string
}

function linesOf(...names: string[]) {
  const lines = new FairLines<Member>()
  const members = new Map(names.map(name => [name, { name }]))
  for (const [name, member] of members) lines.push(name.charAt(0), member)
  const rest = (): string[] => {
    const taken: string[] = []
    for (let next = lines.shift(); next; next = lines.shift()) taken.push(next.name)
    return taken
  }
  return { lines, members, rest }
}

test('owners take turns, each in its own order', () => {
  assert.deepEqual(linesOf('a1', 'a2', 'a3', 'b1', 'c1', 'c2').rest(), ['a1', 'b1', 'c1', 'a2', 'c2', 'a3'])
})

test('an owner that comes again has its turn after all that wait', () => {
  const { lines, rest } = linesOf('a1', 'b1')
  assert.equal(lines.shift()?.name, 'a1')
  lines.push('a', { name: 'a2' })
  assert.deepEqual(rest(), ['b1', 'a2'])
})

test('what is too much is the oldest of the longest line, until all are gone', () => {
  const { lines } = linesOf('a1', 'b1', 'b2', 'b3', 'c1', 'c2')
  const given = Array.from({ length: 7 }, () => lines.shiftLongest()?.name)
  assert.deepEqual(given, ['b1', 'b2', 'c1', 'a1', 'b3', 'c2', undefined])
  assert.equal(lines.size, 0)
})

test('a member that leaves is counted once, and its owner loses its turn with its last one', () => {
  const { lines, members, rest } = linesOf('a1', 'b1', 'b2')
  const leaver = members.get('a1') ?? assert.fail()
  for (let times = 0; times < 2; times++) lines.delete('a', leaver)
  assert.equal(lines.size, 2)
  assert.deepEqual(rest(), ['b1', 'b2'])
})
