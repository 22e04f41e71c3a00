import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeProvider, fakeSession, fakeView, goodProbe, minutes, NOW, store } from '../../../test/support/objects.ts'
import type { ArtifactStore, ArtifactStoreSpec } from '../../api/artifact-store.ts'
import { type Failure, stalled } from '../../api/failures.ts'
import type { BucketRequest, Prepared, Session } from '../../providers/provider.ts'
import { planStore } from '../plan/plan.ts'
import { Verifications } from './verifications.ts'
import { verify } from './verify.ts'

type Bucket = NonNullable<ArtifactStoreSpec['bucket']>

const withBucket = (bucket: Bucket | undefined, recorded?: number): ArtifactStore => {
  const status = { bucket: { name: 'bucket', prefix: 'team/', ...(recorded ? { expirationDays: recorded } : {}) } }
  return store(bucket ? { bucket } : {}, { status })
}

/** One process, with what it asked the service for, in order. */
function start(session: Partial<Session> = {}) {
  const calls: (BucketRequest | 'probe')[] = []
  const process = {
    now: NOW,
    calls,
    verifications: new Verifications(),
    prepared: { kind: 'prepared', changes: [] } as Prepared | Failure,
    look(object: ArtifactStore, signal = new AbortController().signal) {
      const plan = planStore(object, fakeView(), { aws: fakeProvider })
      assert.ok(plan.kind === 'plan', JSON.stringify(plan))
      const fake = fakeSession({
        async prepare(request) {
          calls.push(request)
          return process.prepared
        },
        async probe() {
          calls.push('probe')
          return goodProbe
        },
        ...session,
      })
      const context = { verifications: process.verifications, now: () => process.now, secret: () => undefined }
      return verify({ store: object, plan, session: fake }, context, signal)
    },
  }
  return process
}

const location = { bucket: 'bucket', prefix: 'team/', uri: 's3://bucket/team/' }
const request = (bucket: Partial<BucketRequest> = {}): BucketRequest => ({
  location,
  create: false,
  ...bucket,
  ruleId: 'artifactstore.dev/ml/prod/uid-of-m',
})

describe('before the probe', () => {
  const cases: [name: string, object: ArtifactStore, ...prepared: BucketRequest[]][] = [
    ['nothing is asked for: nothing is prepared', withBucket(undefined)],
    ['an empty wish: nothing is prepared', withBucket({})],
    ['no bucket is to be created: nothing is prepared', withBucket({ create: false })],
    ['a bucket is created', withBucket({ create: true }), request({ create: true })],
    ['a region is compared', withBucket({ region: 'eu-west-1' }), request({ region: 'eu-west-1' })],
    ['versioning is set', withBucket({ versioning: 'Enabled' }), request({ versioning: 'Enabled' })],
    ['a rule is set', withBucket({ expirationDays: 7 }), request({ expirationDays: 7 })],
    [
      'a rule that is there is kept as it should be',
      withBucket({ expirationDays: 8 }, 7),
      request({ expirationDays: 8 }),
    ],
    ['a rule that nobody asks for any more is removed', withBucket(undefined, 7), request()],
    ['by a request of its own', withBucket({ create: true }, 7), request({ create: true }), request()],
  ]
  for (const [name, object, ...prepared] of cases) {
    test(name, async () => {
      const process = start()
      await process.look(object)
      assert.deepEqual(process.calls, [...prepared, 'probe'])
    })
  }

  test('a bucket that can’t be prepared is not probed, and is tried again at the next look', async () => {
    const process = start()
    const denied = stalled('PermissionDenied', 's3:CreateBucket denied')
    process.prepared = denied
    const { verification } = await process.look(withBucket({ create: true }))
    assert.equal(verification, denied)
    await process.look(withBucket({ create: true }))
    assert.deepEqual(process.calls, [request({ create: true }), request({ create: true })])
  })
})

test('what was changed is said once, with the rule that is there now', async () => {
  const process = start()
  process.prepared = { kind: 'prepared', changes: ['created the bucket'] }
  const first = await process.look(withBucket({ expirationDays: 7 }))
  assert.deepEqual(first.changes, ['created the bucket'])
  assert.ok('probe' in first.verification)
  assert.equal(first.verification.expirationDays, 7)
  assert.equal(first.isNew, true)
  const second = await process.look(withBucket({ expirationDays: 7 }))
  assert.deepEqual([second.changes, second.isNew, second.verification], [[], false, first.verification])
})

test('it is said also when the probe fails after it', async () => {
  const failure = stalled('BucketNotFound', 'm')
  const process = start({ probe: async () => failure })
  process.prepared = { kind: 'prepared', changes: ['enabled versioning'] }
  const look = await process.look(withBucket({ versioning: 'Enabled' }))
  assert.deepEqual(look, { verification: failure, isNew: true, changes: ['enabled versioning'] })
})

test('the bucket is prepared again when it is probed again: drift is repaired', async () => {
  const process = start()
  await process.look(withBucket({ expirationDays: 7 }))
  process.now = minutes(9)
  await process.look(withBucket({ expirationDays: 7 }))
  process.now = minutes(11)
  await process.look(withBucket({ expirationDays: 7 }))
  assert.deepEqual(process.calls, [request({ expirationDays: 7 }), 'probe', request({ expirationDays: 7 }), 'probe'])
})

test('a rule is removed although its record did not reach the status', async () => {
  const process = start()
  await process.look(withBucket({ expirationDays: 7 }))
  await process.look(withBucket(undefined))
  const { verification } = await process.look(withBucket(undefined))
  assert.deepEqual(process.calls.slice(2), [request(), 'probe'])
  assert.equal('probe' in verification && verification.expirationDays, undefined)
})

describe('a bucket that hangs', () => {
  const hangs = (_: unknown, signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
    })

  test('is a failure after 30 s, not the end of the reconcile', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const look = start({ probe: hangs }).look(store())
    t.mock.timers.tick(29_999)
    t.mock.timers.tick(1)
    const { verification } = await look
    assert.ok('reason' in verification)
    assert.deepEqual([verification.intent, verification.reason], ['transient', 'ProbeTimeout'])
  })

  test('ends with the reconcile', async () => {
    const stop = new AbortController()
    const look = start({ probe: hangs }).look(store(), stop.signal)
    stop.abort(new Error('shutdown'))
    await assert.rejects(look, /shutdown/)
  })
})
