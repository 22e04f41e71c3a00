/** Secrets that say they are a store's, made by somebody else: any number of them costs the store nothing. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SEAL_ANNOTATION, STORE_NAMESPACE_LABEL, TARGET_ANNOTATION } from '../../src/api/names.ts'
import { keyOf } from '../../src/api/object.ts'
import { createCaches } from '../../src/operator/caches.ts'
import { ownersToRepair } from '../../src/operator/matters.ts'
import { createOrphanCollector } from '../../src/stores/orphans.ts'
import { needsFinalizer } from '../../src/stores/plan/deletion.ts'
import { ownerLabels, type ProjectedSecret, stampAnnotations } from '../../src/stores/plan/projected-secret.ts'
import { createSeal } from '../../src/stores/plan/seal.ts'
import { fakeProvider, minutes, NOW, projectedSecret, store } from '../support/objects.ts'
import { credentials, setUp } from '../support/reconcile-lab.ts'
import { createFakeClock } from '../support/runtime/fake-clock.ts'
import { fakeClient, fakeLog, nextVersion } from '../support/runtime/fakes.ts'

const seal = createSeal(Buffer.alloc(32, 7), 'this cluster')
const others = createSeal(Buffer.alloc(32, 8), 'this cluster')
const elsewhere = createSeal(Buffer.alloc(32, 7), 'another cluster')

/** A Secret as its maker wrote it, with everything that the operator looks at. */
function made(namespace: string, name: string, given: string | undefined): ProjectedSecret {
  const annotations = {
    ...stampAnnotations({ grant: 'g', issuedAt: minutes(-59), expiresAt: minutes(1) }, 'content'),
    [TARGET_ANNOTATION]: `${namespace}/${name}`,
    ...(given === undefined ? {} : { [SEAL_ANNOTATION]: given }),
  }
  const metadata = {
    ...{ name, namespace, uid: `uid-${name}`, resourceVersion: nextVersion(), labels: ownerLabels(store(), 'step') },
    ...{ annotations, finalizers: ['hostile.example/hold'] },
  }
  return { apiVersion: 'v1', kind: 'Secret', metadata } as unknown as ProjectedSecret
}

const FORGERIES: [name: string, secret: (index: number) => ProjectedSecret][] = [
  ['without a seal', index => made('hostile', `s-${index}`, undefined)],
  ['with a seal of nobody', index => made('hostile', `s-${index}`, 'A'.repeat(43))],
  ['with a seal by another key', index => made('hostile', `s-${index}`, others.of(`hostile/s-${index}`, 'ml/prod'))],
  ['from another cluster', index => made('hostile', `s-${index}`, elsewhere.of(`hostile/s-${index}`, 'ml/prod'))],
  ['with the seal of a Secret that it may read', index => made('hostile', `s-${index}`, seal.of('team/s', 'ml/prod'))],
  [
    'with the seal of a store of its own',
    index => made('hostile', `s-${index}`, seal.of(`hostile/s-${index}`, 'hostile/x')),
  ],
  ['beside the store', index => made('ml', `s-${index}`, seal.of('ml/prod-step', 'ml/prod'))],
  [
    'that names no namespace of its store',
    index => {
      const secret = made('hostile', `s-${index}`, seal.of(`hostile/s-${index}`, '/prod'))
      const labels = { ...secret.metadata.labels, [STORE_NAMESPACE_LABEL]: '' }
      return { ...secret, metadata: { ...secret.metadata, labels } }
    },
  ],
]

/** The operator's caches, with this many forged Secrets in them. */
function cluster(secretOf: (index: number) => ProjectedSecret, count: number) {
  const caches = createCaches(fakeClient(), {
    providers: { aws: fakeProvider },
    seal,
    log: fakeLog(),
    watched: undefined,
  })
  const woken: string[] = []
  caches.projected.on(event => woken.push(...ownersToRepair(event)))
  for (let index = 0; index < count; index++) caches.projected.observe(secretOf(index))
  const { cache } = caches.projected
  assert.equal(cache.size, count)
  return { caches, woken, secretsOf: (key: string) => cache.byIndex('store', key) }
}

for (const [name, secretOf] of FORGERIES) {
  describe(`forged Secrets ${name}`, () => {
    for (const count of [50, 100]) {
      test(`are none of the store's, and need no finalizer: ${count}`, () => {
        const { woken, secretsOf } = cluster(secretOf, count)
        assert.deepEqual([secretsOf('ml/prod').length, woken], [0, []])
        assert.equal(needsFinalizer(store(), { secretsOf }), false)
      })

      test(`cost a reconcile no call, and are not removed: ${count}`, async () => {
        const { secretsOf } = cluster(secretOf, count)
        const { run, calls } = setUp({}, { secretsOf })
        const { status, wakeWithin } = await run(store({ credentials }))
        assert.deepEqual([calls, status?.conditions?.[0]?.reason], [['write Secret prod-step'], 'Verified'])
        assert.equal(wakeWithin, undefined, 'nothing of theirs is waited for')
      })

      test(`are no orphans when the store is gone: ${count}`, async () => {
        const { caches, secretsOf } = cluster(secretOf, count)
        const clock = createFakeClock()
        const stop = new AbortController()
        const collector = createOrphanCollector({
          ...{ client: fakeClient(), secrets: caches.projected, stores: caches.stores, secretsOf },
          ...{ clock, random: () => 0.5, log: fakeLog(), remove: () => assert.fail('removes one') },
        })
        const ended = collector.run({ drain: stop.signal, abort: stop.signal })
        await clock.advance(86_400_000)
        assert.equal(clock.timers(), 0)
        stop.abort()
        await ended
      })
    }
  })
}

test('a Secret that the operator sealed is the store’s', () => {
  const { secretsOf } = cluster(index => made('team', `s-${index}`, seal.of(`team/s-${index}`, 'ml/prod')), 2)
  assert.deepEqual(secretsOf('ml/prod').map(keyOf), ['team/s-0', 'team/s-1'])
})

test('a Secret at the place of a target is taken over, sealed by the next write, and works until then', async () => {
  const unsealed = {
    ...projectedSecret('prod-step', { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) }),
    sealed: false,
  }
  const { run, calls } = setUp({}, { secret: () => unsealed })
  const { status } = await run(store({ credentials }))
  assert.deepEqual(calls, ['write Secret prod-step'])
  assert.equal(status?.credentials?.length, 1)
})
