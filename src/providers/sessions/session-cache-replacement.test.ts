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
  type SessionLab,
  START,
} from '../../../test/support/session-lab.ts'
import { type Failure, isFailure, stalled, transient } from '../../api/failures.ts'
import type { Session } from '../provider.ts'
import { rejection } from '../rejection.ts'

const refused = rejection(stalled('CredentialsRejected', 'disabled'))

describe('replacement', () => {
  const cases: [name: string, lifeMs: number, replacedAtMs: number][] = [
    ['an hour is replaced after half of it', 60 * MINUTE, 30 * MINUTE],
    ['15 minutes is replaced after half of them', 15 * MINUTE, 7.5 * MINUTE],
    ['8 minutes is replaced 5 minutes before its end', 8 * MINUTE, 3 * MINUTE],
  ]
  for (const [name, lifeMs, replacedAtMs] of cases) {
    test(`a session of ${name}`, async () => {
      const lab = createSessionLab()
      const first = lab.session(lifeMs)
      const shared = await lab.open(identity('ml/c'), first)
      lab.now = START + replacedAtMs - 1
      await lab.cache.get(identity('ml/c'), none)
      assert.equal(lab.opened, 1)

      lab.now = START + replacedAtMs
      assert.equal(
        await lab.cache.get(identity('ml/c'), none),
        shared,
        'the old one serves while the new one is opened',
      )
      assert.equal(await lab.cache.get(identity('ml/c'), none), shared)
      assert.equal(lab.opened, 2)
      lab.nextFlight().settle(lab.session(lifeMs))
      await new Promise(setImmediate)
      assert.notEqual(await lab.cache.get(identity('ml/c'), none), shared)
      assert.equal(first.closed, 1)
    })
  }

  const proofs: [name: string, result: (lab: SessionLab) => Session | Failure, expected: string][] = [
    ['and the session is replaced', lab => lab.session(), 'session'],
    [
      'and the session is kept when the service does not answer',
      () => transient('EndpointUnreachable', 'down'),
      'session',
    ],
    [
      'and the session is kept when the service can’t be judged',
      () => stalled('TLSVerificationFailed', 'expired'),
      'session',
    ],
    ['and the session is dropped when they are refused', () => refused, 'CredentialsRejected'],
  ]
  for (const [name, result, expected] of proofs) {
    test(`keys that do not expire are proven again every 10 minutes, ${name}`, async () => {
      const lab = createSessionLab()
      const shared = await lab.open(identity('ml/c'), lab.session())
      lab.now += 10 * MINUTE - 1
      await lab.cache.get(identity('ml/c'), none)
      assert.equal(lab.opened, 1)
      lab.now += 1
      assert.equal(await lab.cache.get(identity('ml/c'), none), shared)
      lab.nextFlight().settle(result(lab))
      await new Promise(setImmediate)
      assert.equal(reasonOf(await lab.cache.get(identity('ml/c'), none)), expected)
      assert.equal(lab.opened, 2)
    })
  }

  test('a failed replacement leaves the old session in use until its end, and is tried again with backoff', async () => {
    const lab = createSessionLab()
    const shared = await lab.open(identity('ml/c'), lab.session(60 * MINUTE))
    lab.now = START + 30 * MINUTE
    await lab.cache.get(identity('ml/c'), none)
    lab.nextFlight().settle(transient('EndpointUnreachable', 'down'))
    await new Promise(setImmediate)
    assert.equal(await lab.cache.get(identity('ml/c'), none), shared)
    assert.equal(lab.opened, 2)

    lab.now += 1 * SECOND
    assert.equal(await lab.cache.get(identity('ml/c'), none), shared)
    lab.nextFlight().settle(transient('EndpointUnreachable', 'down'))
    await new Promise(setImmediate)
    lab.now += 1 * SECOND
    await lab.cache.get(identity('ml/c'), none)
    assert.equal(lab.opened, 3, 'the second pause is longer')

    lab.now = START + 60 * MINUTE - 20 * SECOND
    const last = lab.cache.get(identity('ml/c'), none)
    assert.equal(reasonOf(await lab.settled(last, transient('EndpointUnreachable', 'down'))), 'EndpointUnreachable')
  })
})

test('a session says why the next one can’t be opened, until it is', async () => {
  const lab = createSessionLab()
  await lab.settled(lab.cache.get(identity('ml/c'), none), stalled('RoleNotTrusted', 'not yet'))
  lab.now += 30 * SECOND
  const first = await lab.open(identity('ml/c'), lab.session(60 * MINUTE))
  assert.equal(first.trouble, undefined, 'what failed before it was opened is over')

  lab.now += 30 * MINUTE
  const failure = stalled('RoleNotFound', 'deleted')
  await lab.cache.get(identity('ml/c'), none)
  lab.nextFlight().settle(failure)
  await new Promise(setImmediate)
  assert.equal(await lab.cache.get(identity('ml/c'), none), first)
  assert.equal(first.trouble, failure)

  lab.now += 30 * SECOND
  await lab.cache.get(identity('ml/c'), none)
  lab.nextFlight().settle(lab.session(60 * MINUTE))
  await new Promise(setImmediate)
  const second = await lab.cache.get(identity('ml/c'), none)
  assert.notEqual(second, first)
  assert.ok(!isFailure(second))
  assert.deepEqual([first.trouble, second.trouble], [undefined, undefined])
})

test('a session that follows a refused one says since when grants are suspect', async () => {
  const lab = createSessionLab()
  const first = lab.session(60 * MINUTE)
  const shared = await lab.open(identity('ml/c'), first)
  assert.equal(shared.refusedAt, undefined)
  lab.now += 10 * MINUTE
  await refuse(shared)
  const second = await lab.open(identity('ml/c'), lab.session(60 * MINUTE))
  assert.deepEqual(second.refusedAt, new Date(lab.now))
})

test('a session that follows keys refused at a replacement says since when grants are suspect', async () => {
  const lab = createSessionLab()
  await lab.open(identity('ml/c'), lab.session())
  lab.now += 10 * MINUTE
  await lab.cache.get(identity('ml/c'), none)
  const refusedAt = new Date(lab.now)
  lab.nextFlight().settle(refused)
  await new Promise(setImmediate)
  lab.now += 30 * SECOND
  assert.deepEqual((await lab.open(identity('ml/c'), lab.session())).refusedAt, refusedAt)
})
