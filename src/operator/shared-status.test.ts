import assert from 'node:assert/strict'
import { test } from 'node:test'
import { store } from '../../test/support/objects.ts'
import type { ArtifactStore } from '../api/artifact-store.ts'
import { SharedStatus } from './shared-status.ts'

const permissions = (result: 'Allowed' | 'Denied') => [{ action: 's3:GetObject', result }]

/** As it comes from the API server: nothing of it is in another object. */
const read = (name: string, result: 'Allowed' | 'Denied' = 'Allowed'): ArtifactStore => {
  const at = '2026-03-01T09:00:00Z'
  const ready = { type: 'Ready', status: 'True', reason: 'Verified', message: '', lastTransitionTime: at } as const
  const { metadata, ...rest } = store()
  return structuredClone({
    ...rest,
    metadata: { ...metadata, name },
    status: { observedGeneration: 1, conditions: [ready], permissions: permissions(result), expiresAt: at },
  })
}

test('stores stay as they are', () => {
  const shared = new SharedStatus()
  for (const each of [read('a'), read('b', 'Denied'), store(), { ...store(), status: {} }]) {
    assert.deepEqual(shared.of(each), structuredClone(each))
  }
})

test('equal permissions are one list, and others are not', () => {
  const shared = new SharedStatus()
  const [a, b, c] = [read('a'), read('b'), read('c', 'Denied')].map(each => shared.of(each).status?.permissions)
  assert.equal(a, b)
  assert.notEqual(a, c)
})
