import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RepairLimit } from './repair-limit.ts'

test('a target is repaired at once, then after a minute, and ever more seldom while others go on changing it', () => {
  const limit = new RepairLimit()
  const minutes = [0, 0.9, 1, 2, 2.9, 3, 6.9, 7, 15, 31, 63, 122, 123, 182, 183]
  assert.deepEqual(
    minutes.filter(minute => limit.take('a', minute * 60_000)),
    [0, 1, 3, 7, 15, 31, 63, 123, 183],
  )
})

test('a target that stayed as it was for long is repaired at once again', () => {
  const limit = new RepairLimit()
  for (const minute of [0, 1, 3]) limit.take('a', minute * 60_000)
  assert.ok(limit.isPaused('a', 6 * 60_000))
  assert.deepEqual([limit.take('a', 11 * 60_000), limit.take('a', 12 * 60_000)], [true, true])
})

test('targets do not wait for each other', () => {
  const limit = new RepairLimit()
  assert.deepEqual([limit.take('a', 0), limit.take('b', 0)], [true, true])
})

test('a repair is forgotten after twice its pause', () => {
  const limit = new RepairLimit()
  for (let index = 0; index < 5_000; index++) limit.take(`${index}`, index)
  limit.take('last', 130_000)
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
