import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { AtWork, watchLoopLag } from './loop-lag.ts'

/** Watches with a clock that jumps while a key is at work, as if that had computed for so long. */
async function lagOf(ms: number) {
  let time = 0
  const atWork = new AtWork(() => time)
  const lines: object[] = []
  const observed: number[] = []
  const stop = watchLoopLag({
    atWork,
    log: { warn: fields => lines.push(fields) },
    observe: seconds => observed.push(seconds),
    now: () => time,
  })
  void atWork.run('ml/waits', () => sleep(60_000, undefined, { ref: false }))
  time = 10
  await atWork.run('ml/computes', async () => {
    time += 90 + ms
  })
  while (observed.length === 0) await sleep(10)
  stop()
  return { lines, observed }
}

test('an event loop that was held up is told with the keys at work, the latest first', async () => {
  const { lines, observed } = await lagOf(2500)
  assert.deepEqual(lines, [{ lagMs: 2500, keys: ['ml/computes', 'ml/waits'], keysAtWork: 2 }])
  assert.deepEqual(observed, [2.5])
})

test('an event loop that is a little late is measured only', async () => {
  const { lines, observed } = await lagOf(900)
  assert.deepEqual([lines, observed], [[], [0.9]])
})

test('a key that has ended is named once', async () => {
  const atWork = new AtWork()
  await atWork.run('ml/a', async () => undefined)
  assert.deepEqual([atWork.look(), atWork.look()], [['ml/a'], []])
})
