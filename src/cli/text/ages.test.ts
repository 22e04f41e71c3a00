import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ageOf, bytesOf, seenFrom } from './ages.ts'

const SECOND = 1000
for (const [ms, text] of [
  [0, '0s'],
  [-5 * SECOND, '0s'],
  [59 * SECOND, '59s'],
  [61 * SECOND, '1m1s'],
  [600 * SECOND, '10m'],
  [3_600 * SECOND, '1h'],
  [5_460 * SECOND, '1h31m'],
  [2 * 86_400 * SECOND + 3 * 3_600 * SECOND, '2d3h'],
  [400 * 86_400 * SECOND, '400d'],
] as const) {
  test(`${ms} ms are ${text}`, () => assert.equal(ageOf(ms), text))
}

test('times are seen from now', () => {
  const now = new Date('2026-03-01T10:00:00Z')
  assert.equal(seenFrom(now, '2026-03-01T10:05:00Z'), 'in 5m')
  assert.equal(seenFrom(now, '2026-03-01T09:00:00Z'), '1h ago')
  assert.equal(seenFrom(now, undefined), '')
  assert.equal(seenFrom(now, 'soon'), '')
})

for (const [bytes, text] of [
  [0, '0\u00a0B'],
  [1023, '1023\u00a0B'],
  [1536, '1.5\u00a0KiB'],
  [20 * 2 ** 20, '20\u00a0MiB'],
  [Number.MAX_SAFE_INTEGER, '8.0\u00a0PiB'],
] as const) {
  test(`${bytes} bytes are ${text}`, () => assert.equal(bytesOf(bytes), text))
}
