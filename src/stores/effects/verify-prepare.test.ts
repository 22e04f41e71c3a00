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

/** One process, and what it asked the service for, in order. */
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
      const { verifications } = process
      const context = {
        ...{ verifications, now: () => process.now, secret: () => undefined },
        monotonic: () => process.now.getTime(),
      }
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

describe('before a bucket is probed', () => {
  const cases: [name: string, object: ArtifactStore, ...prepared: BucketRequest[]][] = [
    ['nothing is prepared if the spec asks for nothing', withBucket(undefined)],
    ['nothing is prepared if spec.bucket is empty', withBucket({})],
    ['nothing is prepared if spec.bucket.create is false', withBucket({ create: false })],
    ['it is created if the spec asks for it', withBucket({ create: true }), request({ create: true })],
    [
      'its region is compared if the spec asks for it',
      withBucket({ region: 'eu-west-1' }),
      request({ region: 'eu-west-1' }),
    ],
    [
      'its versioning is set if the spec asks for it',
      withBucket({ versioning: 'Enabled' }),
      request({ versioning: 'Enabled' }),
    ],
    [
      'its lifecycle rule is set if the spec asks for it',
      withBucket({ expirationDays: 7 }),
      request({ expirationDays: 7 }),
    ],
    [
      'its lifecycle rule is set if the spec asks for other days than before',
      withBucket({ expirationDays: 8 }, 7),
      request({ expirationDays: 8 }),
    ],
    ['its lifecycle rule is removed if the spec no longer asks for it', withBucket(undefined, 7), request()],
    [
      'its lifecycle rule is removed by a request of its own',
      withBucket({ create: true }, 7),
      request({ create: true }),
      request(),
    ],
  ]
  for (const [name, object, ...prepared] of cases) {
    test(name, async () => {
      const process = start()
      await process.look(object)
      assert.deepEqual(process.calls, [...prepared, 'probe'])
    })
  }

  test('a failure to prepare it ends the look, and the next look tries again', async () => {
    const process = start()
    const denied = stalled('PermissionDenied', 's3:CreateBucket denied')
    process.prepared = denied
    const { verification } = await process.look(withBucket({ create: true }))
    assert.equal(verification, denied)
    await process.look(withBucket({ create: true }))
    assert.deepEqual(process.calls, [request({ create: true }), request({ create: true })])
  })
})

test('changes of a bucket are reported once, with the days of the rule that is there now', async () => {
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

test('changes of a bucket are reported even if the probe fails afterwards', async () => {
  const failure = stalled('BucketNotFound', 'm')
  const process = start({ probe: async () => failure })
  process.prepared = { kind: 'prepared', changes: ['enabled versioning'] }
  const look = await process.look(withBucket({ versioning: 'Enabled' }))
  assert.deepEqual(look, { verification: failure, isNew: true, changes: ['enabled versioning'] })
})

test('a bucket is prepared whenever it is probed, so that drift is repaired', async () => {
  const process = start()
  await process.look(withBucket({ expirationDays: 7 }))
  process.now = minutes(9)
  await process.look(withBucket({ expirationDays: 7 }))
  process.now = minutes(11)
  await process.look(withBucket({ expirationDays: 7 }))
  assert.deepEqual(process.calls, [request({ expirationDays: 7 }), 'probe', request({ expirationDays: 7 }), 'probe'])
})

test('a lifecycle rule is removed although its record did not reach status', async () => {
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

  test('is a Failure after 30 s, not the end of the reconcile', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const look = start({ probe: hangs }).look(store())
    t.mock.timers.tick(29_999)
    t.mock.timers.tick(1)
    const { verification } = await look
    assert.ok('reason' in verification)
    assert.deepEqual([verification.intent, verification.reason], ['transient', 'ProbeTimeout'])
  })

  test('is left when the reconcile ends', async () => {
    const stop = new AbortController()
    const look = start({ probe: hangs }).look(store(), stop.signal)
    stop.abort(new Error('shutdown'))
    await assert.rejects(look, /shutdown/)
  })
})
