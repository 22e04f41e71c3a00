import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { watchBusy } from './busy.ts'

/** A watch that looks when the test says so, at a loop that has run for this share of the time. */
function setUp() {
  let look = () => {}
  let utilization = 0
  const every = (_: number, run: () => void) => {
    look = run
    return () => {}
  }
  const busy = watchBusy({ utilization: () => utilization, every })
  const ends: number[] = []
  let looks = 0
  busy.onIdle(() => ends.push(looks))
  const isBusyAfter = (share: number) => {
    utilization = share
    looks++
    look()
    return busy.isBusy()
  }
  return { busy, ends, isBusyAfter }
}

const RESTS = [0.5, 0.2, 0.3, 0.89]

test('a process is busy from its start until its event loop has rested for half a second, and tells when that ends', () => {
  const { busy, ends, isBusyAfter } = setUp()
  assert.equal(busy.isBusy(), true)
  for (const share of RESTS) assert.equal(isBusyAfter(share), true)
  assert.equal(isBusyAfter(0), false)
  assert.deepEqual(ends, [5])
})

test('a process is busy again when its event loop hardly rests, and short rests do not end that', () => {
  const { ends, isBusyAfter } = setUp()
  for (const share of [...RESTS, 0]) isBusyAfter(share)
  for (const share of [0.97, ...RESTS, 1, ...RESTS]) assert.equal(isBusyAfter(share), true)
  assert.equal(isBusyAfter(0), false)
  assert.deepEqual(ends, [5, 16])
})

test('a process that computes is found to be busy, and one that rests is not', async () => {
  let look = () => {}
  const busy = watchBusy({
    every: (_, run) => {
      look = run
      return () => {}
    },
  })
  const spin = (ms: number) => {
    const end = performance.now() + ms
    while (performance.now() < end) {
      // Computes.
    }
  }
  // Each timer lets the loop rest for longer than it computes.
  while (busy.isBusy()) {
    await setTimeout(20)
    look()
  }
  await new Promise<void>(resolve => {
    setImmediate(() => {
      spin(50)
      look()
      resolve()
    })
  })
  assert.equal(busy.isBusy(), true)
  busy.close()
})
