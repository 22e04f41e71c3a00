import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, msAt, secretItem } from '../../../../test/support/ui-items.ts'
import { lifeOf } from './life.ts'

describe('the life of credentials', () => {
  for (const [name, rest, minute, want] of [
    ['just issued', {}, 0, ['fresh', 0, 0.5, 'ends in 1h, is replaced in 30m']],
    ['before they are due', {}, 15, ['fresh', 0.25, 0.5, 'ends in 45m, is replaced in 15m']],
    ['due this moment', {}, 30.5, ['due', 30.5 / 60, 0.5, 'ends in 29m, is being replaced']],
    ['late', {}, 45, ['late', 0.75, 0.5, 'ends in 15m, was to be replaced 15m ago']],
    ['ended', {}, 65, ['ended', 1, 0.5, 'ended 5m ago, was to be replaced 35m ago']],
    ['of a clock that is behind', {}, -5, ['fresh', 0, 0.5, 'ends in 1h5m, is replaced in 35m']],
    ['without a refresh', { refreshAt: undefined }, 30, ['fresh', 0.5, undefined, 'ends in 30m']],
    [
      'that do not end',
      { refreshAt: undefined, expiresAt: undefined },
      30,
      ['endless', undefined, undefined, 'does not end'],
    ],
    [
      'of a Secret that may not be read',
      { issuedAt: undefined, refreshAt: undefined },
      30,
      ['unknown', undefined, undefined, 'ends in 30m'],
    ],
    [
      'of such a Secret that ended',
      { issuedAt: undefined, refreshAt: undefined },
      61,
      ['ended', undefined, undefined, 'ended 1m ago'],
    ],
    [
      'without any time',
      { issuedAt: undefined, refreshAt: undefined, expiresAt: undefined },
      0,
      ['unknown', undefined, undefined, 'when it ends is not known'],
    ],
    ['that end before they were issued', { expiresAt: at(-5) }, 0, ['ended', undefined, undefined, 'ended 5m ago']],
    ['with a time that is none', { expiresAt: 'soon' }, 0, ['endless', undefined, undefined, 'does not end']],
  ] as [string, object, number, unknown[]][]) {
    test(name, () => {
      const { stage, spent, due, words } = lifeOf(secretItem('s', rest), msAt(minute))
      assert.deepEqual([stage, spent, due, words], want)
    })
  }
})
