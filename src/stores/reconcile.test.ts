import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { goodProbe, minutes, NOW, projectedSecret, store } from '../../test/support/objects.ts'
import { conditionsOf, credentials, setUp } from '../../test/support/reconcile-lab.ts'
import { going, guarded } from '../../test/support/store-context.ts'
import type { ArtifactStore } from '../api/artifact-store.ts'
import { transient } from '../api/failures.ts'
import type { Usage } from '../providers/provider.ts'
import { rejection } from '../providers/rejection.ts'

const left = projectedSecret('prod-old', { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) })

describe('reconcileStore', () => {
  test('verifies a store and projects its credentials, and writes nothing else', async () => {
    const { reason, calls } = setUp()
    assert.equal(await reason(store({ credentials })), 'Verified')
    assert.deepEqual(calls, ['write Secret prod-step'])
  })

  test('looks up a Secret of the connector that the cache lacks', async () => {
    let found = false
    const { lab, run } = setUp({}, { keyValues: () => (found ? { values: { id: 'AKIA' } } : undefined) })
    lab.context.lookUp = async () => {
      found = true
      return 'cached'
    }
    const { status, events } = await run()
    assert.equal(status?.conditions?.[0]?.reason, 'Verified')
    assert.deepEqual(events, [])
  })

  test('blames the connector when the service refuses its session', async () => {
    const failure = rejection(transient('SessionExpired', 'refused'))
    const { run, calls } = setUp({ probe: async () => failure })
    const conditions = conditionsOf(await run())
    assert.ok(conditions.includes('ConnectorReady=False/ConnectorNotReady'), `${conditions}`)
    assert.deepEqual(calls, [])
  })

  test('refreshes credentials that are due although the probe hangs', async t => {
    const called = Promise.withResolvers<void>()
    const { run, calls } = setUp(
      {
        probe: () => {
          called.resolve()
          return new Promise(() => {})
        },
      },
      {
        secret: () => projectedSecret('prod-step', { grant: 'older', issuedAt: minutes(-40), expiresAt: minutes(20) }),
      },
    )
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const outcome = run(store({ credentials }))
    await called.promise
    t.mock.timers.tick(30_000)
    assert.ok(conditionsOf(await outcome).includes('BucketReachable=False/ProbeTimeout'))
    assert.deepEqual(calls, ['write Secret prod-step'])
  })

  test('leaves alone a store that is deleted without our finalizer', async () => {
    const { run, calls } = setUp({}, { secretsOf: () => [left] })
    const { metadata } = going(store())
    const { finalizers: _, ...free } = metadata
    assert.deepEqual(await run(store({}, { metadata: free })), { next: 'await-change' })
    assert.deepEqual(calls, [])
  })
})

describe('the finalizer', () => {
  const recorded = { status: { bucket: { name: 'bucket', prefix: 'team/', expirationDays: 7 } } }
  const cases: [name: string, object: ArtifactStore, calls: string[]][] = [
    ['is not added where nothing needs it', store(), []],
    ['is added to a store with deletion protection', store({ deletionProtection: true }), ['add']],
    ['is added to a suspended store', store({ deletionProtection: true, suspend: true }), ['add']],
    ['is added to a store with an invalid spec', store({ deletionProtection: true, path: 's3://a*b' }), ['add']],
    ['is not added twice', guarded(store({ deletionProtection: true })), []],
    ['is removed when nothing needs it any more', guarded(store()), ['remove']],
    ['is removed after the lifecycle rule', guarded(store({}, recorded)), ['prepare', 'remove']],
    ['is added before the lifecycle rule is set', store({ bucket: { expirationDays: 7 } }), ['add', 'prepare']],
  ]
  for (const [name, object, expected] of cases) {
    test(name, async () => {
      const { run, calls } = setUp({
        async prepare() {
          calls.push('prepare')
          return { kind: 'prepared', changes: [] }
        },
      })
      await run(object)
      assert.deepEqual(calls, expected)
    })
  }

  test('stays when the lifecycle rule could not be removed', async () => {
    const failure = transient('Down', 'm')
    const { run, calls } = setUp({ prepare: async () => failure })
    const { status } = await run(guarded(store({}, recorded)))
    assert.equal(status?.bucket?.expirationDays, 7)
    assert.deepEqual(calls, [])
  })

  test('can’t be added: then the bucket is not prepared, but credentials stay fresh', async () => {
    const { lab, calls, run } = setUp(
      {},
      {
        secret: () => projectedSecret('prod-step', { grant: 'older', issuedAt: minutes(-40), expiresAt: minutes(20) }),
      },
    )
    lab.finalizerFails = transient('FinalizerNotWritten', 'm')
    const outcome = await run(store({ credentials, bucket: { expirationDays: 7 } }))
    assert.ok(conditionsOf(outcome).includes('BucketReachable=False/FinalizerNotWritten'))
    assert.deepEqual(calls, ['add', 'write Secret prod-step'])
  })
})

describe('a default store', () => {
  const other = store({}, { metadata: { ...store().metadata, name: 'other', uid: 'other' } })
  const inUse = async (object: ArtifactStore, others: ArtifactStore[]) => {
    const { run } = setUp({}, { storesIn: () => [object, ...others] })
    return (await run(object)).status?.defaultInUse
  }
  const status = { defaultInUse: true }

  test('says that its namespace has others, also when it is suspended', async () => {
    assert.equal(await inUse(store({ default: true }), [other]), true)
    assert.equal(await inUse(store({ default: true, suspend: true }), [other]), true)
  })

  test('no longer says so when they are gone, or when it is none any more', async () => {
    assert.equal(await inUse(store({ default: true }, { status }), []), undefined)
    assert.equal(await inUse(store({}, { status }), [other]), undefined)
    assert.equal(await inUse(store({ suspend: true }, { status }), [other]), undefined)
  })
})

describe('a protected store that is to be deleted', () => {
  const protectedStore = going(store({ deletionProtection: true, credentials }))
  test('stays, says why, and serves its consumers', async () => {
    const { run, calls } = setUp()
    const conditions = conditionsOf(await run(protectedStore))
    assert.deepEqual(conditions.slice(0, 2), ['Ready=False/DeletionProtected', 'Stalled=True/DeletionProtected'])
    assert.deepEqual(calls, ['write Secret prod-step'])
  })
  test('stays and says why, also when it is suspended', async () => {
    const { reason } = setUp()
    assert.equal(await reason(going(store({ deletionProtection: true, suspend: true }))), 'DeletionProtected')
  })
  test('goes when its namespace is being deleted', async () => {
    const { run, calls } = setUp({}, { isTerminating: () => true })
    assert.deepEqual(await run(protectedStore), { events: [], next: 'await-change' })
    assert.deepEqual(calls, ['remove'])
  })
})

describe('a second default store', () => {
  const { metadata } = store()
  const first = store({ default: true }, { metadata: { ...metadata, name: 'a' } })
  const second = guarded(store({ default: true, credentials }))
  test('gets no new credentials', async () => {
    const { run, calls } = setUp({}, { storesIn: () => [first, second] })
    const conditions = conditionsOf(await run(second))
    assert.deepEqual(conditions.slice(0, 2), ['Ready=False/DefaultConflict', 'Stalled=True/DefaultConflict'])
    assert.deepEqual(calls, [])
  })
  test('keeps the credentials that it has fresh', async () => {
    const secret = projectedSecret('prod-step', { grant: 'older', issuedAt: minutes(-40), expiresAt: minutes(20) })
    const { run, calls } = setUp({}, { storesIn: () => [first, second], secret: () => secret })
    const conditions = conditionsOf(await run(second))
    assert.ok(conditions.includes('CredentialsProjected=True/Projected'), `${conditions}`)
    assert.deepEqual(calls, ['write Secret prod-step'])
  })
})

describe('measuring the usage of a store', () => {
  const counted: Usage = { kind: 'usage', objects: 2, bytes: 10, scope: 'Prefix' }
  const wants = store({ usage: { source: 'List' } })
  test('comes after the probe, in a reconcile of its own', async () => {
    const { run, calls } = setUp({
      async measure() {
        calls.push('measure')
        return counted
      },
    })
    const first = await run(wants)
    assert.deepEqual([calls, first.next], [[], { after: 1_000 }])
    const { status } = await run(wants)
    assert.deepEqual(status?.usage, { objects: 2, bytes: 10, scope: 'Prefix', measuredAt: '2026-03-01T10:00:00Z' })
  })
  test('does not come while access is not verified', async () => {
    const { run, calls } = setUp({ probe: async () => ({ ...goodProbe, permissions: [] }) })
    await run(wants)
    await run(wants)
    assert.deepEqual(calls, [])
  })
  test('forgets its progress when the spec no longer asks for usage', async () => {
    const { run, lab } = setUp({
      measure: async () => ({ ...counted, progress: { objects: 1, bytes: 1, after: 'k' } }),
    })
    await run(wants)
    await run(wants)
    assert.equal(lab.context.measurements.size, 1)
    await run(store())
    assert.equal(lab.context.measurements.size, 0)
  })
})
