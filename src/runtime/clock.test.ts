import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFakeClock, settle } from '../../test/support/runtime/fake-clock.ts'
import { sleep } from './clock.ts'

test('sleep ends with its time or its signal and leaves no timer', async () => {
  const clock = createFakeClock()
  const stop = new AbortController()
  const ended: string[] = []
  sleep(clock, 1000, stop.signal).then(() => ended.push('time'))
  sleep(clock, 9000, stop.signal).then(() => ended.push('signal'))
  await clock.advance(1000)
  assert.deepEqual(ended, ['time'])
  stop.abort()
  await settle()
  assert.deepEqual(ended, ['time', 'signal'])
  assert.equal(clock.timers(), 0)
  await sleep(clock, 1000, stop.signal)
})
