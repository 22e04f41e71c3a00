import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client, Token } from './client.ts'
import { TokenCache } from './token-cache.ts'

const START = Date.parse('2030-01-01T00:00:00Z')
const signal = new AbortController().signal

/** Makes a cache over a client that gives out `token-1`, `token-2`, ... with the given lifetime. */
function setup({ lifetimeSeconds = 3600, maxTokens = 100 } = {}) {
  const clock = { now: () => START, monotonic: () => 0 }
  const requests: { who: string; audiences: string[]; seconds: number; answer: PromiseWithResolvers<Token> }[] = []
  const client: Pick<Client, 'createToken'> = {
    createToken(namespace, serviceAccount, { audiences, expirationSeconds: seconds }) {
      const answer = Promise.withResolvers<Token>()
      requests.push({ who: `${namespace}/${serviceAccount}`, audiences, seconds, answer })
      return answer.promise
    },
  }
  return {
    requests,
    cache: new TokenCache({ client, clock, maxTokens }),
    answer(index: number) {
      const expiresAt = new Date(clock.now() + lifetimeSeconds * 1000)
      requests[index]?.answer.resolve({ token: `token-${index + 1}`, expiresAt })
    },
    setSeconds(seconds: number) {
      clock.now = () => START + seconds * 1000
      clock.monotonic = () => seconds * 1000
    },
    setBack(seconds: number) {
      const wall = clock.now()
      clock.now = () => wall - seconds * 1000
    },
  }
}

describe('TokenCache', () => {
  const freshness = [
    { name: 'an hour, before 80%', lifetimeSeconds: 3600, after: 2879, requests: 1 },
    { name: 'an hour, at 80%', lifetimeSeconds: 3600, after: 2880, requests: 2 },
    { name: 'ten minutes, at 80%', lifetimeSeconds: 600, after: 480, requests: 2 },
    { name: 'four minutes, before the last minute', lifetimeSeconds: 240, after: 179, requests: 1 },
    { name: 'four minutes, in the last minute', lifetimeSeconds: 240, after: 180, requests: 2 },
    { name: 'expired', lifetimeSeconds: 600, after: 10_000, requests: 2 },
    { name: 'less than a minute from the start', lifetimeSeconds: 30, after: 0, requests: 2 },
  ]
  for (const { name, lifetimeSeconds, after, requests } of freshness) {
    it(`asks again when due: ${name}`, async () => {
      const test = setup({ lifetimeSeconds })
      const first = test.cache.get('ml', 'pipeline', 'sts', signal)
      test.answer(0)
      assert.equal((await first).token, 'token-1')
      test.setSeconds(after)
      const second = test.cache.get('ml', 'pipeline', 'sts', signal)
      test.answer(1)
      assert.equal((await second).token, `token-${requests}`)
      assert.equal(test.requests.length, requests)
    })
  }

  it('asks for an hour and for one audience', () => {
    const { cache, requests } = setup()
    void cache.get('ml', 'pipeline', 'sts', signal)
    assert.deepEqual(
      requests.map(({ answer: _, ...request }) => request),
      [{ who: 'ml/pipeline', audiences: ['sts'], seconds: 3600 }],
    )
  })

  it('asks once for callers at the same time, and apart for each identity', () => {
    const { cache, requests } = setup()
    for (const _ of [1, 2, 3]) void cache.get('ml', 'pipeline', 'sts', signal)
    void cache.get('ml', 'pipeline', 'azure', signal)
    void cache.get('ml', 'other', 'sts', signal)
    void cache.get('other', 'pipeline', 'sts', signal)
    assert.equal(requests.length, 4)
  })

  it('goes on for others when one caller gives up', async () => {
    const { cache, requests, answer } = setup()
    const controller = new AbortController()
    const impatient = cache.get('ml', 'pipeline', 'sts', controller.signal)
    const patient = cache.get('ml', 'pipeline', 'sts', signal)
    const reason = new Error('gave up')
    controller.abort(reason)
    await assert.rejects(impatient, reason)
    answer(0)
    assert.equal((await patient).token, 'token-1')
    await assert.rejects(cache.get('ml', 'pipeline', 'sts', controller.signal), reason)
    assert.equal(requests.length, 1)
  })

  it('does not keep a failure', async () => {
    const { cache, requests, answer } = setup()
    const failed = [cache.get('ml', 'pipeline', 'sts', signal), cache.get('ml', 'pipeline', 'sts', signal)]
    requests[0]?.answer.reject(new Error('no such account'))
    for (const promise of failed) await assert.rejects(promise, /no such account/)
    const retry = cache.get('ml', 'pipeline', 'sts', signal)
    answer(1)
    assert.equal((await retry).token, 'token-2')
  })

  it('forgets all tokens of an account, also one that is on its way', async () => {
    const { cache, requests, answer } = setup()
    const kept = cache.get('ml', 'other', 'sts', signal)
    const onItsWay = cache.get('ml', 'pipeline', 'sts', signal)
    cache.forget('ml', 'pipeline')
    const next = cache.get('ml', 'pipeline', 'sts', signal)
    for (const index of [0, 1, 2]) answer(index)
    assert.deepEqual(
      (await Promise.all([kept, onItsWay, next])).map(({ token }) => token),
      ['token-1', 'token-2', 'token-3'],
    )
    assert.equal((await cache.get('ml', 'pipeline', 'sts', signal)).token, 'token-3')
    assert.equal((await cache.get('ml', 'other', 'sts', signal)).token, 'token-1')
    assert.equal(requests.length, 3)
  })

  it('drops a refused token, but not the one that took its place', async () => {
    const { cache, requests, answer } = setup()
    const get = () => cache.get('ml', 'pipeline', 'sts', signal)
    const first = get()
    answer(0)
    const { token } = await first
    cache.refused(token)
    const second = get()
    answer(1)
    assert.equal((await second).token, 'token-2')
    cache.refused(token)
    assert.equal((await get()).token, 'token-2')
    assert.equal(requests.length, 2)
  })

  it('lets the least recently used token go', async () => {
    const { cache, requests, answer } = setup({ maxTokens: 2 })
    const use = async (account: string): Promise<string> => {
      const token = cache.get('ml', account, 'sts', signal)
      answer(requests.length - 1)
      return (await token).token
    }
    assert.equal(await use('a'), 'token-1')
    assert.equal(await use('b'), 'token-2')
    assert.equal(await use('a'), 'token-1')
    assert.equal(await use('c'), 'token-3')
    assert.equal(await use('a'), 'token-1')
    assert.equal(await use('b'), 'token-4')
  })

  it('keeps the tokens of a namespace when another one has many', async () => {
    const { cache, requests, answer } = setup({ maxTokens: 10 })
    const use = async (namespace: string, account: string): Promise<void> => {
      const token = cache.get(namespace, account, 'sts', signal)
      answer(requests.length - 1)
      await token
    }
    await use('ml', 'a')
    for (let n = 0; n < 20; n++) await use('other', `account-${n}`)
    await use('ml', 'a')
    assert.equal(requests.filter(({ who }) => who === 'ml/a').length, 1)
  })
})
