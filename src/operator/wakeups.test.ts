import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeProvider, fakeSession, NOW, store } from '../../test/support/objects.ts'
import { identity, none, refuse } from '../../test/support/session-lab.ts'
import { type ArtifactStore, connectorKeyOf } from '../api/artifact-store.ts'
import { isFailure, stalled } from '../api/failures.ts'
import { keyOf } from '../api/object.ts'
import type { Providers } from '../connectors/plan.ts'
import { rejection } from '../providers/rejection.ts'
import { Cache } from '../runtime/cache.ts'
import type { Caches } from './caches.ts'
import { createSessions } from './sessions.ts'
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

test('a session that the service refuses wakes the stores of its connector, and no others', async () => {
  const cache = new Cache<ArtifactStore>()
  cache.addIndex('connector', object => [connectorKeyOf(object)])
  const mine = store()
  const other = store({ connectorRef: { name: 'other' } })
  cache.observe(mine)
  cache.observe({ ...other, metadata: { ...other.metadata, name: 'other', uid: 'other' } })
  const woken: [key: string, lane: string][] = []
  const stores = { enqueue: (key: string, lane: string) => void woken.push([key, lane]) }

  const failure = rejection(stalled('CredentialsRejected', 'm'))
  const aws = { ...fakeProvider, open: async () => fakeSession({ probe: async () => failure }) }
  const providers = { aws, azure: { ...aws, name: 'azure' } } as unknown as Providers
  const caches = { stores: { cache } } as unknown as Caches
  const sessions = createSessions(
    providers,
    { now: () => NOW, monotonic: () => 0 },
    {
      onRejected: connector => wakeStores(caches, stores, connector),
      onLost: () => assert.fail('a session was opened'),
    },
  )
  const session = await sessions.get(identity(connectorKeyOf(mine)), none)
  assert.ok(!isFailure(session))
  assert.deepEqual(woken, [])
  await refuse(session)
  assert.deepEqual(woken, [[keyOf(mine), 'urgent']])
  sessions.close()
})
