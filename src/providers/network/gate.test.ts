import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { DeadlineExceeded } from '../../async/deadline-exceeded.ts'
import { Gate, type RequestRecord } from './gate.ts'

class Answered extends Error {
  readonly status: number

  constructor(status: number) {
    super(`HTTP ${status}`)
    this.status = status
  }
}

describe('Gate', () => {
  let now: number
  let records: RequestRecord[]

  beforeEach(() => {
    now = 0
    records = []
  })

  const gateOf = (limit = 32) =>
    new Gate({
      limit,
      deadlineMs: 10_000,
      monotonic: () => now,
      outcomeOf: error =>
        error instanceof Answered ? error.status : error instanceof TypeError ? 'not-sent' : 'unreachable',
      onRequest: record => records.push(record),
    })

  const fails = (gate: Gate, error: Error) =>
    assert.rejects(
      gate.run('Op', undefined, () => Promise.reject(error)),
      error,
    )

  test('a gate runs at most `limit` calls at once, in the order in which they came', async () => {
    const gate = gateOf(2)
    const started: number[] = []
    const ends: (() => void)[] = []
    const call = (n: number) =>
      gate.run('Op', undefined, () => {
        started.push(n)
        return new Promise<void>(resolve => ends.push(resolve))
      })
    const all = [1, 2, 3, 4].map(call)
    await new Promise(setImmediate)
    assert.deepEqual(started, [1, 2])
    ends[1]?.()
    await all[1]
    await new Promise(setImmediate)
    assert.deepEqual(started, [1, 2, 3])
    ends[0]?.()
    await new Promise(setImmediate)
    for (const end of ends) end()
    await Promise.all(all)
    assert.deepEqual(started, [1, 2, 3, 4])
  })

  test('a call that is given up while it waits leaves the queue of the gate', async () => {
    const gate = gateOf(1)
    const first = Promise.withResolvers<void>()
    const running = gate.run('Op', undefined, () => first.promise)
    const controller = new AbortController()
    const leaves = gate.run('Op', controller.signal, () => assert.fail('must not run'))
    const last = gate.run('Op', undefined, async () => 'ran')
    controller.abort(new Error('gone'))
    await assert.rejects(leaves, /gone/)
    first.resolve()
    await running
    assert.equal(await last, 'ran')
  })

  test('a gate counts every call by its result', async () => {
    const gate = gateOf()
    const controller = new AbortController()
    await gate.run('Op', undefined, async () => 1)
    await fails(gate, new Answered(403))
    await fails(gate, new Error('ECONNREFUSED'))
    await fails(gate, new TypeError('bad request'))
    const cancelled = gate.run('Op', controller.signal, () => new Promise(() => undefined))
    controller.abort()
    await assert.rejects(cancelled)
    assert.deepEqual(
      records.map(({ operation, result }) => `${operation} ${result}`),
      ['Op 200', 'Op 403', 'Op unreachable', 'Op not-sent', 'Op cancelled'],
    )
  })

  test('a call that never ends is cut off by the gate', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const gate = gateOf()
    const hangs = gate.run(
      'Op',
      undefined,
      signal => new Promise((_, reject) => signal.addEventListener('abort', reject)),
    )
    await new Promise(setImmediate)
    t.mock.timers.tick(10_000)
    await assert.rejects(hangs, DeadlineExceeded)
    assert.equal(records[0]?.result, 'unreachable')
  })

  describe('an endpoint that does not answer', () => {
    const down = new Error('ECONNREFUSED')
    const tried = async (gate: Gate) => {
      const before = records.length
      await assert.rejects(
        gate.run('Op', undefined, () => Promise.reject(down)),
        down,
      )
      return records.length > before
    }

    test('an endpoint is left alone after 5 failures in a row, with one try after each pause, which doubles', async () => {
      const gate = gateOf()
      for (let n = 0; n < 5; n++) assert.equal(await tried(gate), true)
      for (const pause of [1, 2, 4, 8, 16, 30, 30]) {
        now += pause * 1000 - 1
        assert.equal(await tried(gate), false, `before ${pause} s are over`)
        now += 1
        assert.equal(await tried(gate), true)
        assert.equal(await tried(gate), false)
      }
    })

    test('while a call tries a silent endpoint again, no other call is sent', async () => {
      const gate = gateOf()
      for (let n = 0; n < 5; n++) await tried(gate)
      now += 1000
      const trial = Promise.withResolvers<string>()
      const running = gate.run('Op', undefined, () => trial.promise)
      assert.equal(await tried(gate), false)
      trial.resolve('up')
      assert.equal(await running, 'up')
      assert.equal(await tried(gate), true)
    })

    test('calls that queue for a silent endpoint fail as soon as it is left alone', async () => {
      const gate = gateOf(5)
      const hanging = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
      const calls = hanging.map(({ promise }) => gate.run('Op', undefined, () => promise))
      const queued = [1, 2, 3].map(() => gate.run('Op', undefined, () => assert.fail('must not be sent')))
      for (const { reject } of hanging) reject(down)
      for (const call of [...calls, ...queued]) await assert.rejects(call, down)
      assert.equal(records.length, 5)
    })

    test('a silent endpoint gets one try at a time, however long that hangs', async () => {
      const gate = gateOf()
      for (let n = 0; n < 5; n++) await tried(gate)
      now += 1000
      const trial = Promise.withResolvers<void>()
      const running = gate.run('Op', undefined, () => trial.promise)
      now += 60_000
      assert.equal(await tried(gate), false)
      trial.reject(down)
      await assert.rejects(running, down)
      now += 1999
      assert.equal(await tried(gate), false, 'the pause starts when the try has failed')
      now += 1
      assert.equal(await tried(gate), true)
    })

    test('a try of a silent endpoint that is given up makes way for the next', async () => {
      const gate = gateOf()
      for (let n = 0; n < 5; n++) await tried(gate)
      now += 1000
      const controller = new AbortController()
      const running = gate.run('Op', controller.signal, () => new Promise(() => undefined))
      controller.abort(new Error('gone'))
      await assert.rejects(running, /gone/)
      assert.equal(await tried(gate), true)
    })

    test('calls that fail together make one pause for a silent endpoint', async () => {
      const gate = gateOf()
      const hanging = Promise.withResolvers<void>()
      const calls = Array.from({ length: 20 }, () => gate.run('Op', undefined, () => hanging.promise))
      hanging.reject(down)
      for (const call of calls) await assert.rejects(call, down)
      now += 1000
      assert.equal(await tried(gate), true)
    })

    test('an answer to a call from before the pause ends the pause', async () => {
      const gate = gateOf()
      const slow = Promise.withResolvers<string>()
      const running = gate.run('Op', undefined, () => slow.promise)
      for (let n = 0; n < 5; n++) await tried(gate)
      slow.resolve('late')
      assert.equal(await running, 'late')
      assert.equal(await tried(gate), true)
    })

    const resets: [name: string, reset: (gate: Gate) => Promise<unknown>, tries: boolean][] = [
      ['an answer', gate => gate.run('Op', undefined, async () => 1), true],
      ['a refusal', gate => fails(gate, new Answered(403)), true],
      ['an error before sending', gate => fails(gate, new TypeError('bad request')), false],
    ]
    for (const [name, reset, tries] of resets) {
      test(`${name} ${tries ? 'starts' : 'does not start'} the count of failures over`, async () => {
        const gate = gateOf()
        for (let n = 0; n < 4; n++) await tried(gate)
        await reset(gate)
        await tried(gate)
        assert.equal(await tried(gate), tries)
      })
    }
  })
})
