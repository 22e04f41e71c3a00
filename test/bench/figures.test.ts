import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comparison, type Figures, meanOf, sideBySide, table } from './figures.ts'

const FIGURES: Figures = {
  ...{ totalSeconds: 16.72, operatorCpu: 12.345, apiServerCpu: 14.01, fixedWork: 140.4, peakMiB: 180 },
  ...{ storeBytes: 7_600, managedFieldsBytes: 3_650 },
}

test('the table has the figures that were measured, with those of CPU beside that of the fixed work', () => {
  const lines = table(FIGURES).split('\n')
  assert.deepEqual(lines.slice(2, 6), [
    '| first apply to last Ready, s | 16.7 | <= 11 |',
    '| CPU of the operator, s | 12.35 (140) | <= 5 |',
    '| CPU of the API server, s | 14.01 (140) | <= 10 |',
    '| CPU of the fixed work, ms | 140 |  |',
  ])
  assert.ok(!table(FIGURES).includes('restart'))
})

test('the comparison with others has a row for each controller that can be pasted', () => {
  const other: Figures = { totalSeconds: 10.1, operatorCpu: 6.6, peakMiB: 506 }
  const rows = comparison([
    ['other', other],
    ['ours at abc', FIGURES],
  ])
  assert.deepEqual(rows.split('\n').slice(2), [
    '| other | 10.1 | 6.60 |  | 506 |  |',
    '| ours at abc | 16.7 | 12.35 (140) | 14.01 (140) | 180 | 7.60 (3.65) |',
  ])
})

test('runs count by the mean of what all of them have', () => {
  assert.deepEqual(meanOf([{ peakMiB: 100, ready: 1 }, { peakMiB: 120 }]), { peakMiB: 110 })
  assert.deepEqual(meanOf([]), {})
})

test('two trees stand side by side with the ratio of the second to the first', () => {
  const lines = sideBySide(
    [
      'before',
      [
        { totalSeconds: 10, restartWrites: 0 },
        { totalSeconds: 20, restartWrites: 0 },
      ],
    ],
    ['after', [{ totalSeconds: 12, restartWrites: 2 }]],
  ).split('\n')
  assert.deepEqual(lines, [
    '|  | before | after | ratio |',
    '| --- | --- | --- | --- |',
    '| first apply to last Ready, s | 15.0 | 12.0 | 0.80 |',
    '| writes of it | 0 | 2 |  |',
  ])
})
