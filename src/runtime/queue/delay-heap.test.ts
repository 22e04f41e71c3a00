import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DelayHeap } from './delay-heap.ts'

const drain = (heap: DelayHeap, now: number): string[] => {
  const keys: string[] = []
  for (let key = heap.takeDue(now); key !== undefined; key = heap.takeDue(now)) keys.push(key)
  return keys
}

test('gives keys in the order they fall due, and none before', () => {
  const heap = new DelayHeap()
  heap.add('c', 30)
  heap.add('a', 10)
  heap.add('b', 20)
  assert.equal(heap.nextDueAt, 10)
  assert.deepEqual(drain(heap, 9), [])
  assert.deepEqual(drain(heap, 20), ['a', 'b'])
  assert.equal(heap.size, 1)
})

test('of two times for one key the earlier stays', () => {
  const heap = new DelayHeap()
  heap.add('a', 20)
  heap.add('a', 30)
  assert.equal(heap.nextDueAt, 20)
  heap.add('a', 10)
  assert.equal(heap.nextDueAt, 10)
  assert.equal(heap.size, 1)
})

test('agrees with a sorted list through thousands of adds and deletes', () => {
  const heap = new DelayHeap()
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
      // Unique times make the order unique.
      const dueAt = random(1_000_000) * 10_000 + step
      heap.add(key, dueAt)
      model.set(key, Math.min(dueAt, model.get(key) ?? Number.POSITIVE_INFINITY))
    }
    assert.equal(heap.nextDueAt, model.size === 0 ? undefined : Math.min(...model.values()))
  }
  const sorted = [...model].toSorted(([, a], [, b]) => a - b).map(([key]) => key)
  assert.ok(sorted.length > 50)
  assert.deepEqual(drain(heap, Number.POSITIVE_INFINITY), sorted)
})
