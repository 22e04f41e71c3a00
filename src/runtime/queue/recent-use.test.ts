import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RecentUse } from './recent-use.ts'

const HALF_LIFE_MS = 30_000
const YEAR_MS = 365 * 86_400_000

describe('of two owners', () => {
  for (const [what, a, b] of [
    ['the one that used more', [[100, 0]], [[99, 0]]],
    ['the one with more uses', [[60, 0], [60, 0]], [[100, 0]]], // biome-ignore format: a row is one case
    ['the one that used as much later', [[100, 1_000]], [[100, 0]]],
    ['the one that used anything', [[1, 0]], []],
    ['the one that used three times as much a half-life before', [[300, 0]], [[100, HALF_LIFE_MS]]],
    ['the one that used half as much and a bit more a half-life later', [[51, HALF_LIFE_MS]], [[100, 0]]],
    ['the one that used more after a year', [[101, YEAR_MS]], [[100, YEAR_MS]]],
  ] as const) {
    test(`${what} is higher`, () => {
      const use = new RecentUse()
      for (const [ms, at] of a) use.add('a', ms, at)
      for (const [ms, at] of b) use.add('b', ms, at)
      assert.ok(use.levelOf('a') > use.levelOf('b'), `${use.levelOf('a')} > ${use.levelOf('b')}`)
    })
  }
})

test('an owner of whose use nothing is left is forgotten', () => {
  const use = new RecentUse()
  for (let owner = 0; owner < 1_000; owner++) use.add(`owner-${owner}`, 1_000, 0)
  assert.equal(use.size, 1_000)
  use.add('late', 1, 11 * HALF_LIFE_MS)
  assert.equal(use.size, 1)
  assert.equal(use.levelOf('owner-1'), Number.NEGATIVE_INFINITY)
})

test('no use changes nothing', () => {
  const use = new RecentUse()
  use.add('a', 0, 0)
  use.add('a', -5, 0)
  assert.equal(use.size, 0)
})

test('what begins counts as much as the last one of its owner took, at most 50 ms, and then what it took', () => {
  const use = new RecentUse()
  const takes = (ms: number) => {
    const begun = use.begin('a', 0)
    use.end('a', { begun, ms }, 0)
    return [begun, Math.round(2 ** use.levelOf('a'))]
  }
  assert.deepEqual(takes(200), [50, 200])
  assert.deepEqual(takes(3), [50, 250])
  assert.deepEqual(takes(3), [3, 253])
  assert.deepEqual(takes(100), [3, 353])
})

test('what takes no time counts as a ms, so that its owner is not the next for ever', () => {
  const use = new RecentUse()
  for (let times = 0; times < 10; times++) use.end('a', { begun: use.begin('a', 0), ms: 0 }, 0)
  assert.equal(Math.round(2 ** use.levelOf('a')), 50 + 9)
})
