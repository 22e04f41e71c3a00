import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { minutes, NOW, projectedSecret, store } from '../../test/support/objects.ts'
import { createFakeClock, settle } from '../../test/support/runtime/fake-clock.ts'
import { fakeClient, fakeLog, nextVersion } from '../../test/support/runtime/fakes.ts'
import type { ArtifactStore } from '../api/artifact-store.ts'
import { type Failure, transient } from '../api/failures.ts'
import { SEAL_ANNOTATION, STORE_LABEL, STORE_NAMESPACE_LABEL } from '../api/names.ts'
import type { KubeObject } from '../api/object.ts'
import { keyOf } from '../api/object.ts'
import { ApiError } from '../kube/errors.ts'
import { SECRETS } from '../kube/resource.ts'
import { Informer, type InformerEvent } from '../runtime/informer.ts'
import { createOrphanCollector } from './orphans.ts'
import { type ProjectedSecret, toProjected } from './plan/projected-secret.ts'

const stamp = { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) }
const gone = new ApiError(404, { reason: 'NotFound' }, 'get')
const newer = <T extends KubeObject>(object: T): T => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: nextVersion() },
})
const secretIn = (namespace: string): ProjectedSecret => {
  const { metadata, ...rest } = newer(projectedSecret('prod-step', stamp, namespace))
  return { ...rest, metadata: { ...metadata, annotations: { ...metadata.annotations, [SEAL_ANNOTATION]: 'sound' } } }
}

/** With the owner reference that has it deleted together with its store. */
const owned = ({ metadata, ...rest }: ProjectedSecret): ProjectedSecret => {
  const { apiVersion, kind, metadata: owner } = store()
  return {
    ...rest,
    metadata: { ...metadata, ownerReferences: [{ apiVersion, kind, name: owner.name, uid: owner.uid }] },
  }
}

/** As the cache has it, with the seal that annotations give it. */
const sealing = { of: () => 'sound' }
const unsealed = (secret: ProjectedSecret): ProjectedSecret => {
  const annotations = { ...secret.metadata.annotations, [SEAL_ANNOTATION]: 'forged' }
  return { ...secret, metadata: { ...secret.metadata, annotations } }
}

/** A collector whose API server gives `answers` when it is asked for stores, and then says that there is none. */
function setUp(answers: Error[] = [], removal?: () => Promise<Failure | undefined>, isRead = () => true) {
  const clock = createFakeClock()
  const log = fakeLog()
  const calls: string[] = []
  const onError = (error: unknown) => assert.fail(String(error))
  const secrets = new Informer<ProjectedSecret>({
    ...{ client: fakeClient(), resource: SECRETS, onError },
    transform: secret => toProjected(secret, sealing),
  })
  const known = new Map<string, ArtifactStore>()
  const handlers: ((event: InformerEvent<ArtifactStore>) => void)[] = []
  const stores = {
    add: (object: ArtifactStore) => void known.set(keyOf(object), object),
    delete(object: ArtifactStore) {
      known.delete(keyOf(object))
      for (const handler of handlers) handler({ type: 'deleted', object })
    },
  }
  const stop = new AbortController()
  const collector = createOrphanCollector({
    client: {
      async get(_resource, namespace, name) {
        calls.push(`get ${namespace}/${name}`)
        throw answers.shift() ?? gone
      },
    },
    secrets,
    stores: { on: handler => void handlers.push(handler), cache: { get: key => known.get(key) } },
    secretsOf: key => (key === 'ml/prod' ? [...secrets.cache.values()] : []),
    async remove(secret) {
      calls.push(`remove ${keyOf(secret)}`)
      return removal?.()
    },
    isRead,
    clock,
    random: () => 0.5,
    log,
  })
  const run = async () => {
    const ended = collector.run({ drain: stop.signal, abort: new AbortController().signal })
    await settle()
    return ended
  }
  return { clock, log, calls, secrets, stores, stop, run, collector }
}

describe('a Secret whose store is gone, and which does not go with it', () => {
  test('is deleted after a start, once the API server says that its store is gone', async () => {
    const { clock, calls, log, secrets, run } = setUp()
    secrets.observe(secretIn('team'))
    void run()
    await clock.advance(4_999)
    assert.deepEqual(calls, [])
    await clock.advance(1)
    assert.deepEqual(calls, ['get ml/prod', 'remove team/prod-step'])
    assert.deepEqual(log.messages('info'), ['deleted a Secret whose store is gone'])
    assert.equal(clock.timers(), 0, 'no timer is left')
  })

  test('is deleted in the namespace of its store, too, when admission took its owner off', async () => {
    const { calls, clock, run, secrets } = setUp()
    secrets.observe(secretIn('ml'))
    void run()
    await clock.advance(5_000)
    assert.deepEqual(calls, ['get ml/prod', 'remove ml/prod-step'])
  })
  test('is deleted when it appears later', async () => {
    const { clock, calls, secrets, run } = setUp()
    void run()
    await settle()
    secrets.observe(secretIn('team'))
    await clock.advance(10_000)
    assert.deepEqual(calls, ['get ml/prod', 'remove team/prod-step'])
  })

  test('is deleted when its store is deleted', async () => {
    const { clock, calls, secrets, stores, run } = setUp()
    stores.add(store())
    secrets.observe(secretIn('team'))
    void run()
    await clock.advance(10_000)
    assert.deepEqual(calls, [], 'its store is there')
    stores.delete(store())
    await clock.advance(10_000)
    assert.deepEqual(calls, ['get ml/prod', 'remove team/prod-step'])
  })

  test('stays, and nothing is asked, while the namespace of its store is not known, and is looked at again once it is', async () => {
    let known = false
    const { clock, calls, secrets, run, collector } = setUp([], undefined, () => known)
    secrets.observe(secretIn('team'))
    void run()
    await clock.advance(86_400_000)
    assert.deepEqual(calls, [])
    known = true
    collector.considerAll()
    await clock.advance(5_000)
    assert.deepEqual(calls, ['get ml/prod', 'remove team/prod-step'])
  })

  test('stays when the cache of stores was only late', async () => {
    const { clock, calls, secrets, stores, run } = setUp()
    secrets.observe(secretIn('team'))
    void run()
    await clock.advance(4_000)
    stores.add(store())
    await clock.advance(86_400_000)
    assert.deepEqual(calls, [])
  })

  test('is tried again when the API server does not answer, or its deletion fails', async () => {
    const failures = [transient('SecretNotWritten', 'no answer'), undefined]
    const { clock, calls, log, secrets, run } = setUp([new Error('no answer')], async () => failures.shift())
    secrets.observe(secretIn('team'))
    void run()
    await clock.advance(60_000)
    const remove = 'remove team/prod-step'
    assert.deepEqual(calls, ['get ml/prod', 'get ml/prod', remove, 'get ml/prod', remove])
    assert.equal(log.messages('warn').length, 2)
  })
})

describe('the collector of orphans leaves alone', () => {
  const copy = secretIn('copy')
  const relabelled = (labels: Record<string, string>): ProjectedSecret => ({
    ...copy,
    metadata: { ...copy.metadata, labels: { ...copy.metadata.labels, ...labels } },
  })
  const cases: [name: string, secret: ProjectedSecret][] = [
    ['a Secret that goes with its store by itself', owned(secretIn('ml'))],
    ['a copy that somebody made of a Secret', { ...copy, metadata: { ...copy.metadata, namespace: 'third' } }],
    ['a Secret that the operator did not make', { ...copy, metadata: { ...copy.metadata, labels: {} } }],
    ['a Secret whose seal proves nothing, whatever it says', unsealed(copy)],
    ['a Secret that names no namespace of its store', relabelled({ [STORE_NAMESPACE_LABEL]: '' })],
    ['a Secret that names no store', relabelled({ [STORE_LABEL]: '' })],
    [
      'a Secret that is deleted already, and held by others',
      { ...copy, metadata: { ...copy.metadata, deletionTimestamp: '2026-03-01T09:00:00Z' } },
    ],
  ]
  for (const [name, secret] of cases) {
    test(name, async () => {
      const { clock, calls, secrets, run } = setUp()
      secrets.observe(secret)
      void run()
      await clock.advance(86_400_000)
      assert.deepEqual(calls, [])
    })
  }

  test('every Secret, in a replica that does not lead', async () => {
    const { clock, calls, secrets } = setUp()
    secrets.observe(secretIn('team'))
    assert.equal(clock.timers(), 0)
    await clock.advance(86_400_000)
    assert.deepEqual(calls, [])
  })
})

test('the collector of orphans ends when it is told to', async () => {
  const { stop, run, secrets, clock } = setUp()
  secrets.observe(secretIn('team'))
  const ended = run()
  await settle()
  stop.abort()
  await ended
  assert.equal(clock.timers(), 0)
})
