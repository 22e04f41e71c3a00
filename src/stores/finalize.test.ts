import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, fakeSession, fakeView, KEY_SPEC, NOW, projectedSecret, store } from '../../test/support/objects.ts'
import { going, storeLab } from '../../test/support/store-context.ts'
import type { ArtifactStore } from '../api/artifact-store.ts'
import { type Failure, stalled, transient } from '../api/failures.ts'
import type { BucketRequest, Prepared, Session } from '../providers/provider.ts'
import type { StoreContext } from './context.ts'
import { finalize } from './finalize.ts'

const none = new AbortController().signal
const recorded = { bucket: { name: 'bucket', prefix: 'team/', expirationDays: 7 } }
const withRule = going(store({ bucket: { expirationDays: 7 } }, { status: recorded }))
const denied = stalled('PermissionDenied', 's3:PutLifecycleConfiguration denied')
const removed: Prepared = { kind: 'prepared', changes: ['removed the lifecycle rule'] }
const RULE = 'lifecycle rule "artifactstore.dev/ml/prod/uid-of-m" of s3://bucket/team'

function setUp(prepare: Session['prepare'], overrides: Partial<StoreContext> = {}) {
  const requests: BucketRequest[] = []
  const session = fakeSession({
    async prepare(request, signal) {
      requests.push(request)
      return prepare(request, signal)
    },
  })
  const lab = storeLab({ sessions: { get: async () => session }, ...overrides })
  return { lab, requests, run: (object: ArtifactStore = withRule) => finalize(object, lab.context, none) }
}
const answering = (answer: Prepared | Failure) => async () => answer
const after = (seconds: number) => new Date(NOW.getTime() + seconds * 1000)

describe('finalize', () => {
  test('lets a store without a lifecycle rule go, and asks nothing of its service', async () => {
    const { run, lab, requests } = setUp(answering(removed))
    assert.deepEqual(await run(going(store({ deletionProtection: true }))), { events: [], next: 'await-change' })
    assert.deepEqual([requests, lab.calls], [[], ['remove']])
  })

  test('removes the lifecycle rule, and asks nothing else of the bucket', async () => {
    const { run, lab, requests } = setUp(answering(removed))
    const bucket = { create: true, versioning: 'Enabled', expirationDays: 7 } as const
    const { events, next } = await run(going(store({ bucket })))
    assert.deepEqual(requests, [
      {
        location: { bucket: 'bucket', prefix: 'team/', uri: 's3://bucket/team/' },
        create: false,
        ruleId: 'artifactstore.dev/ml/prod/uid-of-m',
      },
    ])
    assert.deepEqual(lab.calls, ['remove'])
    assert.equal(next, 'await-change')
    assert.deepEqual(
      events?.map(({ type, reason, message }) => [type, reason, message]),
      [['Normal', 'BucketPrepared', 's3://bucket/team: removed the lifecycle rule']],
    )
  })

  test('removes a lifecycle rule that only status knows of', async () => {
    const { run, requests } = setUp(answering(removed))
    await run(going(store({}, { status: recorded })))
    assert.equal(requests.length, 1)
  })

  const fine: [name: string, object: ArtifactStore, answer: Prepared | Failure][] = [
    ['it is suspended', going(store({ bucket: { expirationDays: 7 }, suspend: true })), removed],
    ['its spec is invalid', going(store({ bucket: { expirationDays: 7 }, credentials: 'none' as never })), removed],
    ['its bucket is gone', withRule, stalled('BucketNotFound', 'no bucket')],
  ]
  for (const [name, object, answer] of fine) {
    test(`lets a store go although ${name}`, async () => {
      const { run, lab } = setUp(answering(answer))
      assert.equal((await run(object)).next, 'await-change')
      assert.deepEqual(lab.calls, ['remove'])
    })
  }
})

describe('a lifecycle rule that can’t be removed', () => {
  const { metadata } = connector()
  const missing = { view: fakeView({ connector: () => undefined }) }
  const suspended = connector({ metadata, spec: { ...KEY_SPEC, suspend: true } })
  const throws = () => Promise.reject(new Error('bug'))
  const cases: [name: string, prepare: Session['prepare'], overrides: Partial<StoreContext>, why: RegExp][] = [
    ['the service denies it', answering(denied), {}, /s3:PutLifecycleConfiguration denied/],
    ['the service does not answer', answering(transient('EndpointUnreachable', 'no answer')), {}, /no answer/],
    ['there is no connector', answering(removed), missing, /there is no ServiceConnector "ml\/minio"/],
    [
      'the connector is suspended',
      answering(removed),
      { view: fakeView({ connector: () => suspended }) },
      /is suspended/,
    ],
    [
      'no session can be opened',
      answering(removed),
      { sessions: { get: async () => denied } },
      /ServiceConnector "ml\/minio": /,
    ],
    ['a bug throws', throws, {}, /bug/],
  ]
  for (const [name, prepare, overrides, why] of cases) {
    test(`is tried for two minutes, then left behind when ${name}`, async () => {
      const { run, lab } = setUp(prepare, overrides)
      const first = await run()
      assert.deepEqual(lab.calls, [])
      const [ready, reconciling] = first.status?.conditions ?? []
      assert.deepEqual([ready?.status, ready?.reason, reconciling?.type], ['False', 'RuleNotRemoved', 'Reconciling'])
      assert.match(ready?.message ?? '', why)
      assert.deepEqual(first.next, { after: 10_000 })

      lab.now = after(115)
      assert.deepEqual((await run()).next, { after: 5_000 })
      lab.now = after(120)
      const { status, events = [], next } = await run()
      assert.deepEqual([status, next], [undefined, 'await-change'])
      assert.equal(events[0]?.type, 'Warning')
      assert.match(events[0]?.message ?? '', why)
      assert.ok(events[0]?.message.startsWith(`${RULE} is left behind: remove it by hand: `), events[0]?.message)
      assert.deepEqual(lab.calls, ['remove', `warn ${events[0]?.message}`])
    })
  }

  test('is tried once in a namespace that is being deleted', async () => {
    const { run, lab, requests } = setUp(answering(denied), { view: fakeView({ isTerminating: () => true }) })
    const { events } = await run()
    assert.deepEqual(
      events?.map(({ reason }) => reason),
      ['RuleLeftBehind'],
    )
    assert.deepEqual([requests.length, lab.calls[0]], [1, 'remove'])
  })

  test('is a failure like others when the service hangs', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const called = Promise.withResolvers<void>()
    const { run } = setUp(() => {
      called.resolve()
      return new Promise(() => {})
    })
    const outcome = run()
    await called.promise
    t.mock.timers.tick(30_000)
    assert.equal((await outcome).status?.conditions?.[0]?.reason, 'RuleNotRemoved')
  })

  test('is no failure when the process ends meanwhile', async () => {
    const stop = new AbortController()
    const { lab } = setUp((_, signal) => {
      stop.abort(new Error('shutdown'))
      return Promise.reject(signal.reason)
    })
    await assert.rejects(finalize(withRule, lab.context, stop.signal), /shutdown/)
    assert.equal(lab.context.removals.size, 0)
  })
})

describe('the Secrets of a deleted store in other namespaces', () => {
  const stamp = { grant: 'g', issuedAt: NOW, expiresAt: after(3600) }
  const secrets = ['ml', 'a', 'b'].map(namespace => projectedSecret(`in-${namespace}`, stamp, namespace))
  const view = fakeView({ secretsOf: key => (key === 'ml/prod' ? secrets : []) })
  const plain = going(store())
  const failure = stalled('SecretForbidden', 'may not delete Secret "a/in-a"')

  test('are deleted before its finalizer is removed, and those in its own namespace go by themselves', async () => {
    const { run, lab } = setUp(answering(removed), { view })
    assert.deepEqual(await run(plain), { events: [], next: 'await-change' })
    assert.deepEqual(lab.calls, ['remove Secret in-a', 'remove Secret in-b', 'remove'])
  })

  const failing: [name: string, remove: () => Promise<Failure>, why: RegExp][] = [
    ['their deletion is refused', async () => failure, /may not delete Secret "a\/in-a"$/],
    ['a bug throws', () => Promise.reject(new Error('bug')), /bug$/],
  ]
  for (const [name, remove, why] of failing) {
    test(`are tried for two minutes, then left to the collector of orphans when ${name}`, async () => {
      const { run, lab } = setUp(answering(removed), { view })
      lab.context.writer.remove = remove
      const { status, next } = await run(plain)
      assert.equal(status?.conditions?.[0]?.reason, 'SecretsNotRemoved')
      assert.match(status?.conditions?.[0]?.message ?? '', why)
      assert.deepEqual([next, lab.calls], [{ after: 10_000 }, []])

      lab.now = after(120)
      const { events = [] } = await run(plain)
      assert.deepEqual(
        events.map(({ type, reason }) => [type, reason]),
        [['Warning', 'SecretsLeftBehind']],
      )
      assert.match(events[0]?.message ?? '', why)
      assert.deepEqual(lab.calls, ['remove', `warn ${events[0]?.message}`])
    })
  }

  test('do not hold up its end while others hold them by a finalizer', async () => {
    const held = secrets.map(({ metadata, ...rest }) => ({
      ...rest,
      metadata: { ...metadata, deletionTimestamp: '2026-03-01T09:00:00Z', finalizers: ['theirs/hold'] },
    }))
    const { run, lab } = setUp(answering(removed), { view: { ...view, secretsOf: () => held } })
    assert.deepEqual(await run(plain), { events: [], next: 'await-change' })
    assert.deepEqual(lab.calls, ['remove'])
  })

  test('are removed in turns when they are many, and the next turn comes soon', async () => {
    const many = Array.from({ length: 250 }, (_, index) => projectedSecret(`s-${index}`, stamp, `n-${index}`))
    const { run, lab } = setUp(answering(removed), {
      view: {
        ...view,
        secretsOf: () => many.filter(({ metadata }) => !lab.calls.includes(`remove Secret ${metadata.name}`)),
      },
    })
    assert.deepEqual((await run(plain)).next, { after: 1_000 })
    assert.equal(lab.calls.length, 200)
    assert.equal((await run(plain)).next, 'await-change')
    assert.equal(lab.calls.at(-1), 'remove')
  })

  test('are reported when they are left behind, and so is the lifecycle rule', async () => {
    const { run, lab } = setUp(answering(denied), { view: { ...view, isTerminating: () => true } })
    lab.context.writer.remove = async () => failure
    const { events = [] } = await run()
    assert.deepEqual(
      events.map(({ reason }) => reason),
      ['RuleLeftBehind', 'SecretsLeftBehind'],
    )
    assert.equal(lab.calls.length, 3)
  })
})

test('a finalizer that can’t be removed is a failure like others', async () => {
  const { run, lab } = setUp(answering(removed))
  lab.finalizerFails = transient('FinalizerNotWritten', 'm')
  const { status, next } = await run()
  assert.equal(next, lab.finalizerFails)
  assert.equal(status?.conditions?.[0]?.reason, 'FinalizerNotWritten')
})
