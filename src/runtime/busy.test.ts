import assert from 'node:assert/strict'
import { test } from 'node:test'
import { watchBusy } from './busy.ts'

test('a process is busy until its event loop has rested for half a second, and tells when that has ended', () => {
  let look = () => {}
  let utilization = 0
  let ends = 0
  const busy = watchBusy({
    utilization: () => utilization,
    every: (_, run) => {
      look = run
      return () => {}
    },
  })
  busy.onIdle(() => ends++)
  const seen = [0.5, 0.97, 0.2, 0.3, 1, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2].map(share => {
    utilization = share
    look()
    return [busy.isBusy(), ends]
  })
  const [calm, is, was] = [
    [false, 0],
    [true, 0],
    [false, 1],
  ]
  assert.deepEqual(seen, [calm, is, is, is, is, is, is, is, is, was, was])
})

test('a process that computes is found to be busy', async () => {
  const looked = Promise.withResolvers<void>()
  const busy = watchBusy({
    every: (_, look) => {
      const timer = setImmediate(() => {
        const end = performance.now() + 50
        while (performance.now() < end) {
          // Computes.
        }
        look()
        looked.resolve()
      })
      return () => clearImmediate(timer)
    },
  })
  await looked.promise
  assert.equal(busy.isBusy(), true)
  busy.close()
})
