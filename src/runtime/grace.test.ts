import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFakeClock, settle } from '../../test/support/runtime/fake-clock.ts'
import { DeadlineError, withGrace } from './grace.ts'

const LIMIT = { ms: 60_000, graceMs: 5_000 }
const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('call aborted'))))

/** Runs work under a deadline and notes how it ended. */
function setUp(work: (signal: AbortSignal) => Promise<string>) {
  const clock = createFakeClock()
  const stop = new AbortController()
  const seen: { value?: string; error?: unknown; signal?: AbortSignal } = {}
  withGrace(clock, LIMIT, stop.signal, signal => {
    seen.signal = signal
    return work(signal)
  }).then(
    value => {
      seen.value = value
    },
    error => {
      seen.error = error
    },
  )
  return { clock, stop, seen }
}

test('work that ends in time: its value, and no timer is left', async () => {
  const { clock, seen } = setUp(async () => 'done')
  await settle()
  assert.equal(seen.value, 'done')
  assert.equal(clock.timers(), 0)
})

test('work that throws, also at once: its error', async () => {
  const { clock, seen } = setUp(() => {
    throw new RangeError('bug')
  })
  await settle()
  assert.ok(seen.error instanceof RangeError)
  assert.equal(clock.timers(), 0)
})

test('at the deadline the signal aborts, and the error says what was under way', async () => {
  const { clock, seen } = setUp(aborted)
  await clock.advance(59_999)
  assert.equal(seen.signal?.aborted, false)
  await clock.advance(1)
  assert.ok(seen.error instanceof DeadlineError)
  assert.equal(seen.error.message, 'not finished within 60 s')
  assert.match(String(seen.error.cause), /call aborted/)
  assert.equal(clock.timers(), 0)
})

test('work that still says something after its signal aborted is believed', async () => {
  const { clock, seen } = setUp(signal => aborted(signal).catch(() => 'timed out'))
  await clock.advance(60_000)
  assert.equal(seen.value, 'timed out')
})

test('work that does not heed its signal is given up on after the grace', async () => {
  const { clock, seen } = setUp(() => new Promise(() => {}))
  await clock.advance(64_999)
  assert.ok(!('error' in seen))
  await clock.advance(1)
  assert.ok(seen.error instanceof DeadlineError)
  assert.equal(clock.timers(), 0)
})

test('stop aborts at once, with its own reason', async () => {
  const { clock, stop, seen } = setUp(aborted)
  await clock.advance(10)
  stop.abort(new Error('lease lost'))
  await settle()
  assert.match(String(seen.error), /lease lost/)
  assert.equal(clock.timers(), 0)
})

test('nothing is started once stopped', async () => {
  const stop = AbortSignal.abort(new Error('lease lost'))
  const work = () => assert.fail('started')
  await assert.rejects(withGrace(createFakeClock(), LIMIT, stop, work), /lease lost/)
})
