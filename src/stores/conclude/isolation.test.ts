import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { served } from '../../../test/support/observations.ts'
import type { Condition } from '../../api/conditions.ts'
import type { Projection } from '../effects/projection.ts'
import type { Isolated } from '../plan/isolation.ts'
import { isolationEvents, isolationFinding } from './isolation.ts'

const NARROWER = /use a connector whose identity .*spec\.verification\.isolation: Required keeps such/
const tried = (role: string, isolation?: Isolated): Projection => ({
  ...served,
  target: { ...served.target, role },
  ...(isolation ? { isolation } : {}),
})
const TRUE: Isolated = { result: 'True' }
const WIDE: Isolated = { result: 'False', detail: 'write' }
const OPEN: Isolated = { result: 'Unknown', detail: 'whether they work' }

describe('the finding on isolation', () => {
  const cases: [name: string, projections: Projection[], found: string | undefined, message?: RegExp][] = [
    ['is absent without credentials', [], undefined],
    ['is absent where nothing was ever tried', [tried('step')], undefined],
    [
      'is True where all are',
      [tried('step', TRUE), tried('job', TRUE)],
      'True Proven',
      /beyond prefix and access was refused$/,
    ],
    ['counts only what was tried', [tried('step', TRUE), tried('job')], 'True Proven'],
    [
      'is the worst one, and names whose it is, what they may and a cure',
      [tried('step', TRUE), tried('open', OPEN), tried('wide', WIDE)],
      'False NotIsolated',
      /^credentials "wide" \(\w+\) may also write: use a connector/,
    ],
    [
      'says why nobody knows',
      [tried('step', TRUE), tried('open', OPEN)],
      'Unknown NotProven',
      /^credentials "open" \(\w+\) are not proven to be isolated: whether they work$/,
    ],
    [
      'names each role, and one of two namespaces once',
      [tried('wide', WIDE), tried('wide', WIDE), tried('job', WIDE)],
      'False NotIsolated',
      /^credentials "wide" [^;]* may also write; credentials "job" [^;]* may also write: /,
    ],
  ]
  for (const [name, projections, found, message = /./] of cases) {
    test(name, () => {
      const [finding, ...more] = isolationFinding(projections)
      assert.deepEqual(more, [])
      assert.equal(finding && `${finding.status} ${finding.reason}`, found)
      if (finding) assert.match(finding.message, message)
      if (finding?.status === 'False') assert.match(finding.message, NARROWER)
    })
  }
})

describe('an event warns of credentials that reach too far', () => {
  const condition = (status: Condition['status'], message = 'm'): Condition => ({
    ...{ type: 'Isolated', status, reason: 'NotIsolated', message },
    lastTransitionTime: '2026-03-01T10:00:00Z',
  })
  const cases: [name: string, before: Condition[] | undefined, now: Condition[], events: number][] = [
    ['at first', undefined, [condition('False')], 1],
    ['when they did not before', [condition('True')], [condition('False')], 1],
    ['when nobody knew before', [condition('Unknown')], [condition('False')], 1],
    ['and not again while they do', [condition('False')], [condition('False', 'another')], 0],
    ['and not when nobody knows', [condition('True')], [condition('Unknown')], 0],
    ['and not when they do no longer', [condition('False')], [condition('True')], 0],
    ['and not without credentials', [condition('False')], [], 0],
  ]
  for (const [name, before, now, events] of cases) {
    test(name, () => {
      const found = isolationEvents(before, now)
      assert.equal(found.length, events)
      for (const { type, reason, message } of found)
        assert.deepEqual([type, reason, message], ['Warning', 'NotIsolated', 'm'])
    })
  }
})
