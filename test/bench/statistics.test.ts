import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fittedExponent, mean, quantile } from './statistics.ts'

test('a quantile is the value that this share of all is not above', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  assert.deepEqual(
    [0, 0.5, 0.99, 1].map(share => quantile(values, share)),
    [1, 50, 99, 100],
  )
  assert.equal(quantile([7], 0.99), 7)
  assert.ok(Number.isNaN(quantile([], 0.5)))
})

test('a mean is the sum of all by their number', () => {
  assert.equal(mean([1, 2, 6]), 3)
})

test('the exponent of a cost that grows with the number is 1, and of one that grows with its square 2', () => {
  const at = (cost: (x: number) => number) => [1_000, 3_000, 10_000].map(x => ({ x, y: cost(x) }))
  const rounded = (cost: (x: number) => number) => fittedExponent(at(cost)).toFixed(2)
  assert.deepEqual(
    [rounded(x => 0.01 * x), rounded(x => 3 * x ** 2), rounded(x => 1 + 0.01 * x)],
    ['1.00', '2.00', '0.96'],
  )
})
