import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { AtWork, watchLoopLag } from './loop-lag.ts'

/** What is told of a beat that comes so late, while one key waits and another one has just ended. */
async function lagOf(ms: number) {
  let time = 0
  let beat: (lateMs: number) => void = () => {}
  const atWork = new AtWork({ now: () => time })
  const lines: object[] = []
  const observed: number[] = []
  const onBeat = (look: typeof beat) => {
    beat = look
  }
  watchLoopLag(
    { onBeat },
    { atWork, log: { warn: fields => lines.push(fields) }, observe: seconds => observed.push(seconds) },
  )
  void atWork.run('ml/waits', () => sleep(60_000, undefined, { ref: false }))
  time = 10
  await atWork.run('ml/computes', async () => undefined)
  beat(ms)
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

test('there is work from its begin until it ends', async () => {
  const atWork = new AtWork()
  assert.equal(atWork.isAny, false)
  const work = atWork.run('ml/a', async () => undefined)
  assert.equal(atWork.isAny, true)
  await work
  assert.equal(atWork.isAny, false)
})

test('a key is not named for a time before its work, which is told when it begins', async () => {
  const looks: string[][] = []
  const atWork: AtWork = new AtWork({ begins: () => looks.push(atWork.look()) })
  const first = atWork.run('ml/a', async () => undefined)
  await atWork.run('ml/b', async () => undefined)
  await first
  assert.deepEqual(looks, [[], ['ml/a']])
})

test('a key that began while the loop was held up already is named behind those that were at work before', async () => {
  let time = 0
  const atWork = new AtWork({ now: () => time })
  await atWork.run('ml/computes', async () => {
    time = 2_000
  })
  await atWork.run('ml/innocent', async () => undefined)
  // Due 100 ms after the first key began.
  assert.deepEqual(atWork.look(1_900), ['ml/computes', 'ml/innocent'])
})

test('a key that began soon after the loop was due is named first', async () => {
  let time = 0
  const atWork = new AtWork({ now: () => time })
  await atWork.run('ml/before', async () => {
    time = 110
  })
  await atWork.run('ml/computes', async () => {
    time = 2_000
  })
  assert.deepEqual(atWork.look(1_900), ['ml/computes', 'ml/before'])
})
