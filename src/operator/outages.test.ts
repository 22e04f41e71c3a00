import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connector, fakeProvider, store } from '../../test/support/objects.ts'
import { createFakeClock } from '../../test/support/runtime/fake-clock.ts'
import type { ArtifactStore } from '../api/artifact-store.ts'
import type { KubeObject } from '../api/object.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import type { Providers } from '../connectors/plan.ts'
import { Cache } from '../runtime/cache.ts'
import { createOutages } from './outages.ts'

const failed = (reason: string, message = 'm') => ({
  conditions: [
    { type: 'Ready', status: 'False' as const, reason, message, lastTransitionTime: '' },
    { type: 'Reconciling', status: 'True' as const, reason, message, lastTransitionTime: '' },
  ],
})
const DOWN = failed('EndpointUnreachable')
const BEHIND = failed('ConnectorNotReady', 'ServiceConnector "ml/minio": EndpointUnreachable: its owner can see why')
const STILL_READY = {
  conditions: [
    { type: 'Ready', status: 'True' as const, reason: 'Verified', message: '', lastTransitionTime: '' },
    {
      type: 'Reconciling',
      status: 'True' as const,
      reason: 'EndpointUnreachable',
      message: '',
      lastTransitionTime: '',
    },
  ],
}

function setUp(connectors: ServiceConnector[], stores: ArtifactStore[]) {
  const clock = createFakeClock()
  const woken: string[] = []
  const cacheOf = <T extends KubeObject>(objects: T[]) => {
    const cache = new Cache<T>()
    for (const object of objects) cache.observe(object)
    return { cache }
  }
  const queue = (kind: string) => ({
    enqueue: (key: string, lane: string) => void woken.push(`${kind} ${key} ${lane}`),
  })
  const outages = createOutages({ clock, random: () => 0 }, () => ({
    caches: { connectors: cacheOf(connectors), stores: cacheOf(stores) },
    providers: { aws: { ...fakeProvider, group: spec => `aws ${spec.aws?.endpoint}` } } as Providers,
    ...{ connectors: queue('connector'), stores: queue('store') },
    retrySession: key => void woken.push(`retry ${key}`),
  }))
  return { clock, woken, outages }
}

const named = <T extends KubeObject>(object: T, name: string, status: object): T => ({
  ...object,
  status,
  metadata: { ...object.metadata, name, uid: name },
})
const at = (endpoint: string) => {
  const { spec, ...rest } = connector()
  return { ...rest, spec: { ...spec, aws: { ...spec.aws, endpoint } } } as ServiceConnector
}

test('while an endpoint does not answer, one connector and one store that lead there try it', () => {
  const connectors = [
    named(at('https://a'), 'a', DOWN),
    named(at('https://b'), 'minio', DOWN),
    named(at('https://b'), 'b', DOWN),
  ]
  const stores = [
    named(store({ connectorRef: { name: 'a' } }), 'x', DOWN),
    named(store(), 'y', BEHIND),
    named(store(), 'z', BEHIND),
  ]
  const { outages, woken } = setUp(connectors, stores)
  outages.mayTry('https://b')
  assert.deepEqual(woken, ['retry ml/minio', 'connector ml/minio routine', 'retry ml/minio', 'store ml/y routine'])
})

test('an endpoint that no spec names is tried by anybody who waits', () => {
  const { outages, woken } = setUp([named(at('https://a'), 'a', DOWN)], [])
  outages.mayTry('https://login.test')
  assert.deepEqual(woken, ['retry ml/a', 'connector ml/a routine'])
})

test('an endpoint that fails and answers by turns has those of other endpoints looked at seldom, and its own each time', async () => {
  const connectors = [named(at('https://flaps'), 'flaps', DOWN), named(at('https://b'), 'minio', DOWN)]
  const stores = [
    named(store({ connectorRef: { name: 'flaps' } }), 'own', DOWN),
    ...Array.from({ length: 100 }, (_, index) => named(store(), `other-${index}`, BEHIND)),
  ]
  const { outages, woken, clock } = setUp(connectors, stores)
  for (let second = 0; second < 30; second += 2) {
    outages.over('https://flaps')
    await clock.advance(2_000)
  }
  const count = (call: string) => woken.filter(one => one === call).length
  assert.ok(count('connector ml/flaps routine') >= 15 && count('store ml/own routine') >= 15)
  assert.equal(count('connector ml/minio routine'), 3)
  assert.equal(count('store ml/other-99 routine'), 3)
})

test('an endpoint that answers again while those of others rest is back at once', async () => {
  const { outages, woken, clock } = setUp([named(at('https://b'), 'minio', DOWN)], [named(store(), 'y', BEHIND)])
  outages.over('https://flaps')
  await clock.advance(1_000)
  woken.length = 0
  outages.over('https://b')
  await clock.advance(500)
  assert.ok(woken.includes('connector ml/minio routine') && woken.includes('store ml/y routine'))
})

test('once endpoints answer again, all that wait are looked at, and nobody else', async () => {
  const connectors = [named(at('https://a'), 'a', DOWN), named(at('https://a'), 'other', failed('RoleNotFound'))]
  const stores = [
    named(store(), 'waits', DOWN),
    named(store(), 'behind', BEHIND),
    named(store(), 'still-ready', STILL_READY),
    named(store(), 'denied', failed('PermissionDenied')),
    named(store(), 'well', {}),
  ]
  const { outages, woken, clock } = setUp(connectors, stores)
  outages.over('https://a')
  outages.over('https://b')
  assert.equal(woken.length, 0)
  await clock.advance(500)
  const looks = woken.filter(call => !call.startsWith('retry'))
  assert.deepEqual(looks, [
    'connector ml/a routine',
    'store ml/waits routine',
    'store ml/behind routine',
    'store ml/still-ready routine',
  ])
})
