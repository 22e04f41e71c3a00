import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFakeClock, settle } from '../../../test/support/runtime/fake-clock.ts'
import { createKeyedBackoff } from '../backoff.ts'
import { createWorkQueue, type Lane, type QueueHooks, type WorkQueueOptions } from './workqueue.ts'

function setUp(options: Partial<WorkQueueOptions> = {}) {
  const clock = createFakeClock()
  const backoff = createKeyedBackoff({ baseMs: 1000, capMs: 8000, random: () => 1 })
  const queue = createWorkQueue({ clock, backoff, workers: 4, ...options })
  const taken: (string | undefined)[] = []
  /** Asks for a key and notes it when it comes. */
  const take = () => void queue.next().then(key => taken.push(key))
  /** Takes all that is ready, one after the other. */
  const drain = async () => {
    const order: string[] = []
    for (;;) {
      const before = taken.length
      take()
      await settle()
      const key = taken[before]
      if (taken.length === before || key === undefined) return order
      order.push(key)
      queue.done(key)
    }
  }
  return { clock, queue, taken, take, drain }
}

const keys = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`)

test('keys whose long delays end in the same quarter of a second fall due together, and short delays end as they say', async () => {
  const { clock, queue, taken, take } = setUp({ workers: 8 })
  queue.addAfter('short', 29_999)
  await clock.advance(1)
  for (const [at, key] of keys('long', 3).entries()) queue.addAfter(key, 30_001 + 100 * at)
  for (let worker = 0; worker < 4; worker++) take()
  const takenAt: [ms: number, keys: number][] = []
  for (let ms = 29_900; ms <= 30_400; ms++) {
    const before = taken.length
    await clock.advance(ms - clock.monotonic())
    if (taken.length > before) takenAt.push([ms, taken.length - before])
  }
  assert.deepEqual(takenAt, [
    [29_999, 1],
    [30_250, 3],
  ])
})

test('a key that was added often waits once', async () => {
  const { queue, drain } = setUp()
  queue.add('a', 'urgent')
  queue.add('b', 'urgent')
  queue.add('a', 'urgent')
  queue.add('a', 'routine')
  assert.deepEqual(await drain(), ['a', 'b'])
})

test('a key has one worker at a time and runs again once when added meanwhile', async () => {
  const { queue, taken, take } = setUp()
  queue.add('a', 'urgent')
  take()
  take()
  await settle()
  queue.add('a', 'routine')
  queue.add('a', 'urgent')
  await settle()
  assert.deepEqual(taken, ['a'], 'the second worker must not get it')
  queue.done('a')
  await settle()
  assert.deepEqual(taken, ['a', 'a'])
  queue.done('a')
  take()
  await settle()
  assert.deepEqual(taken, ['a', 'a'], 'not a third time')
})

test('a key that was added as urgent while it had a worker stays urgent', async () => {
  const { queue, taken, take, drain } = setUp({ workers: 1 })
  queue.add('a', 'routine')
  take()
  await settle()
  queue.add('a', 'urgent')
  queue.add('a', 'routine')
  queue.add('b', 'routine')
  queue.done('a')
  assert.deepEqual(
    [taken, await drain()],
    [
      ['a', 'a', 'b'],
      ['a', 'b'],
    ],
  )
})

test('a delay for a key that is ready anyway is void', async () => {
  const { clock, queue, taken, drain } = setUp()
  queue.add('a', 'routine')
  queue.addAfter('a', 1000)
  await drain()
  await clock.advance(60_000)
  assert.deepEqual(taken, ['a'])
})

test('a delay set by a run that has to be repeated anyway is void', async () => {
  const { clock, queue, taken, take } = setUp()
  queue.add('a', 'urgent')
  take()
  await settle()
  queue.addAfter('a', 1000)
  queue.add('a', 'urgent')
  queue.addAfter('a', 2000)
  queue.done('a')
  take()
  take()
  await settle()
  queue.done('a')
  await clock.advance(10_000)
  assert.deepEqual(taken, ['a', 'a'])
})

test('a flood of routine keys does not delay an urgent one', async () => {
  const { queue, drain } = setUp()
  for (const key of keys('routine', 1000)) queue.add(key, 'routine')
  queue.add('new', 'urgent')
  assert.equal((await drain())[0], 'new')
})

test('routine keys leave a worker to urgent ones, however long they take', async () => {
  const { queue, taken, take } = setUp({ workers: 4 })
  for (const key of keys('routine', 100)) queue.add(key, 'routine')
  for (let worker = 0; worker < 4; worker++) take()
  await settle()
  assert.deepEqual(taken, ['routine0', 'routine1', 'routine2'], 'the fourth worker waits')
  queue.add('new', 'urgent')
  await settle()
  assert.equal(taken[3], 'new')
})

test('a single worker serves both lanes', async () => {
  const { queue, drain } = setUp({ workers: 1 })
  queue.add('r', 'routine')
  queue.add('u', 'urgent')
  assert.deepEqual(await drain(), ['u', 'r'])
})

test('a flood of urgent keys does not starve routine ones: every eighth pick is routine', async () => {
  const { queue, drain } = setUp()
  for (const key of keys('u', 100)) queue.add(key, 'urgent')
  for (const key of keys('r', 3)) queue.add(key, 'routine')
  const order = await drain()
  assert.deepEqual(
    order.flatMap((key, index) => (key.startsWith('r') ? [index] : [])),
    [7, 15, 23],
  )
})

test('a routine key that becomes urgent moves to the front lane and runs once', async () => {
  const { queue, drain } = setUp()
  for (const key of keys('r', 3)) queue.add(key, 'routine')
  queue.add('r2', 'urgent')
  assert.deepEqual(await drain(), ['r2', 'r0', 'r1'])
  queue.add('r2', 'routine')
  assert.deepEqual(await drain(), ['r2'])
})

test('a delayed key comes when it is due, in the routine lane', async () => {
  const { clock, queue, taken, take } = setUp()
  queue.addAfter('late', 2000)
  queue.addAfter('soon', 1000)
  take()
  take()
  await clock.advance(999)
  assert.deepEqual(taken, [])
  await clock.advance(1)
  assert.deepEqual(taken, ['soon'])
  await clock.advance(1000)
  assert.deepEqual(taken, ['soon', 'late'])
})

test('of two delays the earlier stays', async () => {
  const { clock, queue, taken, take } = setUp()
  queue.addAfter('a', 5000)
  queue.addAfter('a', 1000)
  queue.addAfter('a', 9000)
  take()
  await clock.advance(1000)
  assert.deepEqual(taken, ['a'])
  queue.done('a')
  take()
  await clock.advance(60_000)
  assert.deepEqual(taken, ['a'])
})

test('an immediate add cancels the delay', async () => {
  const { clock, queue, taken, take } = setUp()
  queue.addAfter('a', 1000)
  queue.add('a', 'urgent')
  assert.equal(clock.timers(), 0)
  take()
  await settle()
  queue.done('a')
  take()
  await clock.advance(60_000)
  assert.deepEqual(taken, ['a'])
})

test('thousands of delays need one timer', () => {
  const { clock, queue } = setUp()
  for (const [index, key] of keys('k', 5000).entries()) queue.addAfter(key, 5000 - index)
  assert.equal(clock.timers(), 1)
})

test('retry backs off more each time, for its key alone, until it is reset', async () => {
  const { clock, queue, taken, take } = setUp()
  const waited: number[] = []
  const run = async (key: string) => {
    const before = clock.monotonic()
    queue.retry(key)
    take()
    const count = taken.length
    while (taken.length === count) await clock.advance(500)
    queue.done(key)
    waited.push(clock.monotonic() - before)
  }
  for (let attempt = 0; attempt < 5; attempt++) await run('a')
  await run('b')
  queue.resetBackoff('a')
  await run('a')
  assert.deepEqual(waited, [1000, 2000, 4000, 8000, 8000, 1000, 1000])
})

test('shutdown ends waiting workers, drops what waits, and leaves no timer', async () => {
  const { clock, queue, taken, take } = setUp({ workers: 2 })
  queue.add('active', 'urgent')
  take()
  await settle()
  queue.add('active', 'urgent')
  queue.addAfter('later', 1000)
  take()
  queue.shutdown()
  queue.add('more', 'urgent')
  queue.addAfter('more', 1)
  queue.done('active')
  take()
  await clock.advance(10_000)
  assert.deepEqual(taken, ['active', undefined, undefined])
  assert.equal(clock.timers(), 0)
})

test('done for a key without a worker is a bug', () => {
  const { queue } = setUp()
  assert.throws(() => queue.done('a'), /has no worker/)
})

test('reports depth, and how long a key was ready in its lane', async () => {
  const depths: number[] = []
  const latencies: [number, Lane][] = []
  const hooks: QueueHooks = { depth: n => void depths.push(n), latency: (...told) => void latencies.push(told) }
  const { clock, queue, drain } = setUp({ hooks })
  queue.add('a', 'routine')
  await clock.advance(300)
  queue.add('b', 'routine')
  await clock.advance(200)
  queue.add('a', 'urgent')
  await drain()
  assert.deepEqual(depths, [1, 2, 2, 1, 0])
  const expected = [
    [500, 'urgent'],
    [200, 'routine'],
  ]
  assert.deepEqual(latencies, expected, 'a promoted key has waited since it was first ready')
})
