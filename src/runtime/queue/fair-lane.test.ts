import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FairLane } from './fair-lane.ts'
import type { Group } from './occupancy.ts'

/**
 * Makes a lane whose groups are full when the test says so. Keys are named after their owner, if they have one of their
 * own, and their groups: `a.1`, `a+x.1`, `owner:a.1`.
 */
function setUp(...keys: string[]) {
  const full = new Set<string>()
  const levels = new Map<string, number>()
  const levelOf = (owner: string) => levels.get(owner) ?? 0
  const places = new Map<string, number>()
  const placesOf = (owner: string, group: string) => places.get(`${owner} ${group}`) ?? 0
  const lane = new FairLane({ levelOf, placesOf, hasRoom: ({ name }) => !full.has(name) })
  const groupsOf = (key: string): Group[] => (key.split(/[.:]/).at(-2) ?? '').split('+').map(name => ({ name, max: 1 }))
  const ownerOf = (key: string) => (key.includes(':') ? (key.split(':')[0] ?? '') : '')
  const push = (...more: string[]) => {
    for (const key of more) lane.push({ key, owner: ownerOf(key), since: 0, groups: groupsOf(key) })
  }
  const drain = () => {
    const order: string[] = []
    for (let entry = lane.shift(); entry; entry = lane.shift()) order.push(entry.key)
    return order.join(' ')
  }
  const free = (name: string, by?: string) => {
    full.delete(name)
    lane.freed([{ name, max: 1 }], by)
  }
  push(...keys)
  return { lane, full, levels, places, push, drain, free }
}

test('groups take turns, and within one the first comes first', () => {
  const { drain } = setUp('a.1', 'a.2', 'a.3', 'a.4', 'b.1', 'c.1', 'b.2')
  assert.equal(drain(), 'a.1 b.1 c.1 a.2 b.2 a.3 a.4')
})

test('whoever comes later gets a turn before the second of those that wait', () => {
  const { lane, push, drain } = setUp('a.1', 'a.2', 'b.1', 'b.2')
  assert.equal(lane.shift()?.key, 'a.1')
  push('new.1')
  assert.equal(drain(), 'b.1 a.2 new.1 b.2')
})

test('a full group steps aside, and is back in turn when it has room', () => {
  const { lane, full, push, drain, free } = setUp('a.1', 'b.1', 'a.2')
  full.add('a')
  assert.equal(drain(), 'b.1')
  push('a.3', 'b.2')
  assert.equal(drain(), 'b.2')
  assert.equal(lane.size, 3)
  free('a')
  assert.equal(drain(), 'a.1 a.2 a.3')
})

test('a key needs room in all of its groups', () => {
  const { full, drain, free } = setUp('a+x.1', 'b+x.1', 'b+y.1')
  full.add('x').add('b')
  assert.equal(drain(), '')
  free('x')
  assert.equal(drain(), 'a+x.1')
  free('b')
  assert.equal(drain(), 'b+x.1')
  free('b')
  assert.equal(drain(), 'b+y.1')
})

test('one free place, one back in turn: the longest waiting', () => {
  const { lane, full, drain, free } = setUp('a+x.1', 'b+x.1', 'c+x.1')
  full.add('x')
  drain()
  free('x')
  assert.equal(lane.shift()?.key, 'a+x.1')
  full.add('x')
  assert.equal(drain(), '')
  free('x')
  assert.equal(lane.shift()?.key, 'b+x.1')
})

test('a free place that its first in line can’t use goes to the next', () => {
  const { full, drain, free } = setUp('a+x.1', 'b+x.1')
  full.add('x')
  drain()
  full.add('a')
  free('x')
  assert.equal(drain(), 'b+x.1')
})

test('a free place goes to the next when its first in line has left', () => {
  const { lane, full, drain, free } = setUp('a+x.1', 'b+x.1')
  full.add('x')
  drain()
  free('x')
  lane.take('a+x.1')
  assert.equal(drain(), 'b+x.1')
})

test('a key can leave before its turn, in turn or aside', () => {
  const { lane, full, push, drain, free } = setUp('a.1', 'a.2', 'b.1')
  full.add('b')
  assert.equal(lane.take('a.1')?.key, 'a.1')
  assert.equal(lane.take('a.1'), undefined)
  assert.equal(drain(), 'a.2')
  assert.equal(lane.take('b.1')?.key, 'b.1')
  assert.deepEqual([lane.size, lane.get('b.1')], [0, undefined])
  free('b')
  push('b.2')
  assert.equal(drain(), 'b.2')
})

test('owners that used the same take turns, however many groups they have', () => {
  const { lane, levels } = setUp('many:a.1', 'many:b.1', 'many:c.1', 'many:d.1', 'few:e.1', 'few:e.2')
  const order: string[] = []
  for (let entry = lane.shift(); entry; entry = lane.shift()) {
    order.push(entry.key)
    levels.set(entry.owner, (levels.get(entry.owner) ?? 0) + 1)
  }
  assert.deepEqual(order, ['many:a.1', 'few:e.1', 'many:b.1', 'few:e.2', 'many:c.1', 'many:d.1'])
})

test('the owner that used least is next, also when it comes last', () => {
  const { levels, lane, push, drain } = setUp('much:a.1', 'much:a.2', 'much:a.3')
  levels.set('much', 3)
  assert.equal(lane.shift()?.key, 'much:a.1')
  push('little:b.1', 'little:b.2')
  assert.equal(drain(), 'little:b.1 little:b.2 much:a.2 much:a.3')
})

test('an owner that used some while it waited comes behind those that used less', () => {
  const { levels, drain } = setUp('a:x.1', 'b:x.1', 'c:x.1')
  levels.set('a', 2).set('b', 1)
  assert.equal(drain(), 'c:x.1 b:x.1 a:x.1')
})

test('an owner whose only share stands aside keeps no other from its turn', () => {
  const { levels, full, drain, free } = setUp('a:x.1', 'b:y.1')
  levels.set('b', 5)
  full.add('x')
  assert.equal(drain(), 'b:y.1')
  free('x')
  assert.equal(drain(), 'a:x.1')
})

test('a free place goes to the owner that has fewest places of the group, and of those to the one that used least', () => {
  const { places, levels, lane, full, drain, free } = setUp('many:x.1', 'some:x.1', 'none:x.1', 'some:x.2', 'new:x.1')
  places.set('many x', 3).set('some x', 2).set('none y', 9)
  levels.set('none', 5).set('some', 9).set('many', 1)
  const next = () => {
    full.add('x')
    assert.equal(drain(), '')
    free('x')
    return lane.shift()?.key
  }
  assert.deepEqual(
    [next(), next(), next(), next(), next()],
    ['new:x.1', 'none:x.1', 'some:x.1', 'some:x.2', 'many:x.1'],
  )
})

test('an owner that got places while it waited comes after those that have fewer, until it has given them up', () => {
  const { places, lane, full, drain, free } = setUp('a:x.1', 'b:x.1', 'b:x.2')
  full.add('x')
  drain()
  places.set('a x', 2)
  free('x')
  assert.equal(lane.shift()?.key, 'b:x.1')
  full.add('x')
  drain()
  places.set('b x', 1).set('a x', 0)
  free('x', 'a')
  assert.equal(lane.shift()?.key, 'a:x.1')
})
