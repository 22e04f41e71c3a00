import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeyHeap } from './key-heap.ts'

const drain = (heap: KeyHeap, now: number): string[] => {
  const keys: string[] = []
  for (let key = heap.take(now); key !== undefined; key = heap.take(now)) keys.push(key)
  return keys
}

test('gives keys in the order of their numbers, and none above the one asked for', () => {
  const heap = new KeyHeap()
  heap.add('c', 30)
  heap.add('a', 10)
  heap.add('b', 20)
  assert.equal(heap.nextAt, 10)
  assert.deepEqual(drain(heap, 9), [])
  assert.deepEqual(drain(heap, 20), ['a', 'b'])
  assert.equal(heap.size, 1)
})

test('of two numbers for one key the lower stays', () => {
  const heap = new KeyHeap()
  heap.add('a', 20)
  heap.add('a', 30)
  assert.equal(heap.nextAt, 20)
  heap.add('a', 10)
  assert.equal(heap.nextAt, 10)
  assert.equal(heap.size, 1)
})

test('of keys with the same number the first that was added comes first', () => {
  const heap = new KeyHeap()
  for (const key of ['c', 'a', 'd', 'b', 'e']) heap.add(key, 1)
  heap.delete('d')
  heap.add('d', 1)
  assert.deepEqual(drain(heap, 1), ['c', 'a', 'b', 'e', 'd'])
})

test('agrees with a sorted list through thousands of adds and deletes', () => {
  const heap = new KeyHeap()
  const model = new Map<string, number>()
  let seed = 7
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return seed % below
  }
  for (let step = 0; step < 5000; step++) {
    const key = `k${random(300)}`
    if (random(3) === 0) {
      heap.delete(key)
      model.delete(key)
    } else {
      // Unique numbers make the order unique.
      const at = random(1_000_000) * 10_000 + step
      heap.add(key, at)
      model.set(key, Math.min(at, model.get(key) ?? Number.POSITIVE_INFINITY))
    }
    assert.equal(heap.nextAt, model.size === 0 ? undefined : Math.min(...model.values()))
  }
  const sorted = [...model].toSorted(([, a], [, b]) => a - b).map(([key]) => key)
  assert.ok(sorted.length > 50)
  assert.deepEqual(drain(heap, Number.POSITIVE_INFINITY), sorted)
})
