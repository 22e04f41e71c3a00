import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, msAt, secretItem, storeItem } from '../../../../test/support/ui-items.ts'
import { credentialsOf, gapsOf, HORIZONS, horizonFor, SLOTS, slotsOf, spanOf, ticksOf, wavesOf } from './timeline.ts'

const HOUR = 3_600_000
const now = msAt(0)
const life = (name: string, due: number, end = due + 30) =>
  secretItem(name, { issuedAt: at(due - 30), refreshAt: at(due), expiresAt: at(end) })
const of = (...secrets: ReturnType<typeof secretItem>[]) => credentialsOf([storeItem('models', { secrets })])

test('credentials are in the order in which they need somebody', () => {
  const endless = secretItem('never', { refreshAt: undefined, expiresAt: undefined } as object)
  const found = of(endless, life('later', 50), life('soon', 10), life('late', -20))
  assert.deepEqual(
    found.map(({ secret }) => secret.name),
    ['late', 'soon', 'later', 'never'],
  )
})

describe('the horizon', () => {
  for (const [name, minutes, want] of [
    ['is an hour for short lives', [10, 20], HOUR],
    ['is as far as the last refresh', [10, 200], 6 * HOUR],
    ['is a day for lives of half a day', [700], 24 * HOUR],
    ['is at most a week', [100_000], 168 * HOUR],
    ['is an hour for nothing', [], HOUR],
  ] as [string, number[], number][]) {
    test(name, () => assert.equal(horizonFor(of(...minutes.map((due, n) => life(`s${n}`, due))), now), want))
  }
})

test('each refresh is in the slot of its time, and an end only where no refresh comes before', () => {
  const span = spanOf(now, HOUR)
  const unplanned = secretItem('alone', { refreshAt: undefined, expiresAt: at(20) } as object)
  const slots = slotsOf(of(life('a', 10), life('b', 10), unplanned, life('far', 600)), span)
  assert.equal(slots.length, SLOTS)
  const filled = slots.filter(({ refreshes, ends }) => refreshes + ends > 0)
  assert.deepEqual(
    filled.map(({ refreshes, ends }) => [refreshes, ends]),
    [
      [2, 0],
      [0, 1],
    ],
  )
  for (const [slot, minute] of [
    [filled[0], 10],
    [filled[1], 20],
  ] as const)
    assert.ok(slot && slot.from <= msAt(minute) && msAt(minute) < slot.to)
  assert.equal(span.from, now - HOUR / 12)
})

describe('a wave', () => {
  const slots = (...refreshes: number[]) =>
    refreshes.map((count, n) => ({ from: n, to: n + 1, refreshes: count, ends: 0 }))
  for (const [name, counts, want] of [
    ['is no calm', [10, 11, 10, 12, 10], []],
    ['is far more than the mean', [0, 2, 300, 1, 0, 1, 0, 2, 1], [[2, 3, 300]]],
    ['is one over slots beside each other', [0, 200, 150, 0, 0, 0, 0, 0, 0, 0, 0, 0], [[1, 3, 350]]],
    [
      'may come twice',
      [200, 0, 0, 0, 0, 200, 0, 0, 0, 0, 0, 0],
      [
        [0, 1, 200],
        [5, 6, 200],
      ],
    ],
    ['is not made of a few', [0, 0, 19, 0, 0, 0, 0], []],
    ['is not made of nothing', [0, 0, 0], []],
  ] as [string, number[], number[][]][]) {
    test(name, () =>
      assert.deepEqual(
        wavesOf(slots(...counts)).map(({ from, to, refreshes }) => [from, to, refreshes]),
        want,
      ),
    )
  }

  test('tells its part of all', () => assert.equal(wavesOf(slots(0, 0, 0, 0, 75, 0, 25, 0, 0, 0))[0]?.share, 0.75))
})

test('gaps are credentials that ended, are late, or end without a refresh; the worst come first', () => {
  const unplanned = secretItem('unplanned', { refreshAt: undefined } as object)
  const endless = secretItem('endless', { refreshAt: undefined, expiresAt: undefined } as object)
  const unseen = secretItem('unseen', { refreshAt: undefined, issuedAt: undefined } as object)
  const found = gapsOf(of(life('late', -5), unplanned, life('fresh', 10), endless, unseen, life('ended', -40)), now)
  assert.deepEqual(
    found.map(({ kind, credential }) => `${credential.secret.name} ${kind}`),
    ['ended ended', 'late late', 'unplanned unplanned'],
  )
})

for (const { title, ms } of HORIZONS) {
  test(`the axis of ${title} has a few ticks, at whole minutes`, () => {
    const ticks = ticksOf(spanOf(now + 12_345, ms))
    assert.ok(ticks.length >= 4 && ticks.length <= 11, `${ticks.length}`)
    assert.ok(ticks.every(tick => tick % 60_000 === 0))
  })
}
