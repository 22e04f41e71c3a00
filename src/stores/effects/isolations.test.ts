import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isFailure, stalled } from '../../api/failures.ts'
import type { Isolation } from '../../providers/isolation.ts'
import { Isolations } from './isolations.ts'

const HOUR = 60 * 60_000
const none = new AbortController().signal
const found = (change: Partial<Isolation> = {}): Isolation => ({
  ...{ kind: 'isolation', result: 'True', holdsFor: 'bucket', identityReaches: {} },
  ...change,
})

function lab(isolations = new Isolations()) {
  const state = { now: 0, asked: 0 }
  const find = (prefix: string, answer: Isolation | ReturnType<typeof stalled>, kind = 'k', bucket = 'data') =>
    isolations.find(
      {
        ...{ key: { owner: 'ml', bucket: kind, prefix: `${kind}/${prefix}` }, identity: 'id', bucket },
        monotonic: () => state.now,
      },
      async () => {
        state.asked++
        return answer
      },
      none,
    )
  return { isolations, state, find }
}

describe('results of trials', () => {
  test('are asked for once for a thousand stores of one bucket', async () => {
    const { state, find } = lab()
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => find(`team-${index}/`, found())))
    assert.equal(state.asked, 1)
  })

  test('count for one prefix only where the identity itself is held to one', async () => {
    const { state, find } = lab()
    const own = found({ holdsFor: 'prefix' })
    for (const prefix of ['a/', 'a/', 'b/']) await find(prefix, own)
    assert.equal(state.asked, 2)
  })

  test('count for another access or identity only when that was tried', async () => {
    const { state, find } = lab()
    for (const kind of ['reads', 'writes', 'reads']) await find('a/', found(), kind)
    assert.equal(state.asked, 2)
  })

  test('are asked for again after a time, the sooner the less they say', async () => {
    const cases: [Isolation['result'], number][] = [
      ['True', 6 * HOUR],
      ['False', HOUR],
      ['Unknown', HOUR / 6],
    ]
    for (const [result, ms] of cases) {
      const { state, find } = lab()
      await find('a/', found({ result }))
      state.now = ms - 1
      await find('a/', found({ result }))
      assert.equal(state.asked, 1, result)
      state.now = ms
      await find('a/', found({ result }))
      assert.equal(state.asked, 2, result)
    }
  })

  test('of one store do not fail another: each asks for itself', async () => {
    const { state, find } = lab()
    const refused = stalled('IssuedCredentialsRefused', 'm')
    const all = await Promise.all([find('a/', refused), find('b/', refused)])
    assert.ok(all.every(isFailure))
    assert.equal(state.asked, 2)
  })

  test('tell stores nothing of what the identity reaches, and the connector all of it', async () => {
    const { isolations, state, find } = lab()
    const told = await find('a/', found({ identityReaches: { bucket: 'data', elsewhere: 'hidden' } }))
    assert.deepEqual(told, { result: 'True' })
    const { whole, elsewhere } = isolations.reachOf('id', state.now) ?? {}
    assert.deepEqual([[...(whole ?? [])], [...(elsewhere ?? [])]], [['data'], ['hidden']])
    assert.equal(isolations.reachOf('other', state.now), undefined)
  })

  test('of what an identity reaches follow the last trial, and one that failed changes nothing', async () => {
    const { isolations, state, find } = lab()
    await find('a/', found({ identityReaches: { bucket: 'data' } }))
    state.now += 6 * HOUR
    await find('a/', found({ result: 'Unknown' }))
    assert.equal(isolations.reachOf('id', state.now)?.whole.size, 1)
    state.now += 6 * HOUR
    await find('a/', found())
    assert.equal(isolations.reachOf('id', state.now)?.whole.size, 0)
  })

  test('of what an identity reaches are forgotten after a day, as the store of the trial may be gone', async () => {
    const { isolations, state, find } = lab()
    await find('a/', found({ identityReaches: { bucket: 'data' } }))
    state.now += 24 * HOUR - 1
    assert.equal(isolations.reachOf('id', state.now)?.whole.size, 1)
    state.now++
    assert.equal(isolations.reachOf('id', state.now), undefined)
  })

  test('of what an identity reaches have a bound, as an endpoint may have every bucket', async () => {
    const { isolations, state, find } = lab()
    for (let index = 0; index < 1_100; index++) {
      const bucket = `b${index}`
      await find('a/', found({ identityReaches: { bucket } }), bucket, bucket)
    }
    const whole = isolations.reachOf('id', state.now)?.whole
    assert.equal(whole?.size, 1_000)
    assert.ok(whole?.has('b1099') && !whole.has('b0'))
  })

  test('that are not known are due at a random point after a start, not all at once', () => {
    const { isolations } = lab()
    const keys = Array.from({ length: 100 }, (_, index) => ({
      ...{ owner: 'ml', bucket: `k${index}`, prefix: `k${index}/` },
    }))
    const dueAt = (ms: number) => keys.filter(key => isolations.isDue(key, ms)).length
    assert.equal(dueAt(0), 0)
    const early = dueAt(HOUR)
    assert.ok(early < 50, `${early} of 100 are due after an hour`)
    assert.equal(dueAt(6 * HOUR + 1), 100)
  })

  describe('of one namespace displace none of another', () => {
    const keyOf = (owner: string, name: string) => ({ owner, bucket: name, prefix: `${name}/` })
    const find = (isolations: Isolations, owner: string, name: string, identity: string) =>
      isolations.find(
        { key: keyOf(owner, name), identity, bucket: 'b', monotonic: () => 0 },
        async () => found({ identityReaches: { bucket: 'b' } }),
        none,
      )

    test('however often it asks for another look', async () => {
      const isolations = new Isolations()
      await find(isolations, 'ml', 'k', 'id')
      for (let index = 0; index < 10_001; index++) await find(isolations, 'other', `request-${index}`, 'theirs')
      assert.deepEqual(isolations.known(keyOf('ml', 'k'), 0), { result: 'True' })
      assert.equal(isolations.known(keyOf('other', 'request-0'), 0), undefined, 'there is a bound')
    })

    test('however many identities it has', async () => {
      const isolations = new Isolations()
      await find(isolations, 'ml', 'k', 'id')
      for (let index = 0; index < 10_001; index++) await find(isolations, 'other', `key-${index}`, `identity-${index}`)
      assert.equal(isolations.reachOf('id', 0)?.whole.size, 1)
      assert.equal(isolations.reachOf('identity-0', 0), undefined, 'there is a bound')
    })

    test('nor when they are due', () => {
      const isolations = new Isolations()
      const isDue = (owner: string, name: string, at: number) => isolations.isDue(keyOf(owner, name), at)
      isDue('ml', 'k', 0)
      for (let index = 0; index < 10_001; index++) isDue('other', `k${index}`, 0)
      assert.equal(isDue('ml', 'k', 7 * HOUR), true)
      assert.equal(isDue('other', 'k0', 7 * HOUR), false, 'there is a bound')
    })
  })
})
