import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeProvider, fakeSession, fakeView, minutes, NOW, store } from '../../../test/support/objects.ts'
import type { ArtifactStore, ArtifactStoreSpec, ArtifactStoreStatus } from '../../api/artifact-store.ts'
import { type Failure, stalled, transient, waiting } from '../../api/failures.ts'
import { REQUESTED_AT_ANNOTATION } from '../../api/names.ts'
import type { Session, Usage, UsageRequest } from '../../providers/provider.ts'
import { planStore } from '../plan/plan.ts'
import { type Measurements, measure } from './measure.ts'

const HOUR = 60
const counted: Usage = { kind: 'usage', objects: 2, bytes: 10, scope: 'Prefix' }
const progress = { objects: 1_000, bytes: 5_000, after: 'team/k' }
const usageAt = (minute: number): ArtifactStoreStatus['usage'] => ({
  objects: 1,
  bytes: 1,
  scope: 'Prefix',
  measuredAt: minutes(minute).toISOString().replace('.000Z', 'Z'),
})

function wants(
  usage: ArtifactStoreStatus['usage'],
  spec: NonNullable<ArtifactStoreSpec['usage']> = { source: 'List' },
  requestedAt?: string,
): ArtifactStore {
  const { metadata } = store()
  const annotations = requestedAt ? { annotations: { [REQUESTED_AT_ANNOTATION]: requestedAt } } : {}
  return store({ usage: spec }, { metadata: { ...metadata, ...annotations }, ...(usage ? { status: { usage } } : {}) })
}

/** One process: its memory, its time, and what it asked the service for. */
function start(session: Partial<Session> = {}) {
  const requests: UsageRequest[] = []
  const measurements: Measurements = new Map()
  const process = {
    now: NOW,
    setBackMs: 0,
    requests,
    answer: counted as Usage | Failure,
    measure(object: ArtifactStore, mayCall = true, signal = new AbortController().signal) {
      const plan = planStore(object, fakeView(), { aws: fakeProvider })
      assert.ok(plan.kind === 'plan' && plan.usage)
      const fake = fakeSession({
        async measure(request) {
          requests.push(request)
          return process.answer
        },
        ...session,
      })
      const context = {
        ...{ measurements, now: () => process.now },
        monotonic: () => process.now.getTime() + process.setBackMs,
      }
      const work = { store: object, plan: { ...plan, usage: plan.usage }, session: fake }
      return measure(work, mayCall, context, signal)
    },
  }
  return process
}

describe('measure', () => {
  test('measures a store that was never measured', async () => {
    const process = start()
    const { usage, failure, nextAt } = await process.measure(wants(undefined))
    assert.deepEqual(process.requests, [
      {
        location: { bucket: 'bucket', prefix: 'team/', uri: 's3://bucket/team/' },
        source: 'List',
        progress: undefined,
      },
    ])
    assert.deepEqual(usage, { objects: 2, bytes: 10, scope: 'Prefix', measuredAt: '2026-03-01T10:00:00Z' })
    assert.equal(failure, undefined)
    assert.ok(nextAt >= minutes(5.4 * HOUR) && nextAt <= minutes(6.6 * HOUR), `${nextAt}`)
  })

  test('uses what status says until it is due, also in a new process', async () => {
    const process = start()
    const { usage, nextAt } = await process.measure(wants(usageAt(-5 * HOUR)))
    assert.deepEqual([process.requests, usage], [[], usageAt(-5 * HOUR)])
    assert.ok(nextAt > NOW && nextAt <= minutes(1.6 * HOUR), `${nextAt}`)
    process.now = nextAt
    await process.measure(wants(usageAt(-5 * HOUR)))
    assert.equal(process.requests.length, 1)
  })

  test('measures at the interval of the spec', async () => {
    const process = start()
    await process.measure(wants(usageAt(-10), { source: 'List', interval: '5m' }))
    assert.equal(process.requests.length, 1)
  })

  test('waits for the next reconcile when this one has done enough', async () => {
    const process = start()
    const { nextAt } = await process.measure(wants(undefined), false)
    assert.deepEqual([process.requests, nextAt], [[], NOW])
  })

  test('goes on counting where it stopped, and keeps the last measurement until it is done', async () => {
    const process = start()
    process.answer = { ...counted, progress }
    const before = usageAt(-7 * HOUR)
    assert.deepEqual(await process.measure(wants(before)), { usage: before, failure: undefined, nextAt: NOW })
    process.answer = counted
    const { usage } = await process.measure(wants(before))
    assert.equal(usage?.objects, 2)
    assert.deepEqual(
      process.requests.map(request => request.progress),
      [undefined, progress],
    )
    process.now = minutes(7 * HOUR)
    await process.measure(wants(usageAt(0)))
    assert.equal(process.requests[2]?.progress, undefined, 'the next measurement starts anew')
  })

  test('measures at once, and from the start, when the source is another one', async () => {
    const process = start()
    await process.measure(wants(usageAt(-1)))
    process.answer = { ...counted, progress }
    await process.measure(wants(usageAt(-1), { source: 'CloudWatch' }), false)
    await process.measure(wants(usageAt(-1), { source: 'CloudWatch' }))
    process.answer = { ...counted, scope: 'Bucket' }
    assert.equal((await process.measure(wants(usageAt(-1), { source: 'CloudWatch' }))).usage?.scope, 'Bucket')
    await process.measure(wants(usageAt(0), { source: 'CloudWatch' }))
    assert.deepEqual(
      process.requests.map(({ source, progress }) => [source, progress?.after]),
      [
        ['CloudWatch', undefined],
        ['CloudWatch', 'team/k'],
      ],
    )
  })
})

describe('a measurement that fails', () => {
  const denied = stalled('UsageDenied', 'cloudwatch:GetMetricData denied')
  const down = transient('EndpointUnreachable', 'no answer')
  for (const [failure, pause] of [
    [down, 1],
    [denied, 10],
  ] as const) {
    test(`is reported, and tried again after ${pause} min when it is ${failure.intent}`, async () => {
      const process = start()
      process.answer = failure
      const told = { usage: usageAt(-7 * HOUR), failure, nextAt: minutes(pause) }
      assert.deepEqual(await process.measure(wants(told.usage)), told)
      process.now = minutes(pause - 0.1)
      assert.deepEqual(await process.measure(wants(told.usage)), told)
      assert.equal(process.requests.length, 1)
      process.now = minutes(pause)
      process.answer = counted
      assert.equal((await process.measure(wants(told.usage))).failure, undefined)
    })
  }

  test('is tried again after an hour when the service publishes numbers once a day', async () => {
    const process = start()
    process.answer = waiting('NoMetricsYet', 'none for an empty bucket')
    assert.deepEqual((await process.measure(wants(undefined, { source: 'CloudWatch' }))).nextAt, minutes(HOUR))
  })

  test('is tried again when somebody asks for another look', async () => {
    const process = start()
    process.answer = denied
    await process.measure(wants(undefined))
    process.answer = counted
    assert.equal((await process.measure(wants(undefined, undefined, 'now'))).usage?.objects, 2)
  })

  test('keeps what was counted before', async () => {
    const process = start()
    process.answer = { ...counted, progress }
    await process.measure(wants(undefined))
    process.answer = down
    await process.measure(wants(undefined))
    process.now = minutes(1)
    await process.measure(wants(undefined))
    assert.deepEqual(process.requests[2]?.progress, progress)
  })

  test('ends after 30 s when the service hangs', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const measured = start({ measure: () => new Promise(() => {}) }).measure(wants(undefined))
    t.mock.timers.tick(30_000)
    assert.equal((await measured).failure?.reason, 'MeasureTimeout')
  })

  const bug = () => Promise.reject(new TypeError('bug'))
  test('is a Failure when there is a bug, as the reconcile has more to tell than that', async () => {
    const { failure, usage } = await start({ measure: bug }).measure(wants(usageAt(-7 * HOUR)))
    assert.deepEqual([failure?.intent, failure?.reason, usage], ['transient', 'MeasureFailed', usageAt(-7 * HOUR)])
  })

  test('is a Failure when the time of the reconcile is over, as what it has done before still counts', async () => {
    const deadline = new AbortController()
    const process = start({
      measure: () => {
        deadline.abort(new Error('not finished within 60 s'))
        return new Promise(() => {})
      },
    })
    const { failure, usage } = await process.measure(wants(usageAt(-7 * HOUR)), true, deadline.signal)
    assert.deepEqual([failure?.reason, usage], ['MeasureTimeout', usageAt(-7 * HOUR)])
  })
})

test('averages are rounded for status, which takes whole numbers only', async () => {
  const process = start()
  process.answer = { ...counted, objects: 1.5, bytes: 10.25 }
  const { usage } = await process.measure(wants(undefined))
  assert.deepEqual([usage?.objects, usage?.bytes], [2, 10])
})
