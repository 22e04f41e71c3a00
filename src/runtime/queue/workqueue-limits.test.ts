import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createFakeClock, settle } from '../../../test/support/runtime/fake-clock.ts'
import { createKeyedBackoff } from '../backoff.ts'
import type { Limit } from './occupancy.ts'
import { RecentUse } from './recent-use.ts'
import { createWorkQueue, type Lane, type WorkQueueOptions } from './workqueue.ts'

/** Group of a key, which is named after it: `a/1`. */
const groupOf = (key: string) => key.split('/')[0]

/** Makes a queue with all of its workers: each takes a key as soon as it may, and keeps it until `finish`. */
function setUp(workers: number, limits: Limit[], more: Pick<WorkQueueOptions, 'busy' | 'owners'> = {}) {
  const clock = createFakeClock()
  const backoff = createKeyedBackoff({ baseMs: 1000, capMs: 8000, random: () => 1 })
  const queue = createWorkQueue({ clock, backoff, workers, limits, ...more })
  /** Keys that have a worker, in the order in which they were taken. */
  const held: string[] = []
  const take = () => void queue.next().then(key => key !== undefined && held.push(key))
  for (let worker = 0; worker < workers; worker++) take()
  const add = async (lane: Lane, ...keys: string[]) => {
    for (const key of keys) queue.add(key, lane)
    await settle()
  }
  const finish = async (key: string) => {
    held.splice(held.indexOf(key), 1)
    queue.done(key)
    take()
    await settle()
  }
  return { clock, queue, held, add, finish }
}

const keys = (group: string, count: number) => Array.from({ length: count }, (_, i) => `${group}/${i}`)

describe('a group with more work than places', () => {
  test('gets no more workers than its limit', async () => {
    const { held, add, finish } = setUp(6, [{ max: 2, groupOf }])
    await add('urgent', ...keys('sick', 5))
    assert.deepEqual(held, ['sick/0', 'sick/1'])
    await add('urgent', ...keys('well', 3))
    assert.deepEqual(held, ['sick/0', 'sick/1', 'well/0', 'well/1'])
    await finish('well/0')
    await finish('sick/1')
    assert.deepEqual(held, ['sick/0', 'well/1', 'well/2', 'sick/2'])
  })

  test('keeps a place for urgent work, which goes before its routine work', async () => {
    const { held, add, finish } = setUp(8, [{ max: 3, groupOf }])
    await add('routine', ...keys('a', 4))
    assert.deepEqual(held, ['a/0', 'a/1'])
    await add('urgent', 'a/new', 'a/newer')
    assert.deepEqual(held, ['a/0', 'a/1', 'a/new'])
    await finish('a/0')
    assert.deepEqual(held, ['a/1', 'a/new', 'a/newer'])
    await finish('a/newer')
    assert.deepEqual(held, ['a/1', 'a/new', 'a/2'])
  })

  test('of many groups the routine work leaves a worker to urgent work', async () => {
    const { held, add } = setUp(4, [{ max: 2, groupOf }])
    await add('routine', ...'abcdef'.split('').map(group => `${group}/1`))
    assert.deepEqual(held, ['a/1', 'b/1', 'c/1'])
    await add('urgent', 'z/1')
    assert.deepEqual(held, ['a/1', 'b/1', 'c/1', 'z/1'])
  })

  test('does not keep routine work of others waiting with urgent work that may not run', async () => {
    const { held, add } = setUp(4, [{ max: 1, groupOf }])
    await add('urgent', ...keys('sick', 50))
    await add('routine', 'well/1')
    assert.deepEqual(held, ['sick/0', 'well/1'])
  })
})

test('each limit counts its own groups, also if groups of two limits have the same name', async () => {
  const limits = [
    { max: 1, groupOf },
    { max: 2, groupOf: (key: string) => (key.endsWith('!') ? 'a' : undefined) },
  ]
  const { held, add } = setUp(8, limits)
  await add('urgent', 'a/1', 'b/1!', 'c/1!', 'd/1!')
  assert.deepEqual(held, ['a/1', 'b/1!', 'c/1!'])
})

test('a key whose group changes counts for the new one when its turn comes', async () => {
  let group = 'old'
  const { held, add, finish } = setUp(4, [{ max: 1, groupOf: () => group }])
  await add('urgent', 'a', 'b')
  group = 'new'
  await add('urgent', 'c')
  assert.deepEqual(held, ['a', 'c'], 'b waits for a place in the old group')
  await add('urgent', 'a')
  await finish('a')
  assert.deepEqual(held, ['c'], 'its turn came, and the new group is full')
  await finish('c')
  assert.deepEqual(held, ['a'], 'it was added again, to the new group')
  await finish('a')
  assert.deepEqual(held, ['b'])
})

for (const lane of ['urgent', 'routine'] as const) {
  test(`a key that is added again with another group waits for the earlier one no more: ${lane}`, async () => {
    const moved = new Set<string>()
    const limits = [{ max: 1, groupOf: (key: string) => (moved.has(key) ? 'well' : groupOf(key)) }]
    const { held, add, finish } = setUp(6, limits)
    await add(lane, ...keys('sick', 20))
    moved.add('sick/19')
    await add(lane, 'sick/19')
    assert.deepEqual(held, ['sick/0', 'sick/19'])
    await finish('sick/0')
    assert.deepEqual(held, ['sick/19', 'sick/1'])
  })
}

test('a key that learns its group while it waits takes no place beside the limit', async () => {
  const known = new Set<string>()
  const limits = [{ max: 1, groupOf: (key: string) => (known.has(key) ? 'slow' : undefined) }]
  const { held, add, finish } = setUp(1, limits)
  await add('urgent', 'first', 'a', 'b', 'other')
  for (const key of ['a', 'b']) known.add(key)
  await finish('first')
  assert.deepEqual(held, ['a'])
  await finish('a')
  assert.deepEqual(held, ['other'], 'which does not wait for others of a group')
  await finish('other')
  assert.deepEqual(held, ['b'])
})

describe('while the process is busy', () => {
  const limits = [{ max: 8, groupOf }]
  const busy = { workers: 8, isBusy: () => true }
  const isRoutine = (key: string) => key.startsWith('asked')

  test('only a few workers take keys, and groups take turns at them', async () => {
    const { held, add, finish } = setUp(40, limits, { busy })
    await add('urgent', ...keys('first', 20), ...keys('other', 20))
    assert.deepEqual(held, keys('first', 8))
    for (const key of keys('first', 8)) await finish(key)
    assert.deepEqual(held.map(groupOf).sort(), [...Array(4).fill('first'), ...Array(4).fill('other')])
  })

  test('what somebody asked for in numbers gets one turn in eight while new work waits', async () => {
    const { held, add, finish } = setUp(40, limits, { busy })
    await add('routine', ...keys('asked', 40))
    assert.equal(held.length, 2, 'a quarter of the workers')
    await add('urgent', ...keys('new', 40))
    const taken = [...held]
    for (let turn = 0; turn < 24; turn++) {
      const [oldest = ''] = held
      await finish(oldest)
      taken.push(...held.slice(7))
    }
    assert.equal(taken.slice(8).filter(isRoutine).length, 3)
  })

  test('a worker that waits for an answer keeps no other from a key', async () => {
    const { clock, held, add } = setUp(40, limits, { busy })
    await add('urgent', ...keys('hangs', 8), ...keys('well', 8))
    await clock.advance(1_000)
    await settle()
    assert.deepEqual(held.map(groupOf), [...Array(8).fill('hangs'), ...Array(8).fill('well')])
  })

  test('routine work that hangs keeps no other routine work from a key', async () => {
    const { clock, held, add } = setUp(40, limits, { busy })
    await add('routine', ...keys('hangs', 8), ...keys('well', 2))
    for (let second = 0; second < 3; second++) {
      await clock.advance(1_000)
      await settle()
    }
    assert.deepEqual(
      held.filter(key => groupOf(key) === 'well'),
      ['well/0', 'well/1'],
    )
  })

  test('what had to wait goes on when that has ended', async () => {
    let isBusy = true
    const { queue, held, add } = setUp(40, limits, { busy: { workers: 8, isBusy: () => isBusy } })
    await add('urgent', ...keys('first', 8), ...keys('other', 8))
    assert.equal(held.length, 8)
    isBusy = false
    queue.reconsider()
    await settle()
    assert.equal(held.length, 16)
  })
})

test('whatever happens, no limit is exceeded, and no worker idles while a key may run', async () => {
  // The generator of Numerical Recipes makes each run the same.
  let seed = 7
  const random = (below: number) => {
    seed = (seed * 1664525 + 1013904223) % 2 ** 32
    return Math.floor((seed / 2 ** 32) * below)
  }
  const limits = [
    { max: 3, groupOf: (key: string) => `t${Number(key) % 5}` },
    { max: 2, groupOf: (key: string) => `e${Number(key) % 7}` },
  ]
  const owners = { of: (key: string) => `${Number(key) % 4}`, use: new RecentUse() }
  const { clock, queue, held, add, finish } = setUp(6, limits, { owners })
  const lanes = new Map<string, Lane>()
  const waiting = new Map<string, Lane>()
  const again = new Map<string, Lane>()
  const note = (map: Map<string, Lane>, key: string, lane: Lane) => {
    if (map.get(key) !== 'urgent') map.set(key, lane)
  }
  const routine = (of: string[]) => of.filter(key => lanes.get(key) === 'routine').length
  const mayRun = (key: string, lane: Lane) =>
    (lane === 'urgent' || routine(held) < 5) &&
    limits.every(({ max, groupOf }) => {
      const fellows = held.filter(other => groupOf(other) === groupOf(key))
      return fellows.length < max && (lane === 'urgent' || routine(fellows) < max - 1)
    })

  for (let step = 0; step < 3000; step++) {
    if (random(10) === 0) await clock.advance(random(60_000))
    const key = `${random(40)}`
    const finished = held[random(held.length)]
    if (random(2) === 0) {
      const lane = random(3) === 0 ? 'urgent' : 'routine'
      note(held.includes(key) ? again : waiting, key, lane)
      await add(lane, key)
    } else if (finished !== undefined) {
      const lane = again.get(finished)
      if (lane) note(waiting, finished, lane)
      again.delete(finished)
      await finish(finished)
    }
    for (const taken of held) {
      const lane = waiting.get(taken)
      if (lane) lanes.set(taken, lane)
      waiting.delete(taken)
    }
    for (const { max, groupOf } of limits) {
      for (const taken of held) assert.ok(held.filter(other => groupOf(other) === groupOf(taken)).length <= max)
    }
    if (held.length === 6) continue
    const kept = [...waiting].find(([idle, lane]) => mayRun(idle, lane))
    assert.equal(kept, undefined, `step ${step}: a worker idles`)
  }
  queue.shutdown()
})
