import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, NOW, projectedSecret, store } from '../../test/support/objects.ts'
import { createFakeClock } from '../../test/support/runtime/fake-clock.ts'
import { fakeLog } from '../../test/support/runtime/fakes.ts'
import { tellingCache } from '../../test/support/runtime/telling-cache.ts'
import type { ArtifactStore } from '../api/artifact-store.ts'
import type { KubeObject } from '../api/object.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import type { ProjectedSecret } from '../stores/plan/projected-secret.ts'
import type { Caches } from './caches.ts'
import { keysOfStore } from './namespace-index.ts'
import { onceRead, wakeOnceRead } from './once-read.ts'
import { createWatchedNamespaces } from './watched-namespaces.ts'

const none = new AbortController().signal
const in_ = <T extends KubeObject>(namespace: string, name: string, object: T): T => ({
  ...object,
  metadata: { ...object.metadata, namespace, name, uid: `${namespace}/${name}` },
})

function setUp() {
  const watched = createWatchedNamespaces({ names: ['ml', 'a'], clock: createFakeClock(), log: fakeLog() })
  const read = (namespace: string, times = 6) => {
    for (let time = 0; time < times; time++) watched.listed(namespace)
  }
  return { watched, read }
}

describe('an object', () => {
  const reconcile = async () => 'done'

  test('is left alone until all of its namespace is read, although a part is', async () => {
    const { watched, read } = setUp()
    const run = onceRead(watched, reconcile)
    read('ml', 5)
    read('a')
    assert.deepEqual(await run(store(), none), { next: 'await-change' })
    read('ml', 1)
    assert.equal(await run(store(), none), 'done')
  })

  test('is let go when it is being deleted, though its namespace is not read any more', async () => {
    const { watched } = setUp()
    const going = store()
    going.metadata.deletionTimestamp = NOW.toISOString()
    assert.equal(await onceRead(watched, reconcile)(going, none), 'done')
  })

  test('is reconciled at once where all namespaces are watched', async () => {
    assert.equal(await onceRead(undefined, reconcile)(store(), none), 'done')
  })
})

test('a namespace that is read wakes what is in it, and stores that lead to it or did, and no others', () => {
  const { watched, read } = setUp()
  const connectors = tellingCache<ServiceConnector>()
  const stores = tellingCache<ArtifactStore>()
  const projected = tellingCache<ProjectedSecret>()
  stores.cache.addIndex('namespace', ({ metadata }) => [metadata.namespace ?? ''])
  stores.cache.addIndex('target', keysOfStore)
  const calls: string[] = []
  const queue = (kind: string) => ({ enqueue: (key: string) => void calls.push(`${kind} ${key}`) })
  wakeOnceRead(watched, { connectors, stores, projected } as unknown as Caches, {
    ...{ connectors: queue('connector'), stores: queue('store') },
    orphans: { considerAll: () => void calls.push('orphans') },
  })
  for (const namespace of ['a', 'b']) {
    connectors.put(in_(namespace, 'minio', connector()))
    stores.put(in_(namespace, 'inside', store()))
    const naming = store({ credentials: [{ name: 's', formats: ['Env'], namespaces: { names: [namespace] } }] })
    stores.put(in_('ml', `toward-${namespace}`, naming))
  }
  // Its store, ml/prod, names the namespace no more.
  projected.put(projectedSecret('left', { grant: 'g', issuedAt: NOW, expiresAt: undefined }, 'a'))
  read('a')
  assert.deepEqual(calls, ['connector a/minio', 'store a/inside', 'store ml/toward-a', 'store ml/prod', 'orphans'])
})
