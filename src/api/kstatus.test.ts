import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition } from './conditions.ts'
import { stalled, transient, waiting } from './failures.ts'
import { concludeConditions, type Readiness } from './kstatus.ts'

const NOW = new Date('2026-03-01T10:00:00Z')
const EARLIER = '2026-03-01T09:00:00Z'
const condition = (type: string, status: Condition['status'], reason: string): Condition => ({
  type,
  status,
  reason,
  message: 'm',
  observedGeneration: 1,
  lastTransitionTime: EARLIER,
})

const ready = [condition('Ready', 'True', 'Verified')]
const cases: [name: string, before: Condition[], readiness: Readiness, after: string[]][] = [
  ['first success', [], { kind: 'ready', reason: 'Verified', message: 'm' }, ['Ready=True/Verified']],
  [
    'success clears trouble',
    [condition('Ready', 'False', 'X'), condition('Stalled', 'True', 'X')],
    { kind: 'ready', reason: 'Verified', message: 'm' },
    ['Ready=True/Verified'],
  ],
  [
    'a person must act',
    ready,
    { kind: 'failed', failure: stalled('Denied', 'm') },
    ['Ready=False/Denied', 'Stalled=True/Denied'],
  ],
  ['retried', [], { kind: 'failed', failure: transient('Down', 'm') }, ['Ready=False/Down', 'Reconciling=True/Down']],
  [
    'waiting replaces stalled',
    [condition('Stalled', 'True', 'X')],
    { kind: 'failed', failure: waiting('W', 'm') },
    ['Ready=False/W', 'Reconciling=True/W'],
  ],
  [
    'trouble that nobody feels',
    ready,
    { kind: 'still-ready', failure: transient('Down', 'm') },
    ['Ready=True/Verified', 'Reconciling=True/Down'],
  ],
  [
    'suspended',
    [...ready, condition('Reconciling', 'True', 'Down')],
    { kind: 'suspended' },
    ['Ready=Unknown/Suspended'],
  ],
  ['first progress', [], { kind: 'progressing' }, ['Ready=Unknown/Progressing', 'Reconciling=True/Progressing']],
  [
    'progress on a new generation',
    ready,
    { kind: 'progressing' },
    ['Ready=True/Verified', 'Reconciling=True/Progressing'],
  ],
]
for (const [name, before, readiness, after] of cases) {
  test(name, () => {
    const conditions = concludeConditions(before, 2, readiness, NOW)
    assert.deepEqual(conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`).sort(), after.sort())
  })
}

test('the time moves with the status only', () => {
  const [still] = concludeConditions(ready, 2, { kind: 'ready', reason: 'Verified', message: 'other' }, NOW)
  assert.equal(still?.lastTransitionTime, EARLIER)
  const [moved] = concludeConditions(ready, 2, { kind: 'failed', failure: stalled('Denied', 'm') }, NOW)
  assert.equal(moved?.lastTransitionTime, '2026-03-01T10:00:00Z')
})
