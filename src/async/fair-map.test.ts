import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FairMap, setNewest } from './fair-map.ts'

describe('a fair map', () => {
  const cases: [name: string, sets: [owner: string, key: string][], left: string[]][] = [
    [
      'drops the oldest of who has most',
      [
        ['a', 'a1'],
        ['b', 'b1'],
        ['b', 'b2'],
        ['b', 'b3'],
      ],
      ['a1', 'b2', 'b3'],
    ],
    [
      'drops the oldest of who has most when another one comes',
      [
        ['b', 'b1'],
        ['b', 'b2'],
        ['b', 'b3'],
        ['a', 'a1'],
      ],
      ['b2', 'b3', 'a1'],
    ],
    [
      'has an entry that is set again as its newest',
      [
        ['b', 'b1'],
        ['b', 'b2'],
        ['b', 'b3'],
        ['b', 'b1'],
        ['b', 'b4'],
      ],
      ['b3', 'b1', 'b4'],
    ],
    [
      'leaves an entry that another one sets with its first owner',
      [
        ['a', 'shared'],
        ['b', 'shared'],
        ['b', 'b1'],
        ['b', 'b2'],
        ['b', 'b3'],
      ],
      ['shared', 'b2', 'b3'],
    ],
  ]
  for (const [name, sets, left] of cases) {
    test(name, () => {
      const map = new FairMap<number>(3)
      for (const [index, [owner, key]] of sets.entries()) map.set(owner, key, index)
      assert.deepEqual(
        [...map].map(([key]) => key),
        left,
      )
      assert.deepEqual(
        [map.size, map.has('b4'), map.get('b4')],
        [3, left.includes('b4'), left.includes('b4') ? 4 : undefined],
      )
    })
  }

  test('forgets an owner whose last entry was deleted', () => {
    const map = new FairMap<number>(1)
    map.set('a', 'a1', 1)
    map.delete('a1')
    map.set('b', 'b1', 1)
    assert.deepEqual([...map], [['b1', 1]])
  })
})

test('a map of one owner drops what was set longest ago', () => {
  const map = new Map<string, number>()
  for (const key of ['a', 'b', 'a', 'c']) setNewest(map, key, 0, 2)
  assert.deepEqual([...map.keys()], ['a', 'c'])
})
