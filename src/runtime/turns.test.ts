import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DONE, setUp } from '../../test/support/runtime/controller-harness.ts'
import { widget } from '../../test/support/runtime/fakes.ts'
import { systemClock } from './clock.ts'
import { shareTurns } from './turns.ts'

test('a controller that deals with many objects which wait for nothing lets the event loop turn meanwhile', async () => {
  const spin = async () => {
    const end = performance.now() + 1
    while (performance.now() < end) {
      // Computes.
    }
    return DONE
  }
  const objects = Array.from({ length: 300 }, (_, at) => widget(`w${at}`))
  let isBusy = false
  const begin = () => {
    isBusy = true
  }
  const busy = { workers: 8, isBusy: () => isBusy, begin, onIdle() {} }
  const controller = setUp(spin, { objects, clock: systemClock, concurrency: 128, busy })
  // Waits for one turn.
  await controller.start()
  const afterOneTurn = controller.runs.length
  while (controller.runs.length < objects.length) await nextTurn()
  assert.ok(afterOneTurn <= 30, `${afterOneTurn} of 300 objects in one turn`)
  controller.drain.abort()
})

test('work that has not lasted for long goes on without a turn of the event loop', async () => {
  let time = 0
  const share = shareTurns({ monotonic: () => time })
  let turns = 0
  setImmediate(() => turns++)
  for (; time < 5; time++) await share()
  assert.equal(turns, 0)
  await share()
  assert.equal(turns, 1)
  // A turn has come.
  setImmediate(() => turns++)
  await share()
  assert.equal(turns, 1)
})

test('work that many do side by side takes no longer in a turn than that of one', async () => {
  let [time, turns, most] = [0, 0, 0]
  let before = 0
  const share = shareTurns({ monotonic: () => time })
  const onTurn = () => {
    turns++
    most = Math.max(most, time - before)
    before = time
    if (time < 400) setImmediate(onTurn)
  }
  setImmediate(onTurn)
  const work = async () => {
    for (let at = 0; at < 25; at++) {
      time += 1
      await share()
    }
  }
  await Promise.all(Array.from({ length: 16 }, work))
  assert.ok(most <= 5 + 16, `${most} ms in one of ${turns} turns`)
})
