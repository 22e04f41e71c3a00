import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBackoff, createKeyedBackoff, jittered, jitterFor } from './backoff.ts'

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))

for (const { name, random, want } of [
  { name: 'least jitter', random: 0, want: [500, 1000, 2000, 4000, 5000, 5000] },
  { name: 'most jitter', random: 1, want: [1000, 2000, 4000, 8000, 10_000, 10_000] },
]) {
  test(`backoff doubles up to its cap: ${name}`, () => {
    const backoff = createBackoff({ baseMs: 1000, capMs: 10_000, random: () => random })
    assert.deepEqual(
      times(6, () => backoff.next()),
      want,
    )
  })
}

test('backoff: whatever the dice, no delay is shorter than the one before it while it grows', () => {
  const dice = [0.99, 0, 0.99, 0, 0.5, 0]
  const backoff = createBackoff({ baseMs: 1000, capMs: 60_000, random: () => dice.shift() ?? 0 })
  const delays = times(6, () => backoff.next())
  assert.deepEqual(
    delays,
    delays.toSorted((a, b) => a - b),
  )
})

test('backoff starts again after reset, and stays at its cap for ever', () => {
  const backoff = createBackoff({ baseMs: 1000, capMs: 300_000, random: () => 0 })
  times(5000, () => backoff.next())
  assert.equal(backoff.next(), 150_000)
  backoff.reset()
  assert.equal(backoff.next(), 500)
})

test('keyed backoff: keys do not know of each other', () => {
  const backoff = createKeyedBackoff({ baseMs: 1000, capMs: 10_000, random: () => 0 })
  assert.deepEqual([backoff.next('a'), backoff.next('a'), backoff.next('b'), backoff.next('a')], [500, 1000, 500, 2000])
  backoff.forget('a')
  assert.deepEqual([backoff.next('a'), backoff.next('b')], [500, 1000])
})

for (const { random, want } of [
  { random: 0, want: 900 },
  { random: 0.5, want: 1000 },
  { random: 1, want: 1100 },
]) {
  test(`jittered(1000, 0.1) with ${random} is ${want}`, () => {
    assert.equal(Math.round(jittered(1000, 0.1, () => random)), want)
  })
}

test('jitterFor: the same key gets the same instant, many keys spread over the whole range', () => {
  assert.equal(jitterFor('ns/a', 1000, 0.1), jitterFor('ns/a', 1000, 0.1))
  const spread = times(1000, index => jitterFor(`ns/widget-${index}`, 1000, 0.1))
  assert.ok(spread.every(ms => ms >= 900 && ms <= 1100))
  const tenths = new Set(spread.map(ms => Math.floor((ms - 900) / 20)))
  assert.equal(tenths.size, 10, 'every tenth of the range is used')
})
