import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { type Failure, isFailure, stalled, transient, waiting } from '../api/failures.ts'
import type { Identity, Session } from './provider.ts'
import { SessionCache } from './sessions.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const START = Date.parse('2030-01-01T00:00:00Z')

interface FakeSession extends Session {
  rejected: boolean
  closed: number
}

const identity = (connector: string, fingerprint = 'f1'): Identity => ({
  provider: 'aws',
  fingerprint,
  connector,
  sessionDurationMs: 60 * MINUTE,
})

const none = new AbortController().signal

describe('SessionCache', () => {
  let now: number
  /** Openings under way, oldest first. */
  let flights: {
    connector: string
    signal: AbortSignal
    settle: (result: Session | Failure) => void
    fail: (e: Error) => void
  }[]
  let opened: number

  beforeEach(() => {
    now = START
    flights = []
    opened = 0
  })

  const cacheOf = (max = 10) =>
    new SessionCache({
      max,
      clock: () => new Date(now),
      open: ({ connector }, signal) => {
        opened++
        return new Promise((settle, fail) => flights.push({ connector, signal, settle, fail }))
      },
    })

  function session(lifeMs?: number): FakeSession {
    return {
      caller: {},
      principal: 'someone',
      expiresAt: lifeMs === undefined ? undefined : new Date(now + lifeMs),
      rejected: false,
      closed: 0,
      probe: () => Promise.reject(new Error('unused')),
      grant: () => Promise.reject(new Error('unused')),
      close() {
        this.closed++
      },
    }
  }

  const nextFlight = () => {
    const flight = flights.shift()
    assert.ok(flight, 'nothing is being opened')
    return flight
  }

  async function settled<T>(promise: Promise<T>, result: Session | Failure): Promise<T> {
    nextFlight().settle(result)
    return promise
  }

  async function open(cache: SessionCache, who: Identity, result: FakeSession): Promise<Session> {
    const got = await settled(cache.get(who, none), result)
    assert.ok(!isFailure(got))
    return got
  }

  const reasonOf = (result: Session | Failure) => (isFailure(result) ? result.reason : 'session')

  test('a thousand callers share one opening, and those who come later its session', async () => {
    const cache = cacheOf()
    const all = Array.from({ length: 1000 }, () => cache.get(identity('ml/c'), none))
    await settled(Promise.all(all), session())
    const sessions = new Set(await Promise.all([...all, cache.get(identity('ml/c'), none)]))
    assert.equal(sessions.size, 1)
    assert.equal(opened, 1)
  })

  test('identities do not wait for each other', async () => {
    const cache = cacheOf()
    const slow = cache.get(identity('ml/slow'), none)
    const fast = cache.get(identity('ml/fast'), none)
    flights.find(({ connector }) => connector === 'ml/fast')?.settle(session())
    assert.equal(reasonOf(await fast), 'session')
    await settled(slow, session())
  })

  test('one caller’s abort leaves the others their session', async () => {
    const cache = cacheOf()
    const controller = new AbortController()
    const leaves = cache.get(identity('ml/c'), controller.signal)
    const stays = cache.get(identity('ml/c'), none)
    controller.abort(new Error('worker stopped'))
    await assert.rejects(leaves, /worker stopped/)
    assert.equal(flights[0]?.signal.aborted, false)
    assert.equal(reasonOf(await settled(stays, session())), 'session')
  })

  test('an opening that never ends is given up for everybody', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const cache = cacheOf()
    const waiter = cache.get(identity('ml/c'), none)
    t.mock.timers.tick(20 * SECOND)
    const result = await waiter
    assert.equal(reasonOf(result), 'SessionTimeout')
    assert.ok(isFailure(result) && result.intent === 'transient')
    assert.equal(nextFlight().signal.aborted, true)
  })

  test('what open throws reaches whoever waits and is not remembered', async () => {
    const cache = cacheOf()
    const waiter = cache.get(identity('ml/c'), none)
    nextFlight().fail(new Error('bug'))
    await assert.rejects(waiter, /bug/)
    await open(cache, identity('ml/c'), session())
  })

  describe('replacement', () => {
    const cases: [name: string, lifeMs: number, replacedAtMs: number][] = [
      ['an hour: at half', 60 * MINUTE, 30 * MINUTE],
      ['15 minutes: at half', 15 * MINUTE, 7.5 * MINUTE],
      ['8 minutes: 5 minutes before the end', 8 * MINUTE, 3 * MINUTE],
    ]
    for (const [name, lifeMs, replacedAtMs] of cases) {
      test(name, async () => {
        const cache = cacheOf()
        const first = session(lifeMs)
        const lease = await open(cache, identity('ml/c'), first)
        now = START + replacedAtMs - 1
        await cache.get(identity('ml/c'), none)
        assert.equal(opened, 1)

        now = START + replacedAtMs
        assert.equal(await cache.get(identity('ml/c'), none), lease, 'the old one serves while the new one is opened')
        assert.equal(await cache.get(identity('ml/c'), none), lease)
        assert.equal(opened, 2)
        nextFlight().settle(session(lifeMs))
        await new Promise(setImmediate)
        assert.notEqual(await cache.get(identity('ml/c'), none), lease)
        assert.equal(first.closed, 1)
      })
    }

    const proofs: [name: string, result: () => Session | Failure, expected: string][] = [
      ['and replaced', () => session(), 'session'],
      ['and kept when the service does not answer', () => transient('EndpointUnreachable', 'down'), 'session'],
      ['and dropped when they are refused', () => stalled('CredentialsRejected', 'disabled'), 'CredentialsRejected'],
    ]
    for (const [name, result, expected] of proofs) {
      test(`keys that do not expire are proven again every 10 minutes, ${name}`, async () => {
        const cache = cacheOf()
        const lease = await open(cache, identity('ml/c'), session())
        now += 10 * MINUTE - 1
        await cache.get(identity('ml/c'), none)
        assert.equal(opened, 1)
        now += 1
        assert.equal(await cache.get(identity('ml/c'), none), lease)
        nextFlight().settle(result())
        await new Promise(setImmediate)
        assert.equal(reasonOf(await cache.get(identity('ml/c'), none)), expected)
        assert.equal(opened, 2)
      })
    }

    test('a failed replacement leaves the old one in use until its end, and is tried again with backoff', async () => {
      const cache = cacheOf()
      const lease = await open(cache, identity('ml/c'), session(60 * MINUTE))
      now = START + 30 * MINUTE
      await cache.get(identity('ml/c'), none)
      nextFlight().settle(transient('EndpointUnreachable', 'down'))
      await new Promise(setImmediate)
      assert.equal(await cache.get(identity('ml/c'), none), lease)
      assert.equal(opened, 2)

      now += 1 * SECOND
      assert.equal(await cache.get(identity('ml/c'), none), lease)
      nextFlight().settle(transient('EndpointUnreachable', 'down'))
      await new Promise(setImmediate)
      now += 1 * SECOND
      await cache.get(identity('ml/c'), none)
      assert.equal(opened, 3, 'the second pause is longer')

      now = START + 60 * MINUTE - 20 * SECOND
      const last = cache.get(identity('ml/c'), none)
      assert.equal(reasonOf(await settled(last, transient('EndpointUnreachable', 'down'))), 'EndpointUnreachable')
    })
  })

  describe('a rejected session', () => {
    test('is dropped at once', async () => {
      const cache = cacheOf()
      const first = session()
      await open(cache, identity('ml/c'), first)
      now += 2 * MINUTE
      first.rejected = true
      await open(cache, identity('ml/c'), session())
      assert.equal(first.closed, 1)
    })

    test('that never worked makes the next opening wait, longer each time', async () => {
      const cache = cacheOf()
      for (const pause of [1, 2, 4, 8, 16, 30, 30]) {
        const bad = session()
        await open(cache, identity('ml/c'), bad)
        bad.rejected = true
        const count = opened
        assert.equal(reasonOf(await cache.get(identity('ml/c'), none)), 'SessionRejected')
        now += pause * SECOND - 1
        assert.equal(reasonOf(await cache.get(identity('ml/c'), none)), 'SessionRejected')
        assert.equal(opened, count)
        now += 1
      }
    })
  })

  describe('a failure is remembered', () => {
    const cases: [failure: Failure, pauses: number[]][] = [
      [transient('Down', ''), [1, 2, 4, 8, 16, 30, 30].map(s => s * SECOND)],
      [stalled('Refused', ''), [30, 30].map(s => s * SECOND)],
      [waiting('NotYet', ''), [1, 1].map(s => s * SECOND)],
    ]
    for (const [failure, pauses] of cases) {
      test(`${failure.intent}: ${pauses.join(', ')} ms`, async () => {
        const cache = cacheOf()
        for (const pause of pauses) {
          assert.equal(await settled(cache.get(identity('ml/c'), none), failure), failure)
          const count = opened
          now += pause - 1
          const again = Array.from({ length: 1000 }, () => cache.get(identity('ml/c'), none))
          assert.deepEqual(new Set(await Promise.all(again)), new Set([failure]))
          assert.equal(opened, count)
          now += 1
        }
      })
    }

    test('a session that worked for a while starts the backoff over', async () => {
      const cache = cacheOf()
      for (const pause of [1, 2, 4]) {
        await settled(cache.get(identity('ml/c'), none), transient('Down', ''))
        now += pause * SECOND
      }
      const good = session()
      await open(cache, identity('ml/c'), good)
      now += 10 * MINUTE
      good.rejected = true
      await settled(cache.get(identity('ml/c'), none), transient('Down', ''))
      now += 1 * SECOND
      await open(cache, identity('ml/c'), session())
    })

    test('but not for another fingerprint', async () => {
      const cache = cacheOf()
      await settled(cache.get(identity('ml/c'), none), stalled('Refused', ''))
      await open(cache, identity('ml/c', 'f2'), session())
    })

    test('nor after forget', async () => {
      const cache = cacheOf()
      await settled(cache.get(identity('ml/c'), none), stalled('Refused', ''))
      cache.forget('ml/c')
      await open(cache, identity('ml/c'), session())
    })
  })

  describe('closing', () => {
    test('another fingerprint, forget and close end sessions', async () => {
      const cache = cacheOf()
      const [a, b, c, d] = [session(), session(), session(), session()]
      await open(cache, identity('ml/x', 'f1'), a)
      await open(cache, identity('ml/x', 'f2'), b)
      await open(cache, identity('ml/y'), c)
      await open(cache, identity('ml/z'), d)
      cache.forget('ml/y')
      assert.deepEqual([a.closed, b.closed, c.closed, d.closed], [1, 0, 1, 0])
      cache.close()
      assert.deepEqual([a.closed, b.closed, c.closed, d.closed], [1, 1, 1, 1])
    })

    test('the least recently used connector makes room', async () => {
      const cache = cacheOf(2)
      const [a, b, c] = [session(), session(), session()]
      await open(cache, identity('ml/a'), a)
      await open(cache, identity('ml/b'), b)
      await cache.get(identity('ml/a'), none)
      await open(cache, identity('ml/c'), c)
      assert.deepEqual([a.closed, b.closed, c.closed], [0, 1, 0])
    })

    test('a session in use is closed when its calls are done', async () => {
      const cache = cacheOf(1)
      const busy = session()
      const { promise, resolve } = Promise.withResolvers<Failure>()
      busy.probe = () => promise
      const lease = await open(cache, identity('ml/a'), busy)
      const call = lease.probe({} as Parameters<Session['probe']>[0], none)
      await open(cache, identity('ml/b'), session())
      assert.equal(busy.closed, 0)
      resolve(stalled('X', ''))
      await call
      assert.equal(busy.closed, 1)
    })

    test('an opening for a connector that was forgotten meanwhile is not kept', async () => {
      const cache = cacheOf()
      const late = session()
      const waiter = cache.get(identity('ml/c'), none)
      cache.forget('ml/c')
      assert.equal(reasonOf(await settled(waiter, late)), 'session')
      assert.equal(late.closed, 1)
      await open(cache, identity('ml/c'), session())
    })
  })

  test('the session after a refused one says since when grants are suspect', async () => {
    const cache = cacheOf()
    const first = session(60 * MINUTE)
    assert.equal((await open(cache, identity('ml/c'), first)).refusedAt, undefined)
    now += 10 * MINUTE
    first.rejected = true
    const second = await open(cache, identity('ml/c'), session(60 * MINUTE))
    assert.deepEqual(second.refusedAt, new Date(now))
  })

  test('so does the one after keys that were refused when proven again', async () => {
    const cache = cacheOf()
    await open(cache, identity('ml/c'), session())
    now += 10 * MINUTE
    await cache.get(identity('ml/c'), none)
    const refusedAt = new Date(now)
    nextFlight().settle(stalled('CredentialsRejected', 'disabled'))
    await new Promise(setImmediate)
    now += 30 * SECOND
    assert.deepEqual((await open(cache, identity('ml/c'), session())).refusedAt, refusedAt)
  })
})
