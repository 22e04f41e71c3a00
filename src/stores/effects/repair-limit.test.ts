import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RepairLimit } from './repair-limit.ts'

test('a target is repaired at once, and then once a minute', () => {
  const limit = new RepairLimit()
  assert.deepEqual(
    [0, 1, 59_999, 60_000, 60_001, 120_000].map(time => limit.take('a', time)),
    [true, false, false, true, false, true],
  )
})

test('targets do not wait for each other', () => {
  const limit = new RepairLimit()
  assert.deepEqual([limit.take('a', 0), limit.take('b', 0)], [true, true])
})

test('a repair is forgotten after a minute', () => {
  const limit = new RepairLimit()
  for (let index = 0; index < 5_000; index++) limit.take(`${index}`, index)
  limit.take('last', 70_000)
  assert.equal(limit.size, 1)
})

test('a repair looks at no target that it does not forget, but for one', () => {
  const limit = new RepairLimit()
  const looks = { count: 0 }
  const iterate = Map.prototype[Symbol.iterator]
  // Counted and not timed, as the time of a walk over a map depends on more than its length.
  Map.prototype[Symbol.iterator] = function* <K, V>(this: Map<K, V>) {
    for (const entry of iterate.call(this) as MapIterator<[K, V]>) {
      looks.count++
      yield entry
    }
    return undefined
  }
  try {
    for (let index = 0; index < 5_000; index++) limit.take(`${index}`, index)
  } finally {
    Map.prototype[Symbol.iterator] = iterate
  }
  assert.ok(looks.count <= 5_000, `${looks.count}`)
})
