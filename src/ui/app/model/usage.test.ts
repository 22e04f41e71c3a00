import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, msAt } from '../../../../test/support/ui-items.ts'
import { lineOf, withUsage } from './usage.ts'

const usage = (minute: number, bytes: number) => ({
  ...{ objects: bytes / 10, bytes, scope: 'Prefix' as const, measuredAt: at(minute) },
})

describe('usage while the page is open', () => {
  const one = withUsage([], usage(0, 100))
  test('begins with the first measurement', () => assert.deepEqual(one, [{ at: msAt(0), objects: 10, bytes: 100 }]))
  test('grows by each new one', () => assert.equal(withUsage(one, usage(5, 50)).length, 2))
  for (const [name, next] of [
    ['does not grow by the same one', usage(0, 100)],
    ['does not grow by an older one', usage(-5, 100)],
    ['does not grow by none', undefined],
    ['does not grow by one without a time', { ...usage(0, 1), measuredAt: 'soon' }],
  ] as const) {
    test(name, () => assert.equal(withUsage(one, next), one))
  }
  test('has an end', () => {
    let samples = one
    for (let minute = 1; minute < 700; minute++) samples = withUsage(samples, usage(minute, minute))
    assert.equal(samples.length, 500)
    assert.equal(samples.at(-1)?.bytes, 699)
  })
})

describe('its line', () => {
  for (const [name, points, want] of [
    ['is empty without a measurement', [], ''],
    ['is level with one', [[0, 10]], '0,0 100,0'],
    [
      'goes from the first to the last',
      [
        [0, 0],
        [5, 50],
        [10, 100],
      ],
      '0,20 50,10 100,0',
    ],
    [
      'lies on the ground for an empty store',
      [
        [0, 0],
        [10, 0],
      ],
      '0,20 100,20',
    ],
  ] as [string, [number, number][], string][]) {
    test(name, () => {
      const samples = points.map(([minute, bytes]) => ({ at: msAt(minute), objects: 0, bytes }))
      assert.equal(lineOf(samples, 100, 20), want)
    })
  }
})
