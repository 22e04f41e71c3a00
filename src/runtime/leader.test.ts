import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFakeClock, type FakeClock, settle } from '../../test/support/runtime/fake-clock.ts'
import { fakeClient, fakeLog } from '../../test/support/runtime/fakes.ts'
import { leaseServer, replica } from '../../test/support/runtime/leader-harness.ts'
import { TransportError } from '../kube/errors.ts'
import { createLeader } from './leader.ts'

const refused = async () => {
  throw new TransportError('PUT lease: connection refused')
}
const hangs = () => new Promise<void>(() => {})

test('the first replica makes the lease and renews it every 2 s with one write', async () => {
  const server = leaseServer()
  const clock = createFakeClock()
  const a = replica(server, clock, 'a')
  await a.acquire()
  assert.equal(a.state.acquired, true)
  assert.deepEqual(server.spec(), {
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    acquireTime: '2030-01-01T00:00:00.000000Z',
    renewTime: '2030-01-01T00:00:00.000000Z',
    leaseTransitions: 0,
  })
  await clock.advance(60_000)
  assert.equal(a.leader.isLeader(), true)
  assert.equal(server.spec().renewTime, '2030-01-01T00:01:00.000000Z')
  assert.equal(server.spec().acquireTime, '2030-01-01T00:00:00.000000Z')
  assert.deepEqual(a.calls, ['get', 'create', ...Array(30).fill('replace')])
  assert.deepEqual(a.gauge, [true])
})

test('a standby never leads nor writes while the lease is renewed', async () => {
  const server = leaseServer()
  const clock = createFakeClock()
  const a = replica(server, clock, 'a')
  const b = replica(server, clock, 'b')
  await a.acquire()
  await b.acquire()
  await clock.advance(600_000)
  assert.equal(b.state.acquired, undefined)
  assert.equal(b.leader.isLeader(), false)
  assert.deepEqual(new Set(b.calls), new Set(['get']))
})

test('a standby looks once a second, so that work goes on soon after a leader has ended', async () => {
  const server = leaseServer()
  const clock = createFakeClock()
  const a = replica(server, clock, 'a')
  const b = replica(server, clock, 'b')
  await a.acquire()
  await b.acquire()
  await clock.advance(999)
  assert.equal(b.calls.length, 1)
  await clock.advance(1)
  assert.equal(b.calls.length, 2)
})

test('a standby looks again at the moment at which the lease ends', async () => {
  const server = leaseServer()
  const clock = createFakeClock()
  const [a, b] = [replica(server, clock, 'a'), replica(server, clock, 'b')]
  await a.acquire()
  await clock.advance(500)
  await b.acquire()
  a.state.fail = hangs
  await clock.advance(14_999)
  assert.equal(b.leader.isLeader(), false)
  await clock.advance(1)
  assert.equal(b.leader.isLeader(), true)
})

test('a standby takes over when the lease did not change for its duration', async () => {
  const server = leaseServer()
  const clock = createFakeClock()
  const a = replica(server, clock, 'a')
  const b = replica(server, clock, 'b')
  await a.acquire()
  await b.acquire()
  a.state.fail = hangs
  await clock.advance(14_000)
  assert.equal(b.leader.isLeader(), false)
  await clock.advance(6_000)
  assert.equal(b.leader.isLeader(), true)
  assert.deepEqual([server.spec().holderIdentity, server.spec().leaseTransitions], ['b', 1])
})

test('a standby whose clock is wrong by years behaves the same', async () => {
  const server = leaseServer()
  const clock = createFakeClock()
  const skewed: FakeClock = { ...clock, now: () => clock.now() + 10 * 365 * 86_400_000 }
  const a = replica(server, clock, 'a')
  const b = replica(server, skewed, 'b')
  await a.acquire()
  await b.acquire()
  await clock.advance(600_000)
  assert.equal(a.leader.isLeader(), true)
  assert.equal(b.leader.isLeader(), false)
})

for (const { name, fail } of [
  { name: 'refused', fail: refused },
  { name: 'unanswered', fail: hangs },
]) {
  test(`renewals that are ${name}: leadership ends before another may take over`, async () => {
    const server = leaseServer()
    const clock = createFakeClock()
    const a = replica(server, clock, 'a')
    const b = replica(server, clock, 'b')
    await a.acquire()
    await b.acquire()
    await clock.advance(20_000)
    a.state.fail = fail
    const renewedAt = clock.monotonic()
    let bothLead = false
    while (!b.leader.isLeader() && clock.monotonic() < 120_000) {
      await clock.advance(100)
      bothLead ||= a.leader.isLeader() && b.leader.isLeader()
    }
    assert.equal(bothLead, false)
    assert.equal(a.lost.length, 1)
    assert.equal((a.lost[0]?.at ?? 0) - renewedAt, 10_000)
    assert.ok(clock.monotonic() - renewedAt >= 15_000, 'the other waited for the whole lease')
    assert.match(a.lost[0]?.why ?? '', /system\/operator was not renewed within 10 s/)
    assert.deepEqual(a.gauge, [true, false])
  })
}

test('the renew deadline counts from when the last renewal was sent, not from its answer', async () => {
  const server = leaseServer()
  const clock = createFakeClock()
  const a = replica(server, clock, 'a')
  await a.acquire()
  // The renewal is sent at 2 s and answered at 6 s. All later ones hang.
  a.state.fail = () => new Promise(resolve => clock.after(4000, resolve))
  await clock.advance(6000)
  a.state.fail = hangs
  await clock.advance(60_000)
  assert.deepEqual(
    a.lost.map(({ at }) => at),
    [12_000],
  )
})

test('an answer that comes after leadership was lost does not bring it back', async () => {
  const server = leaseServer()
  const clock = createFakeClock()
  const a = replica(server, clock, 'a')
  await a.acquire()
  a.state.fail = () => new Promise(resolve => clock.after(9000, resolve))
  await clock.advance(10_000)
  assert.equal(a.lost.length, 1)
  await clock.advance(60_000)
  assert.equal(a.leader.isLeader(), false)
  assert.equal(a.lost.length, 1)
  const calls = a.calls.length
  await clock.advance(600_000)
  assert.equal(a.calls.length, calls, 'it asks no more')
})

test('a short outage is survived', async () => {
  const server = leaseServer()
  const clock = createFakeClock()
  const a = replica(server, clock, 'a')
  await a.acquire()
  a.state.fail = refused
  await clock.advance(7000)
  a.state.fail = async () => {}
  await clock.advance(60_000)
  assert.equal(a.leader.isLeader(), true)
  assert.deepEqual(a.lost, [])
})

test('a lease that somebody else took is lost at the next renewal, without waiting for the deadline', async () => {
  const server = leaseServer()
  const clock = createFakeClock()
  const a = replica(server, clock, 'a')
  await a.acquire()
  server.edit({ holderIdentity: 'thief', renewTime: '2030-01-01T00:00:01.000000Z' })
  await clock.advance(2000)
  assert.deepEqual(a.lost, [{ why: 'the lease system/operator is held by thief', at: 2000 }])
  assert.equal(a.leader.isLeader(), false)
})

test('an edit of the lease by others that leaves the holder alone costs one more read', async () => {
  const server = leaseServer()
  const clock = createFakeClock()
  const a = replica(server, clock, 'a')
  await a.acquire()
  server.edit({})
  await clock.advance(4000)
  assert.equal(a.leader.isLeader(), true)
  assert.deepEqual(a.calls, ['get', 'create', 'replace', 'get', 'replace', 'replace'])
})

test('a lease that was deleted is made again by its leader', async () => {
  const server = leaseServer()
  const clock = createFakeClock()
  const a = replica(server, clock, 'a')
  await a.acquire()
  server.remove()
  await clock.advance(2000)
  assert.equal(server.spec().holderIdentity, 'a')
  assert.deepEqual(a.lost, [])
})

test('two that see no lease: one makes it, the other waits', async () => {
  const server = leaseServer()
  const clock = createFakeClock()
  const a = replica(server, clock, 'a')
  const b = replica(server, clock, 'b')
  await Promise.all([a.acquire(), b.acquire()])
  await clock.advance(10_000)
  assert.deepEqual([a, b].filter(({ leader }) => leader.isLeader()).length, 1)
})

test('release: the lease has no holder, so the next replica leads within a retry', async () => {
  const server = leaseServer()
  const clock = createFakeClock()
  const a = replica(server, clock, 'a')
  const b = replica(server, clock, 'b')
  await a.acquire()
  await b.acquire()
  await clock.advance(5000)
  await a.leader.release()
  assert.equal(a.leader.isLeader(), false)
  assert.deepEqual(
    [server.spec().holderIdentity, server.spec().leaseDurationSeconds, server.spec().leaseTransitions],
    ['', 1, 0],
  )
  await clock.advance(4400)
  assert.equal(b.leader.isLeader(), true)
  assert.equal(server.spec().leaseTransitions, 1)
  assert.deepEqual(a.lost, [])
  const calls = a.calls.length
  await clock.advance(60_000)
  assert.equal(a.calls.length, calls, 'a stays silent')
})

test('release does not touch a lease that another holds, nor one it never had', async () => {
  const server = leaseServer()
  const clock = createFakeClock()
  const a = replica(server, clock, 'a')
  const b = replica(server, clock, 'b')
  await a.acquire()
  await b.acquire()
  await b.leader.release()
  assert.equal(b.calls.includes('replace'), false)
  server.edit({ holderIdentity: 'thief' })
  await a.leader.release()
  assert.equal(server.spec().holderIdentity, 'thief')
})

test('release that fails is no failure: the lease expires by itself', async () => {
  const server = leaseServer()
  const clock = createFakeClock()
  const a = replica(server, clock, 'a')
  await a.acquire()
  a.state.fail = refused
  await a.leader.release()
  assert.equal(a.leader.isLeader(), false)
  assert.deepEqual(a.lost, [])
})

test('acquire ends without the lease when its signal aborts', async () => {
  const server = leaseServer()
  const clock = createFakeClock()
  const a = replica(server, clock, 'a')
  const b = replica(server, clock, 'b')
  await a.acquire()
  await b.acquire()
  b.stop.abort()
  await settle()
  assert.equal(b.state.acquired, false)
})

for (const timing of [
  { leaseDurationMs: 10_000, renewDeadlineMs: 10_000, retryPeriodMs: 2000 },
  { leaseDurationMs: 15_000, renewDeadlineMs: 2400, retryPeriodMs: 2000 },
]) {
  test(`timing that can't work is refused: ${JSON.stringify(timing)}`, () => {
    const options = {
      client: fakeClient(),
      namespace: 'n',
      name: 'l',
      identity: 'a',
      random: Math.random,
      log: fakeLog(),
    }
    assert.throws(() => createLeader({ ...options, clock: createFakeClock(), timing }), RangeError)
  })
}
