import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition } from '../api/conditions.ts'
import { transitionEvents } from './transitions.ts'

type Said = [type: string, status: Condition['status'], reason: string]
const conditions = (...said: Said[]): Condition[] =>
  said.map(([type, status, reason]) => ({ type, status, reason, message: 'm', lastTransitionTime: '' }))

const WELL: Said = ['Ready', 'True', 'Verified']
const DOWN: Said = ['Reconciling', 'True', 'ServiceUnavailable']
const DENIED: Said = ['Ready', 'False', 'PermissionDenied']

const rows: [name: string, before: Said[] | undefined, after: Said[], events: string[]][] = [
  ['a new object that becomes Ready', undefined, [WELL], []],
  ['an object that is Ready after a long first reconcile', [['Ready', 'Unknown', 'Progressing']], [WELL], []],
  ['an object that stays Ready', [WELL], [WELL], []],
  ['an object that is Ready again', [DENIED], [WELL], ['Normal Verified']],
  ['an object that is resumed', [['Ready', 'Unknown', 'Suspended']], [WELL], ['Normal Verified']],
  ['an object that is Ready for another reason', [WELL], [['Ready', 'True', 'KeyNotProven']], ['Normal KeyNotProven']],
  ['a new object that fails', undefined, [DENIED], ['Warning PermissionDenied']],
  ['an object that fails', [WELL], [DENIED], ['Warning PermissionDenied']],
  ['an object that fails as before', [DENIED], [DENIED], []],
  ['trouble of an object that stays Ready', [WELL], [WELL, DOWN], ['Warning ServiceUnavailable']],
  ['the same trouble as before', [WELL, DOWN], [WELL, DOWN], []],
]
for (const [name, before, after, expected] of rows) {
  test(`${name} is worth ${expected.length === 0 ? 'no event' : `the event ${expected}`}`, () => {
    const events = transitionEvents(before && conditions(...before), conditions(...after), 'Reconcile')
    assert.deepEqual(
      events.map(({ type, reason }) => `${type} ${reason}`),
      expected,
    )
  })
}
