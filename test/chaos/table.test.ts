import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Row } from './rows.ts'
import { table, verdict } from './table.ts'

const ROW: Row = {
  ...{ fault: 'SIGKILL', done: '3 times', seed: 1, recoverySeconds: 12.34, uses: 100 },
  ...{ expired: 0, refused: 0, twoLeaders: 0, lostUpdates: 0, secretsTwice: 0 },
}

const VERDICTS: [name: string, row: Partial<Row>, verdict: string][] = [
  ['held', {}, 'held'],
  ['an expired credential was read', { expired: 2 }, 'failed: expired ones read'],
  ['nobody used credentials', { uses: 0 }, 'failed: no credentials were used'],
  ['something else failed', { failure: 'not within 30 s' }, 'failed: not within 30 s'],
  ['in time', { longest: { what: 'takeover', seconds: 17.9, target: 18 } }, 'held'],
  ['too late', { longest: { what: 'takeover', seconds: 18.1, target: 18 } }, 'held, but slower than the target'],
]
for (const [name, row, expected] of VERDICTS) {
  test(`the verdict of a fault: ${name}`, () => assert.equal(verdict({ ...ROW, ...row }), expected))
}

test('a row of the table says what was done and what came of it', () => {
  const [, , line] = table([{ ...ROW, note: 'twice' }]).split('\n')
  assert.equal(line, '| SIGKILL | 3 times; twice | 1 | 12 | 100 | 0 | 0 | 0 | 0 | 0 | held |')
})
