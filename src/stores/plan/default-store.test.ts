import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeView, store } from '../../../test/support/objects.ts'
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { defaultConflict, defaultInUse, defaultStore } from './default-store.ts'

/** `made`: the second of its creation. */
function named(name: string, made: number, isDefault = true, going = false): ArtifactStore {
  const time = (second: number) => `2026-03-01T10:00:0${second}Z`
  const { metadata } = store()
  const deletion = going ? { deletionTimestamp: time(9) } : {}
  return store({ default: isDefault }, { metadata: { ...metadata, name, creationTimestamp: time(made), ...deletion } })
}

describe('the default store', () => {
  const cases: [name: string, stores: ArtifactStore[], winner: string | undefined][] = [
    ['none', [], undefined],
    ['nobody wants to be', [named('a', 1, false)], undefined],
    ['one', [named('a', 1, false), named('b', 2)], 'b'],
    ['the oldest', [named('a', 2), named('b', 1), named('c', 3)], 'b'],
    ['of the same second, the first by name', [named('b', 1), named('a', 1)], 'a'],
    ['also while it is being deleted', [named('a', 2), named('b', 1, true, true)], 'b'],
  ]
  for (const [name, stores, winner] of cases) {
    test(name, () => assert.equal(defaultStore(stores)?.metadata.name, winner))
  }
})

const among = (...stores: ArtifactStore[]) => fakeView({ storesIn: () => stores })

describe('a store that wants to be the default', () => {
  const [first, second, plain] = [named('a', 1), named('b', 2), named('c', 1, false)]
  test('and is', () => assert.equal(defaultConflict(first, among(first, second, plain)), undefined))
  test('and is not: the other is named, and the cure', () => {
    assert.deepEqual(defaultConflict(second, among(first, second, plain)), {
      kind: 'failure',
      intent: 'stalled',
      reason: 'DefaultConflict',
      message:
        'spec.default: ArtifactStore "a" is the default of namespace "ml" already: remove spec.default from one of the two',
    })
  })
  test('before the cache knows it', () => assert.equal(defaultConflict(second, among()), undefined))
  test('or not', () => assert.equal(defaultConflict(plain, among(first, plain)), undefined))
})

describe('the deletion of a default store', () => {
  const [first, second, plain] = [named('a', 1), named('b', 2), named('c', 1, false)]
  test('waits for the others, also those that go', () => {
    const failure = defaultInUse(first, among(first, named('z', 3, false, true), plain))
    assert.equal(failure?.reason, 'DefaultInUse')
    assert.match(failure?.message ?? '', /has other stores, such as "c": delete those first, or remove spec.default/)
  })
  test('goes as the last', () => assert.equal(defaultInUse(first, among(first)), undefined))
  test('goes when another is the default', () => assert.equal(defaultInUse(second, among(first, second)), undefined))
  test('is no matter of others', () => assert.equal(defaultInUse(plain, among(first, plain)), undefined))
})
