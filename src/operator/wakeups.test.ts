import assert from 'node:assert/strict'
import { test } from 'node:test'
import { store } from '../../test/support/objects.ts'
import type { Caches } from './caches.ts'
import { wakeStores } from './wakeups.ts'

test('a refused session wakes all stores of its connector but the one that reported it', () => {
  const { metadata } = store()
  const stores = ['a', 'b', 'c'].map(name => store({}, { metadata: { ...metadata, name } }))
  const caches = { stores: { cache: { byIndex: () => stores } } } as unknown as Caches
  const wokenBut = (except?: string) => {
    const woken: string[] = []
    wakeStores(caches, { enqueue: key => void woken.push(key) }, 'ml/minio', except)
    return woken
  }
  assert.deepEqual(wokenBut('ml/b'), ['ml/a', 'ml/c'])
  assert.deepEqual(wokenBut(), ['ml/a', 'ml/b', 'ml/c'])
})
