import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connector, fakeProvider, store } from '../../test/support/objects.ts'
import { createFakeClock } from '../../test/support/runtime/fake-clock.ts'
import { tellingCache } from '../../test/support/runtime/telling-cache.ts'
import type { ArtifactStore } from '../api/artifact-store.ts'
import type { KubeObject } from '../api/object.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import type { Providers } from '../connectors/plan.ts'
import { wireUnavailable } from './unavailable.ts'

const condition = (type: string, status: 'True' | 'False', reason: string, message = 'm') => ({
  ...{ type, status, reason, message },
  lastTransitionTime: '',
})
const failed = (reason: string, message?: string) => ({
  conditions: [condition('Ready', 'False', reason, message), condition('Reconciling', 'True', reason, message)],
})
const DOWN = failed('ServiceUnavailable')
const BEHIND = failed('ConnectorNotReady', 'ServiceConnector "ml/minio": ServiceUnavailable: HTTP 503')
const STILL_READY = {
  conditions: [condition('Ready', 'True', 'Verified'), condition('Reconciling', 'True', 'ServiceUnavailable')],
}
const WELL = { conditions: [condition('Ready', 'True', 'Verified')] }

const named = <T extends KubeObject>(object: T, name: string, status: object): T => ({
  ...object,
  status,
  metadata: { ...object.metadata, name, uid: name },
})
const at = (endpoint: string) => {
  const { spec, ...rest } = connector()
  return { ...rest, spec: { ...spec, aws: { ...spec.aws, endpoint } } } as ServiceConnector
}

function setUp() {
  const clock = createFakeClock()
  const woken: string[] = []
  const caches = { connectors: tellingCache<ServiceConnector>(), stores: tellingCache<ArtifactStore>() }
  const queue = (kind: string) => ({ enqueue: (key: string) => void woken.push(`${kind} ${key}`) })
  const stop = wireUnavailable(
    { clock, random: () => 0 },
    {
      ...{ caches, connectors: queue('connector'), stores: queue('store') },
      providers: { aws: { ...fakeProvider, group: spec => `aws ${spec.aws?.endpoint}` } } as Providers,
      retrySession: key => void woken.push(`retry ${key}`),
    },
  )
  const looks = () => woken.splice(0).filter(call => !call.startsWith('retry'))
  return { clock, woken, looks, stop, ...caches }
}

test('while an endpoint answers 5xx, one connector and one store of each try it every 20 s', async () => {
  const { clock, woken, looks, connectors, stores } = setUp()
  for (const name of ['minio', 'other']) connectors.put(named(at('https://a'), name, DOWN))
  connectors.put(named(at('https://b'), 'b', DOWN))
  connectors.put(named(at('https://c'), 'c', failed('EndpointUnreachable')))
  for (const name of ['x', 'y']) stores.put(named(store(), name, BEHIND))
  stores.put(named(store({ connectorRef: { name: 'gone' } }), 'z', DOWN))
  await clock.advance(19_999)
  assert.deepEqual(woken, [])
  await clock.advance(1)
  assert.deepEqual(woken.slice(0, 2), ['retry ml/minio', 'connector ml/minio'])
  assert.deepEqual(looks(), ['connector ml/minio', 'connector ml/b', 'store ml/x'])
  await clock.advance(20_000)
  assert.equal(looks().length, 3)
})

test('once one of them is well, all of its endpoint are looked at together, and nobody else', async () => {
  const { clock, looks, connectors, stores } = setUp()
  connectors.put(named(at('https://a'), 'minio', WELL))
  connectors.put(named(at('https://b'), 'b', DOWN))
  for (const name of ['x', 'y']) stores.put(named(store(), name, DOWN))
  stores.put(named(store(), 'still-ready', STILL_READY))
  stores.put(named(store(), 'denied', failed('PermissionDenied')))
  stores.put(named(store({ connectorRef: { name: 'b' } }), 'elsewhere', DOWN))
  stores.put(named(store(), 'x', WELL))
  await clock.advance(1_000)
  assert.deepEqual(looks(), ['store ml/y', 'store ml/still-ready'])
  // With nobody left that waits, nothing is planned any more.
  for (const name of ['y', 'still-ready']) stores.put(named(store(), name, WELL))
  stores.put(named(store({ connectorRef: { name: 'b' } }), 'elsewhere', WELL))
  connectors.put(named(at('https://b'), 'b', WELL))
  await clock.advance(60_000)
  assert.deepEqual(looks(), [])
})

for (const [name, status] of [
  ['does not answer any more', failed('EndpointUnreachable')],
  ['is being worked on', failed('Progressing')],
] as const) {
  test(`an object whose endpoint ${name} says nothing for the others`, async () => {
    const { clock, looks, connectors, stores } = setUp()
    connectors.put(named(at('https://a'), 'minio', WELL))
    for (const other of ['x', 'y']) stores.put(named(store(), other, DOWN))
    stores.put(named(store(), 'x', status))
    await clock.advance(1_000)
    assert.deepEqual(looks(), [])
  })
}

test('a bucket that has lasting trouble keeps nobody at work, however often others recover', async () => {
  const { clock, looks, connectors, stores } = setUp()
  connectors.put(named(at('https://a'), 'minio', WELL))
  stores.put(named(store(), 'bad', DOWN))
  stores.put(named(store(), 'good', DOWN))
  stores.put(named(store(), 'good', WELL))
  await clock.advance(1_000)
  assert.deepEqual(looks(), ['store ml/bad'])
  stores.put(named(store(), 'bad', DOWN))
  await clock.advance(18_999)
  assert.deepEqual(looks(), [])
  await clock.advance(1)
  assert.deepEqual(looks(), ['store ml/bad'])
})

test('after the end, nothing is looked at', async () => {
  const { clock, looks, stop, stores } = setUp()
  stores.put(named(store(), 'x', DOWN))
  stop()
  await clock.advance(60_000)
  assert.deepEqual(looks(), [])
})
