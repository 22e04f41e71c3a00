import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { durationMs, microTime, rfc3339 } from './time.ts'

suite('durationMs', () => {
  for (const [text, ms] of [
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['90s', 90_000],
    ['1h0m5s', 3_605_000],
    ['', Number.NaN],
    ['15', Number.NaN],
    ['1.5h', Number.NaN],
    ['-15m', Number.NaN],
    ['15m ', Number.NaN],
    ['1d', Number.NaN],
  ] as const) {
    test(`reads ${JSON.stringify(text)} as ${ms} ms`, () => assert.equal(durationMs(text), ms))
  }
})

test('rfc3339 has whole seconds, as in the rest of Kubernetes', () => {
  assert.equal(rfc3339(new Date('2026-01-31T08:00:00.999Z')), '2026-01-31T08:00:00Z')
})

test('microTime has six fractional digits', () => {
  assert.equal(microTime(Date.UTC(2030, 0, 2, 3, 4, 5, 6)), '2030-01-02T03:04:05.006000Z')
})
