import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { capacity, cpuShares, createAllSeconds, holds, LOOKS, simulate, sizeFor, usefulConcurrency } from './sizing.ts'

const SITE = { stores: 1_000, concurrency: 16, callMs: 30, intervalMinutes: 10, sessionMinutes: 60 }
const { create, verify } = LOOKS
const jobs = (count: number, isNew: boolean) =>
  Array.from({ length: count }, () => ({ at: 0, look: isNew ? create : verify, isNew }))

describe('the simulated queue', () => {
  test('is as fast as the calls of one look when there is one', () => {
    const { newMs, endMs } = simulate(jobs(1, true), { concurrency: 16, callMs: 100 })
    const alone = create.cpuMs + create.calls * 100 + create.writes * 5
    assert.deepEqual([newMs, endMs], [[alone], alone])
  })

  test('is bound by the places when calls are slow', () => {
    const { endMs } = simulate(jobs(160, true), { concurrency: 16, callMs: 1_000 })
    assert.ok(Math.abs(endMs / (10 * create.calls * 1_000) - 1) < 0.05, `${endMs} ms are ten rounds of calls`)
  })

  test('is bound by the one thread when calls are fast', () => {
    const { endMs } = simulate(jobs(1_000, true), { concurrency: 256, callMs: 1 })
    assert.ok(Math.abs(endMs / (1_000 * create.cpuMs) - 1) < 0.05, `${endMs} ms are the CPU of all`)
  })

  test('lets a new store overtake routine looks, which never have the last place', () => {
    const { newMs, latestMs } = simulate([...jobs(1_000, false), ...jobs(1, true)], { concurrency: 2, callMs: 1 })
    assert.ok((newMs[0] ?? Number.POSITIVE_INFINITY) < 100, `${newMs} ms`)
    assert.ok(latestMs > 5_000, 'routine looks wait for each other')
  })
})

describe('sizing', () => {
  test('takes CPU for each store, and more of it in a refresh wave', () => {
    const one = cpuShares(SITE)
    const ten = cpuShares({ ...SITE, stores: 10_000 })
    assert.equal((ten.mean / one.mean).toFixed(6), '10.000000')
    assert.ok(one.wave > one.mean)
  })

  test('finds the default flags good enough for few stores, wherever the service is', () => {
    for (const callMs of [2, 30, 150]) {
      assert.deepEqual(sizeFor(100, callMs), {
        stores: 100,
        callMs,
        concurrency: 16,
        intervalMinutes: 10,
        sessionMinutes: 60,
      })
    }
  })

  test('raises the concurrency where calls are slow, before it asks for other settings', () => {
    const site = sizeFor(10_000, 150)
    assert.ok(site && site.concurrency > 16, JSON.stringify(site))
    assert.equal(site.intervalMinutes, 10)
    assert.ok(!holds({ ...site, concurrency: 16 }))
  })

  test('asks for other settings where there is no CPU for these, and gives up where nothing helps', () => {
    const site = sizeFor(100_000, 30)
    assert.ok(site && site.intervalMinutes > 10, JSON.stringify(site))
    assert.equal(sizeFor(3_000_000, 30), undefined)
  })

  test('says of no more stores than the capacity that a replica holds them', () => {
    const settings = { intervalMinutes: 10, sessionMinutes: 60 }
    const most = capacity(30, settings, [16])
    const at = (stores: number) => holds({ ...SITE, ...settings, stores })
    assert.deepEqual([at(most * 0.95), at(most * 1.1)], [true, false])
  })

  test('names the concurrency above which stores that are created at once are not Ready sooner', () => {
    const useful = usefulConcurrency(150)
    const seconds = (concurrency: number) => createAllSeconds({ ...SITE, callMs: 150, concurrency })
    assert.ok(seconds(useful / 2) > 1.5 * seconds(useful))
    assert.ok(seconds(useful * 4) > 0.9 * seconds(useful))
  })
})
