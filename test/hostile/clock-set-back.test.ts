/** The wall clock is set back by an hour, as NTP does with a node whose clock was wrong: everything goes on in time. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isFailure, transient } from '../../src/api/failures.ts'
import { Listings, listResources } from '../../src/connectors/listing.ts'
import { TokenCache } from '../../src/kube/token-cache.ts'
import { Gate } from '../../src/providers/network/gate.ts'
import type { Grant } from '../../src/providers/provider.ts'
import { rejection } from '../../src/providers/rejection.ts'
import { BucketMemory } from '../../src/providers/s3/probe/bucket-memory.ts'
import { ProbedKeys } from '../../src/providers/s3/probe/probed-keys.ts'
import { SessionCache } from '../../src/providers/sessions/session-cache.ts'
import { Ages } from '../../src/stores/effects/ages.ts'
import { RepairLimit } from '../../src/stores/effects/repair-limit.ts'
import { finalize } from '../../src/stores/finalize.ts'
import { reconcileStore } from '../../src/stores/reconcile.ts'
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
} from '../support/objects.ts'
import { credentials } from '../support/reconcile-lab.ts'
import { going, setBack, storeLab } from '../support/store-context.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const none = new AbortController().signal

/** Time that passes, and a wall clock that is set back. */
function time() {
  let wall = NOW.getTime()
  let monotonic = 0
  return {
    now: () => new Date(wall),
    monotonic: () => monotonic,
    pass(ms: number) {
      wall += ms
      monotonic += ms
    },
    setBack(ms = HOUR) {
      wall -= ms
    },
  }
}

const identity = {
  ...{ provider: 'aws' as const, fingerprint: 'f', connector: 'ml/minio', sessionDurationMs: HOUR, cautions: [] },
}

describe('after the clock was set back by an hour', () => {
  test('a Secret may be repaired a minute after the last repair', () => {
    const { monotonic, pass, setBack } = time()
    const repairs = new RepairLimit()
    assert.equal(repairs.take('ml/s', monotonic()), true)
    setBack()
    assert.equal(repairs.take('ml/s', monotonic()), false)
    pass(MINUTE)
    assert.equal(repairs.take('ml/s', monotonic()), true)
  })

  test('a breaker lets a trial through after its pause', async () => {
    const { monotonic, pass, setBack } = time()
    const gate = new Gate({ limit: 8, deadlineMs: 1_000, monotonic, outcomeOf: () => 'unreachable' })
    const fails = () => assert.rejects(gate.run('Op', none, () => Promise.reject(new Error('no answer'))))
    for (let count = 0; count < 5; count++) await fails()
    setBack()
    await assert.rejects(gate.run('Op', none, async () => 'not called'))
    pass(1_000)
    assert.equal(await gate.run('Op', none, async () => 'answer'), 'answer')
  })

  test('a session that failed is opened again, and one is replaced before it ends', async () => {
    const clock = time()
    let opened = 0
    const results = [transient('Down', 'm'), fakeSession({ expiresAt: minutes(60) }), fakeSession()]
    const cache = new SessionCache({
      ...{ ...clock, max: 10 },
      open: async () => results[Math.min(opened++, 2)] ?? assert.fail(),
    })
    assert.ok(isFailure(await cache.get(identity, none)))
    clock.setBack()
    clock.pass(MINUTE)
    assert.ok(!isFailure(await cache.get(identity, none)), 'the failure is forgotten in time')
    assert.equal(opened, 2)
    cache.close()
  })

  test('a session is used no longer than it lives', async () => {
    const clock = time()
    let opened = 0
    const cache = new SessionCache({
      ...{ ...clock, max: 10 },
      async open() {
        opened++
        return fakeSession({ expiresAt: new Date(clock.now().getTime() + HOUR) })
      },
    })
    await cache.get(identity, none)
    clock.setBack()
    clock.pass(HOUR)
    await cache.get(identity, none)
    assert.equal(opened, 2)
    cache.close()
  })

  test('credentials are replaced once after the service refused a session, and not for as long as the step was', async () => {
    const clock = time()
    const refused = fakeSession({ probe: async () => rejection(transient('SessionExpired', 'm')) })
    const cache = new SessionCache({ ...{ ...clock, max: 10 }, open: async () => refused })
    const session = await cache.get(identity, none)
    assert.ok(!isFailure(session))
    clock.pass(2 * MINUTE)
    const location = { bucket: 'b', prefix: '', uri: 's3://b' }
    await session.probe(
      { ...{ location, encryption: { type: 'None' }, writeProbe: 'None' }, probeId: 'x', required: [] },
      none,
    )
    await cache.get(identity, none)
    clock.setBack()
    clock.pass(1)
    const next = await cache.get(identity, none)
    assert.ok(!isFailure(next) && next.refusedAt)
    assert.ok(next.refusedAt < clock.now(), 'credentials that are issued now are newer')
    cache.close()
  })

  test('the versioning of a bucket is asked for again when it is time', async () => {
    const { monotonic, pass, setBack } = time()
    let asked = 0
    const memory = new BucketMemory({
      monotonic,
      calls: {
        async versioning() {
          asked++
          return { status: 200, value: 'Enabled' }
        },
      },
      probed: { keys: new ProbedKeys(), identity: { fingerprint: 'i', connector: 'ml/minio' } },
    })
    await memory.versioning('b', none)
    setBack()
    await memory.versioning('b', none)
    assert.equal(asked, 1)
    pass(5 * MINUTE)
    await memory.versioning('b', none)
    assert.equal(asked, 2)
  })

  test('buckets are listed again when it is time', async () => {
    const { now, monotonic, pass, setBack } = time()
    let asked = 0
    const session = fakeSession({
      async resources() {
        asked++
        return { kind: 'resources', resources: [], truncated: false }
      },
    })
    const context = { listings: new Listings(), now, monotonic }
    const look = () => listResources(connector(), { identity, session }, context, none)
    await look()
    setBack()
    assert.ok((await look()).nextAt.getTime() - now().getTime() < 12 * MINUTE, 'it is told in the time of the clock')
    pass(12 * MINUTE)
    await look()
    assert.equal(asked, 2)
  })

  test('a token is asked for again before it ends', async () => {
    const clock = time()
    let asked = 0
    const cache = new TokenCache({
      clock: { now: () => clock.now().getTime(), monotonic: clock.monotonic },
      client: {
        async createToken() {
          asked++
          return { token: `${asked}`, expiresAt: new Date(clock.now().getTime() + HOUR) }
        },
      },
    })
    await cache.get('ml', 'runner', 'a', none)
    clock.setBack()
    clock.pass(50 * MINUTE)
    await cache.get('ml', 'runner', 'a', none)
    assert.equal(asked, 2)
  })

  test('credentials count as old as they are', () => {
    const { now, monotonic, pass, setBack } = time()
    const ages = new Ages()
    const secret = projectedSecret('s', { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) })
    const lag = () => ages.lag(store(), [secret], { now: now(), monotonic: monotonic() })
    assert.equal(lag(), 0)
    pass(10 * MINUTE)
    assert.equal(lag(), 0)
    setBack()
    assert.equal(lag(), HOUR)
    const fresh = projectedSecret('s', { grant: 'g', issuedAt: now(), expiresAt: minutes(60) })
    assert.equal(ages.lag(store(), [fresh], { now: now(), monotonic: monotonic() }), 0, 'new ones are new')
  })
})

describe('a store goes on after the clock was set back by an hour', () => {
  /** A store whose Secret the lab keeps. */
  function labOf() {
    const done: string[] = []
    let secret = projectedSecret('prod-step', { grant: '', issuedAt: NOW, expiresAt: minutes(60) })
    const session = fakeSession({
      async probe() {
        done.push('probe')
        return goodProbe
      },
      async grant(): Promise<Grant> {
        done.push('grant')
        const expiresAt = new Date(lab.now.getTime() + HOUR)
        return { kind: 'grant', material: fakeMaterial, issuedAt: lab.now, expiresAt }
      },
      async measure() {
        done.push('measure')
        return transient('Slow', 'm')
      },
    })
    const lab = storeLab({ sessions: { get: async () => session }, view: fakeView({ secret: () => secret }) })
    lab.context.writer.write = async ({ name, stamp }) => {
      secret = projectedSecret(name, stamp)
      return undefined
    }
    const run = async (
      object = store({ credentials, verification: { interval: '10m' }, usage: { source: 'List' } }),
    ) => {
      done.length = 0
      const outcome = await reconcileStore(object, lab.context, none)
      return { outcome, done: [...done] }
    }
    const pass = (ms: number) => {
      lab.now = new Date(lab.now.getTime() + ms)
    }
    return { lab, run, pass }
  }

  test('its bucket is verified and measured, and its credentials are refreshed, when it is time', async () => {
    const { lab, run, pass } = labOf()
    assert.deepEqual((await run()).done, ['probe', 'grant'])
    assert.deepEqual((await run()).done, ['measure'])
    setBack(lab, HOUR)
    const { done, outcome } = await run()
    assert.deepEqual(done, [])
    assert.ok(
      (outcome.wakeWithin ?? ('after' in Object(outcome.next) ? (outcome.next as { after: number }).after : 0)) <
        12 * MINUTE,
      JSON.stringify(outcome.next),
    )
    pass(12 * MINUTE)
    assert.deepEqual((await run()).done, ['probe'])
    assert.deepEqual((await run()).done, ['measure'])
    pass(20 * MINUTE)
    assert.deepEqual((await run()).done, ['probe', 'grant'], 'credentials are half-way to their end')
    pass(MINUTE)
    assert.deepEqual((await run()).done, ['measure'], 'and are not refreshed for ever')
  })

  test('its deletion waits no longer than two minutes', async () => {
    const lab = storeLab({ sessions: { get: async () => transient('Down', 'm') } })
    const object = going(store({ bucket: { expirationDays: 7 } }))
    await finalize(object, lab.context, none)
    setBack(lab, HOUR)
    lab.now = new Date(lab.now.getTime() + 2 * MINUTE)
    await finalize(object, lab.context, none)
    assert.equal(lab.calls[0], 'remove')
  })

  test('credentials that nobody has looked at since they were written are refreshed when it is time', async () => {
    const { lab, run, pass } = labOf()
    assert.deepEqual((await run()).done, ['probe', 'grant'])
    setBack(lab, HOUR)
    pass(31 * MINUTE)
    assert.ok((await run()).done.includes('grant'))
  })
})
