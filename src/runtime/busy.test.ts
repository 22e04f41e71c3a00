import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { watchBusy } from './busy.ts'

/** A pulse that beats when the test says so. */
function byHand() {
  let look: (lateMs: number) => void = () => {}
  const onBeat = (listener: typeof look) => {
    look = listener
  }
  return { pulse: { onBeat }, beat: () => look(0) }
}

/** A watch that looks when the test says so, at a loop that has run for this share of the time. */
function setUp() {
  const { pulse, beat } = byHand()
  let utilization = 0
  const busy = watchBusy(pulse, { utilization: () => utilization })
  const ends: number[] = []
  let looks = 0
  busy.onIdle(() => ends.push(looks))
  const isBusyAfter = (share: number) => {
    utilization = share
    looks++
    beat()
    return busy.isBusy()
  }
  return { busy, ends, isBusyAfter }
}

const RESTS = [0.5, 0.2, 0.3, 0.89]

test('a process to which much work comes is busy until its event loop has rested for half a second, and tells when that ends', () => {
  const { busy, ends, isBusyAfter } = setUp()
  assert.equal(busy.isBusy(), false)
  busy.begin()
  assert.equal(busy.isBusy(), true)
  for (const share of RESTS) assert.equal(isBusyAfter(share), true)
  assert.equal(isBusyAfter(0), false)
  assert.deepEqual(ends, [5])
})

test('a process is busy again when its event loop hardly rests, and short rests do not end that', () => {
  const { busy, ends, isBusyAfter } = setUp()
  busy.begin()
  for (const share of [...RESTS, 0]) isBusyAfter(share)
  for (const share of [0.97, ...RESTS, 1, ...RESTS]) assert.equal(isBusyAfter(share), true)
  assert.equal(isBusyAfter(0), false)
  assert.deepEqual(ends, [5, 16])
})

test('a process that computes is found to be busy, and one that rests is not', async () => {
  const { pulse, beat } = byHand()
  const busy = watchBusy(pulse)
  busy.begin()
  const spin = (ms: number) => {
    const end = performance.now() + ms
    while (performance.now() < end) {
      // Computes.
    }
  }
  // Each timer lets the loop rest for longer than it computes.
  while (busy.isBusy()) {
    await setTimeout(20)
    beat()
  }
  await new Promise<void>(resolve => {
    setImmediate(() => {
      spin(50)
      beat()
      resolve()
    })
  })
  assert.equal(busy.isBusy(), true)
})
