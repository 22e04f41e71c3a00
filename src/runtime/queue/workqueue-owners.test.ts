import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFakeClock, settle } from '../../../test/support/runtime/fake-clock.ts'
import { createKeyedBackoff } from '../backoff.ts'
import { sleep } from '../clock.ts'
import { RecentUse } from './recent-use.ts'
import { createWorkQueue } from './workqueue.ts'

const ownerOf = (key: string) => key.split('/')[0] ?? ''
const keys = (owner: string, count: number) => Array.from({ length: count }, (_, i) => `${owner}/${i}`)

/** Makes queues that share one worker, which has each key for as long as its owner needs. */
function setUp(msOf: Record<string, number>) {
  const clock = createFakeClock()
  const use = new RecentUse()
  const backoff = createKeyedBackoff({ baseMs: 1000, capMs: 8000, random: () => 1 })
  const newQueue = () => createWorkQueue({ clock, backoff, workers: 1, owners: { of: ownerOf, use } })
  /** Works on so many keys, and returns how many there were of each owner. */
  const work = async (queue: ReturnType<typeof newQueue>, count: number) => {
    const done: Record<string, number> = {}
    for (let turn = 0; turn < count; turn++) {
      const key = (await queue.next()) ?? ''
      const owner = ownerOf(key)
      done[owner] = (done[owner] ?? 0) + 1
      await clock.advance(msOf[owner] ?? 0)
      queue.done(key)
      await settle()
    }
    return done
  }
  return { newQueue, work }
}

test('an owner whose keys take four times as long gets a turn for four of the other', async () => {
  const { newQueue, work } = setUp({ slow: 400, quick: 100 })
  const queue = newQueue()
  for (const key of [...keys('slow', 100), ...keys('quick', 100)]) queue.add(key, 'urgent')
  assert.deepEqual(await work(queue, 50), { slow: 10, quick: 40 })
})

test('an owner that comes later goes first, until it used as much as those that were there', async () => {
  const { newQueue, work } = setUp({ first: 100, later: 100 })
  const queue = newQueue()
  for (const key of keys('first', 100)) queue.add(key, 'urgent')
  await work(queue, 20)
  for (const key of keys('later', 100)) queue.add(key, 'urgent')
  const { later = 0 } = await work(queue, 20)
  assert.ok(later >= 19, `${later} of 20`)
  const { first = 0 } = await work(queue, 40)
  assert.ok(first >= 19 && first <= 21, `${first} of 40`)
})

test('what an owner used by one queue counts in another', async () => {
  const { newQueue, work } = setUp({ busy: 100, idle: 100 })
  const [connectors, stores] = [newQueue(), newQueue()]
  for (const key of keys('busy', 30)) connectors.add(key, 'urgent')
  await work(connectors, 30)
  for (const key of [...keys('busy', 30), ...keys('idle', 30)]) stores.add(key, 'urgent')
  const { idle = 0 } = await work(stores, 25)
  assert.ok(idle >= 24, `${idle} of 25`)
})

test('a key that hangs counts as no more than a second', async () => {
  const { newQueue, work } = setUp({ hangs: 60_000, quick: 100 })
  const queue = newQueue()
  queue.add('hangs/0', 'urgent')
  await work(queue, 1)
  for (const key of [...keys('hangs', 2), ...keys('quick', 100)]) queue.add(key, 'urgent')
  const { hangs = 0 } = await work(queue, 15)
  assert.equal(hangs, 1)
})

test('an owner whose keys take a tenth of the time gets ten turns for one of the other, however short they are', async () => {
  const { newQueue, work } = setUp({ costly: 50, quick: 5 })
  const queue = newQueue()
  for (const key of [...keys('costly', 100), ...keys('quick', 500)]) queue.add(key, 'urgent')
  const { costly = 0 } = await work(queue, 220)
  assert.ok(costly >= 18 && costly <= 22, `${costly} of 220`)
})

for (const lane of ['urgent', 'routine'] as const) {
  test(`owners that wait for places of a full group have as many, however long each key takes: ${lane}`, async () => {
    const clock = createFakeClock()
    const backoff = createKeyedBackoff({ baseMs: 1000, capMs: 8000, random: () => 1 })
    const limits = [{ max: 5, groupOf: () => 'endpoint' }]
    const owners = { of: ownerOf, use: new RecentUse() }
    const queue = createWorkQueue({ clock, backoff, workers: 20, limits, owners })
    const msOf: Record<string, number> = { hangs: 60_000, slow: 1_000, quick: 100 }
    const done: string[] = []
    const worker = async () => {
      for (let key = await queue.next(); key !== undefined; key = await queue.next()) {
        await sleep(clock, msOf[ownerOf(key)] ?? 0, new AbortController().signal)
        done.push(key)
        queue.done(key)
      }
    }
    for (let count = 0; count < 20; count++) void worker()
    for (const key of [...keys('slow', 100), ...keys('hangs', 1), ...keys('quick', 100)]) queue.add(key, lane)
    await clock.advance(9_000)
    const { quick = [], slow = [] } = Object.groupBy(done, ownerOf)
    assert.equal(quick.length, 100)
    assert.ok(slow.length >= 10, `${slow.length} of the slow ones`)
    queue.shutdown()
  })
}
