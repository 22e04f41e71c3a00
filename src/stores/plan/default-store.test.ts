import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeView, store } from '../../../test/support/objects.ts'
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { defaultConflict, defaultInUse, defaultStore } from './default-store.ts'

/** A store of that name; `made` is the second of its creation. */
function named(name: string, made: number, isDefault = true, going = false): ArtifactStore {
  const time = (second: number) => `2026-03-01T10:00:0${second}Z`
  const { metadata } = store()
  const deletion = going ? { deletionTimestamp: time(9) } : {}
  return store({ default: isDefault }, { metadata: { ...metadata, name, creationTimestamp: time(made), ...deletion } })
}

describe('the default store', () => {
  const cases: [name: string, stores: ArtifactStore[], winner: string | undefined][] = [
    ['is none where there are no stores', [], undefined],
    ['is none where no store wants to be', [named('a', 1, false)], undefined],
    ['is the only one that wants to be', [named('a', 1, false), named('b', 2)], 'b'],
    ['is the oldest that wants to be', [named('a', 2), named('b', 1), named('c', 3)], 'b'],
    ['is the first by name among stores of the same second', [named('b', 1), named('a', 1)], 'a'],
    ['is the oldest also while that one is being deleted', [named('a', 2), named('b', 1, true, true)], 'b'],
  ]
  for (const [name, stores, winner] of cases) {
    test(name, () => assert.equal(defaultStore(stores)?.metadata.name, winner))
  }
})

const among = (...stores: ArtifactStore[]) => fakeView({ storesIn: () => stores })

describe('the conflict over the default store', () => {
  const [first, second, plain] = [named('a', 1), named('b', 2), named('c', 1, false)]
  test('does not concern the store that is the default', () =>
    assert.equal(defaultConflict(first, among(first, second, plain)), undefined))
  test('names the other store, and the cure', () => {
    assert.deepEqual(defaultConflict(second, among(first, second, plain)), {
      kind: 'failure',
      intent: 'stalled',
      reason: 'DefaultConflict',
      message:
        'spec.default: ArtifactStore "a" is the default of namespace "ml" already: remove spec.default from one of the two',
    })
  })
  test('does not come before the cache knows the store', () =>
    assert.equal(defaultConflict(second, among()), undefined))
  test('does not concern a store that does not want to be the default', () =>
    assert.equal(defaultConflict(plain, among(first, plain)), undefined))
})

describe('the deletion of a default store', () => {
  const [first, second, plain] = [named('a', 1), named('b', 2), named('c', 1, false)]
  test('waits for other stores, also for those that are being deleted', () => {
    const failure = defaultInUse(first, among(first, named('z', 3, false, true), plain))
    assert.equal(failure?.reason, 'DefaultInUse')
    assert.match(
      failure?.message ?? '',
      /has other stores, such as "c": delete those first, remove spec.default here, or run "kubectl annotate/,
    )
  })
  test('does not wait when no other store is left', () => assert.equal(defaultInUse(first, among(first)), undefined))
  test('does not wait when another store is the default', () =>
    assert.equal(defaultInUse(second, among(first, second)), undefined))
  test('does not concern a store that does not want to be the default', () =>
    assert.equal(defaultInUse(plain, among(first, plain)), undefined))
})
