import assert from 'node:assert/strict'
import { test } from 'node:test'
import { store } from '../../test/support/objects.ts'
import type { ArtifactStore } from '../api/artifact-store.ts'
import { SharedParts } from './shared-parts.ts'

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
  const shared = new SharedParts()
  for (const each of [read('a'), read('b', 'Denied'), store(), { ...store(), status: {} }]) {
    assert.deepEqual(shared.of(each), structuredClone(each))
  }
})

test('equal permissions are one list, and others are not', () => {
  const shared = new SharedParts()
  const [a, b, c] = [read('a'), read('b'), read('c', 'Denied')].map(each => shared.of(each).status?.permissions)
  assert.equal(a, b)
  assert.notEqual(a, c)
})

test('conditions that are equal in all of their members are one list, and others are not', () => {
  const shared = new SharedParts()
  const later = (store: ArtifactStore): ArtifactStore => {
    for (const condition of store.status?.conditions ?? []) condition.lastTransitionTime = '2026-03-01T09:00:01Z'
    return store
  }
  const [a, b, c] = [read('a'), read('b'), later(read('c'))].map(each => shared.of(each).status?.conditions)
  assert.equal(a, b)
  assert.notEqual(a, c)
  assert.equal(a?.[0]?.reason, c?.[0]?.reason)
})

test('equal connectors and wanted credentials are one object each, and others are not', () => {
  const shared = new SharedParts()
  const asking = (connector: string, role: string): ArtifactStore => {
    const { spec, ...rest } = read(connector)
    const credentials = [{ name: role, formats: ['AwsProfile' as const] }]
    return { ...rest, spec: { ...spec, connectorRef: { name: connector }, credentials } }
  }
  const [a, b, c] = [asking('x', 'step'), asking('x', 'step'), asking('y', 'step')].map(each => shared.of(each).spec)
  const d = shared.of(asking('x', 'server')).spec
  assert.deepEqual([a?.connectorRef === b?.connectorRef, a?.credentials === b?.credentials], [true, true])
  assert.deepEqual([a?.connectorRef === c?.connectorRef, a?.credentials === c?.credentials], [false, true])
  assert.deepEqual([a?.connectorRef === d.connectorRef, a?.credentials === d.credentials], [true, false])
})
