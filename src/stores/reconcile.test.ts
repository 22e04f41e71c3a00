import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  connector,
  fakeMaterial,
  fakeSession,
  fakeView,
  goodProbe,
  minutes,
  NOW,
  projectedSecret,
  store,
} from '../../test/support/objects.ts'
import { going, guarded, storeLab } from '../../test/support/store-context.ts'
import type { ArtifactStore, ArtifactStoreSpec, ArtifactStoreStatus } from '../api/artifact-store.ts'
import { transient } from '../api/failures.ts'
import { rfc3339 } from '../api/time.ts'
import type { Grant, Session, Usage } from '../providers/provider.ts'
import { rejection } from '../providers/rejection.ts'
import type { StoreView } from './plan/view.ts'
import { reconcileStore } from './reconcile.ts'

const left = projectedSecret('prod-old', { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) })
const grant: Grant = {
  kind: 'grant',
  material: fakeMaterial,
  issuedAt: NOW,
  expiresAt: minutes(60),
}
const credentials: ArtifactStoreSpec['credentials'] = [{ name: 'step', formats: ['AwsProfile'] }]

function setUp(session: Partial<Session> = {}, view: Partial<StoreView> = {}) {
  const opened = fakeSession({ probe: async () => goodProbe, grant: async () => grant, ...session })
  const lab = storeLab({ sessions: { get: async () => opened }, view: fakeView(view) })
  const run = (object = store()) => reconcileStore(object, lab.context, AbortSignal.timeout(5_000))
  const reason = async (object = store()) => (await run(object)).status?.conditions?.[0]?.reason
  return { lab, calls: lab.calls, run, reason }
}

const conditionsOf = ({ status }: Awaited<ReturnType<typeof reconcileStore>>): string[] =>
  status?.conditions?.map(({ type, status, reason }) => `${type}=${status}/${reason}`) ?? []

describe('reconcileStore', () => {
  test('verifies and projects, and writes nothing else', async () => {
    const { reason, calls } = setUp()
    assert.equal(await reason(store({ credentials })), 'Verified')
    assert.deepEqual(calls, ['write Secret prod-step'])
  })

  test('a Secret of the connector that is only late', async () => {
    let found = false
    const { lab, run } = setUp({}, { keyValues: () => (found ? { values: { id: 'AKIA' } } : undefined) })
    lab.context.lookUp = async () => {
      found = true
      return 'cached'
    }
    const { status, events = [] } = await run()
    assert.equal(status?.conditions?.[0]?.reason, 'Verified')
    assert.deepEqual(
      events.map(({ type }) => type),
      ['Normal'],
    )
  })

  test('revokes what nobody asks for, although the connector is gone', async () => {
    const { reason, calls } = setUp({}, { connector: () => undefined, secretsOf: () => [left] })
    assert.equal(await reason(), 'ConnectorNotFound')
    assert.deepEqual(calls, ['remove Secret prod-old'])
  })

  describe('what the owner of the connector takes back', () => {
    const key = projectedSecret('prod-key', { grant: 'g', issuedAt: NOW, expiresAt: undefined })
    const sas = projectedSecret('prod-sas', { grant: 'g', issuedAt: NOW, expiresAt: minutes(60 * 24) })
    const session = projectedSecret('prod-step', { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) })
    const listed = (secretName: string, expiresAt?: Date) => ({
      ...{ name: secretName, namespace: 'ml', secretName },
      ...(expiresAt && { expiresAt: rfc3339(expiresAt) }),
    })
    const credentials = [listed('prod-key'), listed('prod-sas', minutes(60 * 24)), listed('prod-step', minutes(60))]
    const spec = { credentials: ['key', 'sas', 'step'].map(name => ({ name, formats: ['AwsProfile' as const] })) }
    const elsewhere = store(
      { ...spec, connectorRef: { name: 'minio', namespace: 'other' } },
      { status: { credentials } },
    )
    const theirs = connector({ metadata: { ...connector().metadata, namespace: 'other' } })
    const refusing = (secretsOf: StoreView['secretsOf']) => setUp({}, { connector: () => theirs, secretsOf })

    test('keys and SAS tokens are removed, sessions end by themselves', async () => {
      const { run, calls } = refusing(() => [key, sas, session])
      const { status } = await run(elsewhere)
      assert.equal(status?.conditions?.[0]?.reason, 'ConnectorNotAllowed')
      assert.deepEqual(calls, ['remove Secret prod-key', 'remove Secret prod-sas'])
      assert.deepEqual(status?.credentials, [credentials[2]])
    })

    test('status lists them no more, also when it could not be written at once', async () => {
      const { run } = refusing(() => [session])
      assert.deepEqual((await run(elsewhere)).status?.credentials, [credentials[2]])
    })

    test('nor does it count those that had no room in it', async () => {
      const { run } = refusing(() => [key])
      const status = { credentials: [listed('prod-key')], credentialsOmitted: 7 }
      const after = (await run({ ...elsewhere, status })).status
      assert.deepEqual([after?.credentials, after?.credentialsOmitted], [undefined, undefined])
    })

    test('nothing is while the connector only fails', async () => {
      const { run, calls } = setUp({}, { keyValues: () => ({ values: {} }), secretsOf: () => [key] })
      assert.deepEqual((await run(store(spec, { status: { credentials } }))).status?.credentials, credentials)
      assert.deepEqual(calls, [])
    })

    test('nor while there is none, which looks the same', async () => {
      const { run, calls } = setUp({}, { secretsOf: () => [key] })
      const { status } = await run(elsewhere)
      assert.equal(status?.conditions?.[0]?.reason, 'ConnectorNotAllowed')
      assert.deepEqual([status?.credentials, calls], [credentials, []])
    })

    test('what can not be removed is tried again', async () => {
      const { run, lab } = refusing(() => [key])
      const failure = transient('SecretNotWritten', 'no answer')
      lab.context.writer.remove = async () => failure
      const conditions = [{ ...{ type: 'Ready', status: 'True' as const, reason: 'Verified' }, message: '' }]
      const ready = { conditions, observedGeneration: elsewhere.metadata.generation, credentials }
      const outcome = await run({ ...elsewhere, status: ready as ArtifactStoreStatus })
      assert.equal(outcome.next, failure)
      assert.deepEqual(outcome.status?.credentials, credentials, 'they are there')
      assert.ok(conditionsOf(outcome).includes('Ready=False/ConnectorNotAllowed'), `${conditionsOf(outcome)}`)
    })
  })

  test('a refused session is the connector’s trouble', async () => {
    const failure = rejection(transient('SessionExpired', 'refused'))
    const { run, calls } = setUp({ probe: async () => failure })
    const conditions = conditionsOf(await run())
    assert.ok(conditions.includes('ConnectorReady=False/ConnectorNotReady'), `${conditions}`)
    assert.deepEqual(calls, [])
  })

  test('what is due is refreshed although the probe hangs', async t => {
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

  test('a store that goes, and one that is suspended, are let be', async () => {
    const { run, calls, reason } = setUp({}, { secretsOf: () => [left] })
    const { metadata } = going(store())
    const { finalizers: _, ...free } = metadata
    assert.deepEqual(await run(store({}, { metadata: free })), { next: 'await-change' })
    assert.equal(await reason(store({ suspend: true })), 'Suspended')
    assert.deepEqual(calls, [])
  })
})

describe('the finalizer', () => {
  const recorded = { status: { bucket: { name: 'bucket', prefix: 'team/', expirationDays: 7 } } }
  const cases: [name: string, object: ArtifactStore, calls: string[]][] = [
    ['is not needed', store(), []],
    ['is added', store({ deletionProtection: true }), ['add']],
    ['is added to a suspended store', store({ deletionProtection: true, suspend: true }), ['add']],
    ['is added to a store with a wrong spec', store({ deletionProtection: true, path: 's3://UPPER' }), ['add']],
    ['is there', guarded(store({ deletionProtection: true })), []],
    ['is not needed any more', guarded(store()), ['remove']],
    ['goes with the rule', guarded(store({}, recorded)), ['prepare', 'remove']],
    ['is there before the rule', store({ bucket: { expirationDays: 7 } }), ['add', 'prepare']],
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

  test('stays with a rule that could not be removed', async () => {
    const failure = transient('Down', 'm')
    const { run, calls } = setUp({ prepare: async () => failure })
    const { status } = await run(guarded(store({}, recorded)))
    assert.equal(status?.bucket?.expirationDays, 7)
    assert.deepEqual(calls, [])
  })

  test('without it nothing is prepared, but credentials stay fresh', async () => {
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

describe('a store that is to be deleted', () => {
  const protectedStore = going(store({ deletionProtection: true, credentials }))
  test('and may not go: says why, and serves its consumers', async () => {
    const { run, calls } = setUp()
    const conditions = conditionsOf(await run(protectedStore))
    assert.deepEqual(conditions.slice(0, 2), ['Ready=False/DeletionProtected', 'Stalled=True/DeletionProtected'])
    assert.deepEqual(calls, ['write Secret prod-step'])
  })
  test('suspended, and may not go: says why', async () => {
    const { reason } = setUp()
    assert.equal(await reason(going(store({ deletionProtection: true, suspend: true }))), 'DeletionProtected')
  })
  test('goes with its namespace', async () => {
    const { run, calls } = setUp({}, { isTerminating: () => true })
    assert.deepEqual(await run(protectedStore), { events: [], next: 'await-change' })
    assert.deepEqual(calls, ['remove'])
  })
})

describe('a second default', () => {
  const { metadata } = store()
  const first = store({ default: true }, { metadata: { ...metadata, name: 'a' } })
  const second = guarded(store({ default: true, credentials }))
  test('gets no credentials', async () => {
    const { run, calls } = setUp({}, { storesIn: () => [first, second] })
    const conditions = conditionsOf(await run(second))
    assert.deepEqual(conditions.slice(0, 2), ['Ready=False/DefaultConflict', 'Stalled=True/DefaultConflict'])
    assert.deepEqual(calls, [])
  })
  test('keeps those it has fresh', async () => {
    const secret = projectedSecret('prod-step', { grant: 'older', issuedAt: minutes(-40), expiresAt: minutes(20) })
    const { run, calls } = setUp({}, { storesIn: () => [first, second], secret: () => secret })
    const conditions = conditionsOf(await run(second))
    assert.ok(conditions.includes('CredentialsProjected=True/Projected'), `${conditions}`)
    assert.deepEqual(calls, ['write Secret prod-step'])
  })
})

describe('usage', () => {
  const counted: Usage = { kind: 'usage', objects: 2, bytes: 10, scope: 'Prefix' }
  const wants = store({ usage: { source: 'List' } })
  test('is measured after the probe, in a reconcile of its own', async () => {
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
  test('is not measured while access is not verified', async () => {
    const { run, calls } = setUp({ probe: async () => ({ ...goodProbe, permissions: [] }) })
    await run(wants)
    await run(wants)
    assert.deepEqual(calls, [])
  })
  test('progress is forgotten with the wish', async () => {
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
