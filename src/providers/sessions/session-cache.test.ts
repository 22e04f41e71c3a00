import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  createSessionLab,
  identity,
  MINUTE,
  none,
  reasonOf,
  refuse,
  SECOND,
} from '../../../test/support/session-lab.ts'
import { type Failure, isFailure, stalled, transient, waiting } from '../../api/failures.ts'
import type { Session } from '../provider.ts'

test('a thousand callers share one opening, and later ones share its session', async () => {
  const lab = createSessionLab()
  const all = Array.from({ length: 1000 }, () => lab.cache.get(identity('ml/c'), none))
  await lab.settled(Promise.all(all), lab.session())
  const sessions = new Set(await Promise.all([...all, lab.cache.get(identity('ml/c'), none)]))
  assert.equal(sessions.size, 1)
  assert.equal(lab.opened, 1)
})

test('the opening of one identity does not wait for that of another', async () => {
  const lab = createSessionLab()
  const slow = lab.cache.get(identity('ml/slow'), none)
  const fast = lab.cache.get(identity('ml/fast'), none)
  lab.flights.find(({ connector }) => connector === 'ml/fast')?.settle(lab.session())
  assert.equal(reasonOf(await fast), 'session')
  await lab.settled(slow, lab.session())
})

test('one caller’s abort leaves the others their session', async () => {
  const lab = createSessionLab()
  const controller = new AbortController()
  const leaves = lab.cache.get(identity('ml/c'), controller.signal)
  const stays = lab.cache.get(identity('ml/c'), none)
  controller.abort(new Error('worker stopped'))
  await assert.rejects(leaves, /worker stopped/)
  assert.equal(lab.flights[0]?.signal.aborted, false)
  assert.equal(reasonOf(await lab.settled(stays, lab.session())), 'session')
})

test('an opening of a session that never ends is given up for all callers', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const lab = createSessionLab()
  const waiter = lab.cache.get(identity('ml/c'), none)
  t.mock.timers.tick(20 * SECOND)
  const result = await waiter
  assert.equal(reasonOf(result), 'SessionTimeout')
  assert.ok(isFailure(result) && result.intent === 'transient')
  assert.equal(lab.nextFlight().signal.aborted, true)
})

test('an error that open throws reaches those who wait for the session, and is not remembered', async () => {
  const lab = createSessionLab()
  const waiter = lab.cache.get(identity('ml/c'), none)
  lab.nextFlight().fail(new Error('bug'))
  await assert.rejects(waiter, /bug/)
  await lab.open(identity('ml/c'), lab.session())
})

describe('a rejected session', () => {
  test('a rejected session is told of once, and only for its connector', async () => {
    const lab = createSessionLab()
    const shared = await lab.open(identity('ml/c'), lab.session())
    await lab.open(identity('ml/other'), lab.session())
    assert.deepEqual(lab.rejections, [])
    await refuse(shared)
    await refuse(shared)
    assert.deepEqual(lab.rejections, ['ml/c'])
  })

  test('a rejected session is dropped at once', async () => {
    const lab = createSessionLab()
    const first = lab.session()
    const shared = await lab.open(identity('ml/c'), first)
    lab.now += 2 * MINUTE
    await refuse(shared)
    await lab.open(identity('ml/c'), lab.session())
    assert.equal(first.closed, 1)
  })

  test('a rejected session that never worked makes the next opening wait, longer each time', async () => {
    const lab = createSessionLab()
    for (const pause of [1, 2, 4, 8, 16, 30, 30]) {
      const bad = lab.session()
      await refuse(await lab.open(identity('ml/c'), bad))
      const count = lab.opened
      assert.equal(reasonOf(await lab.cache.get(identity('ml/c'), none)), 'SessionRejected')
      lab.now += pause * SECOND - 1
      assert.equal(reasonOf(await lab.cache.get(identity('ml/c'), none)), 'SessionRejected')
      assert.equal(lab.opened, count)
      lab.now += 1
    }
  })

  test('a rejected session that no other one follows is told of as lost, once for each reason', async () => {
    const lab = createSessionLab()
    const get = () => lab.cache.get(identity('ml/c'), none)
    await lab.settled(get(), stalled('CredentialsRejected', ''))
    lab.now += MINUTE
    await refuse(await lab.open(identity('ml/c'), lab.session()))
    assert.deepEqual(lab.lost, [], 'another one may follow')
    for (const failure of [transient('Down', ''), stalled('Gone', 'a'), stalled('Gone', 'b'), stalled('Denied', '')]) {
      lab.now += MINUTE
      await lab.settled(get(), failure)
    }
    assert.deepEqual(lab.lost, ['ml/c', 'ml/c'])
  })
})

describe('a failure is remembered', () => {
  const cases: [failure: Failure, pauses: number[]][] = [
    [transient('Down', ''), [1, 2, 4, 8, 16, 30, 30].map(s => s * SECOND)],
    [stalled('Refused', ''), [8, 16, 30, 30].map(s => s * SECOND)],
    [waiting('NotYet', ''), [1, 1].map(s => s * SECOND)],
  ]
  for (const [failure, pauses] of cases) {
    test(`a ${failure.intent} failure is remembered for ${pauses.join(', ')} ms`, async () => {
      const lab = createSessionLab()
      for (const pause of pauses) {
        assert.equal(await lab.settled(lab.cache.get(identity('ml/c'), none), failure), failure)
        const count = lab.opened
        lab.now += pause - 1
        const again = Array.from({ length: 1000 }, () => lab.cache.get(identity('ml/c'), none))
        assert.deepEqual(new Set(await Promise.all(again)), new Set([failure]))
        assert.equal(lab.opened, count)
        lab.now += 1
      }
    })
  }

  test('a session that worked for a while starts the backoff of failures over', async () => {
    const lab = createSessionLab()
    for (const pause of [1, 2, 4]) {
      await lab.settled(lab.cache.get(identity('ml/c'), none), transient('Down', ''))
      lab.now += pause * SECOND
    }
    const good = lab.session()
    const shared = await lab.open(identity('ml/c'), good)
    lab.now += 10 * MINUTE
    await refuse(shared)
    await lab.settled(lab.cache.get(identity('ml/c'), none), transient('Down', ''))
    lab.now += 1 * SECOND
    await lab.open(identity('ml/c'), lab.session())
  })

  test('a failure is not remembered for another fingerprint', async () => {
    const lab = createSessionLab()
    await lab.settled(lab.cache.get(identity('ml/c'), none), stalled('Refused', ''))
    await lab.open(identity('ml/c', 'f2'), lab.session())
  })

  test('a failure is not remembered after forget', async () => {
    const lab = createSessionLab()
    await lab.settled(lab.cache.get(identity('ml/c'), none), stalled('Refused', ''))
    lab.cache.forget('ml/c')
    await lab.open(identity('ml/c'), lab.session())
  })

  test('a failure that may be over is not remembered after retry, and the next one for longer than the last', async () => {
    const lab = createSessionLab()
    const get = () => lab.cache.get(identity('ml/c'), none)
    lab.cache.retry('ml/c')
    await lab.settled(get(), transient('Down', ''))
    lab.cache.retry('ml/other')
    assert.equal(reasonOf(await get()), 'Down')
    lab.cache.retry('ml/c')
    await lab.settled(get(), transient('StillDown', ''))
    lab.now += 2 * SECOND - 1
    assert.equal(reasonOf(await get()), 'StillDown')
    lab.now += 1
    await lab.open(identity('ml/c'), lab.session())
  })

  test('a failure that calls a person is remembered after retry, too', async () => {
    const lab = createSessionLab()
    await lab.settled(lab.cache.get(identity('ml/c'), none), stalled('Refused', ''))
    lab.cache.retry('ml/c')
    assert.equal(reasonOf(await lab.cache.get(identity('ml/c'), none)), 'Refused')
  })
})

describe('closing', () => {
  test('another fingerprint, forget and close each close the session', async () => {
    const lab = createSessionLab()
    const [a, b, c, d] = [lab.session(), lab.session(), lab.session(), lab.session()]
    await lab.open(identity('ml/x', 'f1'), a)
    await lab.open(identity('ml/x', 'f2'), b)
    await lab.open(identity('ml/y'), c)
    await lab.open(identity('ml/z'), d)
    lab.cache.forget('ml/y')
    assert.deepEqual([a.closed, b.closed, c.closed, d.closed], [1, 0, 1, 0])
    lab.cache.close()
    assert.deepEqual([a.closed, b.closed, c.closed, d.closed], [1, 1, 1, 1])
  })

  test('the least recently used connector makes room for another one', async () => {
    const lab = createSessionLab(2)
    const [a, b, c] = [lab.session(), lab.session(), lab.session()]
    await lab.open(identity('ml/a'), a)
    await lab.open(identity('ml/b'), b)
    await lab.cache.get(identity('ml/a'), none)
    await lab.open(identity('ml/c'), c)
    assert.deepEqual([a.closed, b.closed, c.closed], [0, 1, 0])
  })

  test('a session in use is closed only when its calls are done', async () => {
    const lab = createSessionLab(1)
    const busy = lab.session()
    const { promise, resolve } = Promise.withResolvers<Failure>()
    busy.probe = () => promise
    const shared = await lab.open(identity('ml/a'), busy)
    const call = shared.probe({} as Parameters<Session['probe']>[0], none)
    await lab.open(identity('ml/b'), lab.session())
    assert.equal(busy.closed, 0)
    resolve(stalled('X', ''))
    await call
    assert.equal(busy.closed, 1)
  })

  test('an opening for a connector that was forgotten meanwhile is not kept', async () => {
    const lab = createSessionLab()
    const late = lab.session()
    const waiter = lab.cache.get(identity('ml/c'), none)
    lab.cache.forget('ml/c')
    assert.equal(reasonOf(await lab.settled(waiter, late)), 'session')
    assert.equal(late.closed, 1)
    await lab.open(identity('ml/c'), lab.session())
  })
})

test('sessions that are open are counted by their provider', async () => {
  const lab = createSessionLab()
  await lab.open(identity('ml/a'), lab.session())
  await lab.open(identity('ml/b'), lab.session())
  await lab.settled(lab.cache.get(identity('ml/c'), none), stalled('Refused', ''))
  assert.deepEqual([lab.cache.openAt('aws'), lab.cache.openAt('azure')], [2, 0])
  lab.cache.forget('ml/a')
  assert.equal(lab.cache.openAt('aws'), 1)
})
