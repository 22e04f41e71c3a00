import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../api/object.ts'
import { createLanes } from './lanes.ts'

const object = (generation: number, observedGeneration: number | undefined, metadata: object = {}): KubeObject =>
  ({
    metadata: { namespace: 'ml', name: 'a', uid: 'u', generation, ...metadata },
    status: { ...(observedGeneration === undefined ? {} : { observedGeneration }) },
  }) as never

const asked = (namespace: string) => ({
  type: 'updated' as const,
  old: object(1, 1, { namespace }),
  object: object(1, 1, { namespace, annotations: { asked: 'now' } }),
})

test('what is new, changed or deleted is urgent, and what was dealt with before a restart is not', () => {
  const { ofEvent: laneOf } = createLanes({ monotonic: () => 0 })
  const deleted = object(1, 1, { deletionTimestamp: '2026-11-30T00:00:00Z' })
  assert.equal(laneOf({ type: 'added', object: object(1, undefined) }), 'urgent')
  assert.equal(laneOf({ type: 'added', object: object(2, 1) }), 'urgent')
  assert.equal(laneOf({ type: 'added', object: object(1, 1) }), 'routine')
  assert.equal(laneOf({ type: 'updated', old: object(1, 1), object: object(2, 1) }), 'urgent')
  for (let times = 0; times < 100; times++) {
    assert.equal(laneOf({ type: 'updated', old: object(1, 1), object: deleted }), 'urgent')
  }
})

test('what is asked for is urgent until a namespace asks for many at once, which delays no other namespace', () => {
  let now = 0
  const { ofEvent: laneOf } = createLanes({ monotonic: () => now })
  const lanes = Array.from({ length: 80 }, () => laneOf(asked('greedy')))
  assert.equal(lanes.filter(lane => lane === 'urgent').length, 10)
  assert.deepEqual(lanes.slice(10), Array(70).fill('routine'))
  assert.equal(laneOf(asked('other')), 'urgent')
  now = 10_000
  assert.equal(laneOf(asked('greedy')), 'urgent')
})

test('what others wake counts like what is asked for, but for what is new or goes', () => {
  const { ofWake } = createLanes({ monotonic: () => 0 })
  const lanes = Array.from({ length: 80 }, () => ofWake(object(1, 1), 'urgent'))
  assert.equal(lanes.filter(lane => lane === 'urgent').length, 10)
  const deleted = object(1, 1, { deletionTimestamp: '2026-11-30T00:00:00Z' })
  for (const each of [undefined, object(2, 1), deleted]) assert.equal(ofWake(each, 'urgent'), 'urgent')
  assert.equal(ofWake(object(2, 1), 'routine'), 'routine')
})
