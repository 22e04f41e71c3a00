/** What a request for a look wakes, `artifactstore.dev/requested-at` on a connector or on a store, and what a new store does. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, store } from '../../test/support/objects.ts'
import { tellingCache } from '../../test/support/runtime/telling-cache.ts'
import { type ArtifactStore, connectorKeyOf } from '../api/artifact-store.ts'
import { REQUESTED_AT_ANNOTATION } from '../api/names.ts'
import { type KubeObject, keyOf } from '../api/object.ts'
import type { ServiceConnector, ServiceConnectorSpec } from '../api/service-connector.ts'
import type { Controller } from '../runtime/controller.ts'
import { type Caches, ofDefaults } from './caches.ts'
import { wireWakeups } from './wakeups.ts'

const requested = <T extends KubeObject>(object: T): T => ({
  ...object,
  metadata: { ...object.metadata, annotations: { [REQUESTED_AT_ANNOTATION]: 'now' } },
})
const statusOf = (status: 'True' | 'False') => ({
  conditions: [{ type: 'Ready', status, reason: 'R', message: '', lastTransitionTime: '' }],
})
const failing = (spec: Partial<ServiceConnectorSpec> = {}): ServiceConnector =>
  connector({ spec: { ...connector().spec, ...spec }, status: statusOf('False') })
const elsewhere = <T extends KubeObject>(object: T): T => ({
  ...object,
  metadata: { ...object.metadata, namespace: 'team' },
})
const BORROWED = { connectorRef: { name: 'minio', namespace: 'ml' } }

function setUp(...objects: ServiceConnector[]) {
  const calls: string[] = []
  const later: string[] = []
  const clock = { at: 0 }
  const connectors = tellingCache<ServiceConnector>()
  const stores = tellingCache<ArtifactStore>()
  connectors.cache.addIndex('reference', () => [])
  stores.cache.addIndex('connector', object => [connectorKeyOf(object)])
  stores.cache.addIndex('namespace', ({ metadata }) => [metadata.namespace ?? ''])
  stores.cache.addIndex('default', ofDefaults)
  const others = ['secrets', 'configMaps', 'serviceAccounts', 'projected', 'namespaces']
  const caches = Object.fromEntries(others.map(name => [name, tellingCache()]))
  const queue = (kind: string) =>
    ({
      enqueue: (key, lane) => void calls.push(`${kind} ${key} ${lane}`),
      enqueueAfter: (key, ms) => void later.push(`${kind} ${key} in ${ms / 1000} s`),
    }) satisfies Partial<Controller> as unknown as Controller
  wireWakeups(
    { ...caches, connectors, stores } as unknown as Caches,
    {
      connector: key => connectors.cache.get(key),
      namespaceLabels: () => ({}),
      isRecipient: () => true,
    },
    {
      ...{ connectors: queue('connector'), stores: queue('store') },
      values: { isChanged: async () => false, forget() {} },
      forgetTokens() {},
      sessions: { forget: key => void calls.push(`forget ${key}`), retry: key => void calls.push(`retry ${key}`) },
      letThrough: object => void calls.push(`let through ${keyOf(object)}`),
      monotonic: () => clock.at,
    },
  )
  for (const object of objects) connectors.put(object)
  return { calls, later, clock, connectors, stores }
}

test('a request on a connector drops what is remembered, lets a call through, and wakes its stores', () => {
  const { calls, connectors, stores } = setUp(failing())
  stores.put(store())
  calls.length = 0
  connectors.put(requested(failing()))
  assert.deepEqual(calls, ['forget ml/minio', 'let through ml/minio', 'store ml/prod urgent'])
})

describe('a request on a store', () => {
  const borrower = elsewhere(store(BORROWED))
  const cases: [name: string, connectors: ServiceConnector[], store: ArtifactStore, calls: string[]][] = [
    [
      'wakes its connector when that is not Ready, and lets its call through',
      [failing()],
      store(),
      ['let through ml/minio', 'retry ml/minio', 'connector ml/minio urgent'],
    ],
    [
      'lets a call through when its connector is Ready, which has nothing to do',
      [connector({ status: statusOf('True') })],
      store(),
      ['let through ml/minio'],
    ],
    ['wakes no connector when there is none', [], store(), []],
    [
      'wakes the connector of another namespace that allows it',
      [failing({ allowedNamespaces: { from: 'All' } })],
      borrower,
      ['let through ml/minio', 'retry ml/minio', 'connector ml/minio urgent'],
    ],
    ['wakes no connector that does not allow its namespace', [failing()], borrower, []],
    ['wakes no connector that does not lend its bucket', [failing({ resources: ['s3://other'] })], store(), []],
  ]
  for (const [name, connectors, object, expected] of cases) {
    test(name, () => {
      const { calls, stores } = setUp(...connectors)
      stores.put(object)
      calls.length = 0
      stores.put(requested(object))
      assert.deepEqual(calls, expected)
    })
  }

  test('is one only when the annotation changes', () => {
    const { calls, stores } = setUp(failing())
    stores.put(requested(store()))
    calls.length = 0
    stores.put({ ...requested(store()), status: { observedGeneration: 2 } })
    assert.deepEqual(calls, [])
  })

  describe('that borrows its connector counts once in 10 s', () => {
    const shared = () => connector({ spec: { ...connector().spec, allowedNamespaces: { from: 'All' } } }, 'shared')
    const asked = (name: string, connector: string): ArtifactStore => {
      const object = elsewhere(store({ connectorRef: { name: connector, namespace: 'ml' } }))
      return { ...object, metadata: { ...object.metadata, name } }
    }
    const ASKED = ['let through ml/minio', 'retry ml/minio', 'connector ml/minio urgent']
    const lent = failing({ allowedNamespaces: { from: 'All' } })
    const cases: [name: string, second: ArtifactStore, at: number, calls: string[]][] = [
      ['for whichever store asks', asked('b', 'minio'), 9_999, []],
      ['and again after that', asked('b', 'minio'), 10_000, ASKED],
      [
        'for each connector',
        asked('b', 'shared'),
        0,
        ['let through ml/shared', 'retry ml/shared', 'connector ml/shared urgent'],
      ],
      ['which keeps no store of its owner from asking', store(), 0, ASKED],
    ]
    for (const [name, second, at, expected] of cases) {
      test(name, () => {
        const { calls, clock, stores } = setUp(lent, shared())
        for (const object of [asked('a', 'minio'), second]) stores.put(object)
        stores.put(requested(asked('a', 'minio')))
        calls.length = 0
        clock.at = at
        stores.put(requested(second))
        assert.deepEqual(calls, expected)
      })
    }
  })
})

describe('a store that comes has a connector count again', () => {
  const cases: [name: string, connectors: ServiceConnector[], store: ArtifactStore, later: string[]][] = [
    ['of its namespace', [connector()], store(), ['connector ml/minio in 5 s']],
    [
      'of another namespace that lets it in',
      [failing({ allowedNamespaces: { from: 'All' } })],
      elsewhere(store(BORROWED)),
      ['connector ml/minio in 5 s'],
    ],
    [
      'but not one that does not let it in, which would work for strangers',
      [failing()],
      elsewhere(store(BORROWED)),
      [],
    ],
    ['but none that is not there', [], elsewhere(store(BORROWED)), []],
  ]
  for (const [name, connectors, object, expected] of cases) {
    test(name, () => {
      const { later, stores } = setUp(...connectors)
      stores.put(object)
      assert.deepEqual(later, expected)
    })
  }
})

describe('a default store', () => {
  const named = (name: string, more: Partial<ArtifactStore> = {}): ArtifactStore => {
    const made = store()
    return { ...made, ...more, metadata: { ...made.metadata, name, uid: name } }
  }
  const first = named('first', { spec: { ...store().spec, default: true } })

  /** What the change wakes of it, at once and later. */
  function wakes(before: ArtifactStore[], change: (stores: ReturnType<typeof setUp>['stores']) => void): string[] {
    const { calls, later, stores } = setUp()
    for (const object of before) stores.put(object)
    calls.length = 0
    later.length = 0
    change(stores)
    return [...calls, ...later].filter(call => call.startsWith('store ml/first'))
  }

  test('is looked at seconds after the first other store has come, whose many siblings cost nothing', () => {
    assert.deepEqual(
      wakes([first], stores => stores.put(named('other'))),
      ['store ml/first in 5 s'],
    )
    const inUse = { ...first, status: { defaultInUse: true } }
    assert.deepEqual(
      wakes([inUse], stores => stores.put(named('other'))),
      [],
    )
  })

  test('is looked at at once when another one wants to be the default', () => {
    assert.deepEqual(
      wakes([first], stores => stores.put(named('other', { spec: { ...store().spec, default: true } }))),
      ['store ml/first urgent'],
    )
  })
})
