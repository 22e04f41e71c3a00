import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFakeClock, settle } from '../../test/support/runtime/fake-clock.ts'
import { microTime, sleep } from './clock.ts'

test('microTime has six fractional digits', () => {
  assert.equal(microTime(Date.UTC(2030, 0, 2, 3, 4, 5, 6)), '2030-01-02T03:04:05.006000Z')
})

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
