import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { FastTime } from '../../test/support/fast-time.ts'
import { createFakeClock } from '../../test/support/runtime/fake-clock.ts'
import { createPulse } from './pulse.ts'

function setUp() {
  const clock = createFakeClock()
  const state = { isAtWork: false }
  const pulse = createPulse({ isAtWork: () => state.isAtWork, clock })
  const beats: number[] = []
  pulse.onBeat(() => beats.push(clock.monotonic()))
  /** Beats in so many ms. */
  const beatsIn = async (ms: number) => {
    const before = beats.length
    await clock.advance(ms)
    return beats.length - before
  }
  return { clock, state, pulse, beatsIn }
}

test('a pulse beats ten times a second from its start, and once a second when there was no work for a second', async () => {
  const { beatsIn } = setUp()
  assert.equal(await beatsIn(1_000), 10)
  assert.equal(await beatsIn(10_000), 10)
})

test('a pulse beats ten times a second for as long as there is work, and for a second after it', async () => {
  const { state, beatsIn } = setUp()
  state.isAtWork = true
  assert.equal(await beatsIn(5_000), 50)
  state.isAtWork = false
  assert.equal(await beatsIn(1_000), 10)
  assert.equal(await beatsIn(5_000), 5)
})

test('a slow pulse beats when work begins, and goes on quickly', async () => {
  const { pulse, beatsIn, state } = setUp()
  await beatsIn(5_500)
  state.isAtWork = true
  pulse.quicken()
  assert.equal(await beatsIn(1_000), 10)
})

test('work that begins ten thousand times a second brings no more beats', async () => {
  const { pulse, beatsIn } = setUp()
  let beats = 0
  pulse.onBeat(() => beats++)
  await beatsIn(5_000)
  beats = 0
  for (let at = 0; at < 10_000; at++) pulse.quicken()
  assert.equal(beats, 1)
})

test('a beat is told how late it is', async () => {
  const lates: number[] = []
  let time = 0
  const due: (() => void)[] = []
  const after = (_: number, run: () => void) => {
    due.push(run)
    return () => {}
  }
  createPulse({ isAtWork: () => true, clock: { monotonic: () => time, after } }).onBeat(late => lates.push(late))
  for (const ms of [100, 350, 100]) {
    time += ms
    due.shift()?.()
  }
  assert.deepEqual(lates, [0, 250, 0])
})

test('a beat is no later where an operator lives in fast time', async () => {
  const { nodeFlags, env } = new FastTime(100_000).program()
  const program = `
    import { createPulse } from '${new URL('pulse.ts', import.meta.url)}'
    createPulse({ isAtWork: () => true }).onBeat(late => process.exit(late > 60_000 ? 1 : 0))
    setTimeout(() => {}, 60_000)`
  const flags = [...nodeFlags, '--input-type=module', '-e', program]
  await promisify(execFile)(process.execPath, flags, { env: { ...process.env, ...env } })
})

test('a closed pulse beats no more, also when work begins', async () => {
  const { pulse, beatsIn } = setUp()
  await beatsIn(5_000)
  pulse.close()
  pulse.quicken()
  assert.equal(await beatsIn(10_000), 0)
})
