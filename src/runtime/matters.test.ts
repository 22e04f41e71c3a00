import assert from 'node:assert/strict'
import { test } from 'node:test'
import { widget } from '../../test/support/runtime/fakes.ts'
import type { ObjectMeta } from '../api/object.ts'
import { matters } from './matters.ts'

const cases: [name: string, change: Partial<ObjectMeta>, matters: boolean][] = [
  ['a new generation', { generation: 2 }, true],
  ['the begin of a deletion', { deletionTimestamp: '2030-01-01T00:00:00Z' }, true],
  ['a label', { labels: { a: 'b' } }, false],
  ['a status write', { resourceVersion: '2' }, false],
]
for (const [name, change, expected] of cases) {
  test(`${name} ${expected ? 'matters' : 'does not matter'}`, () => {
    const old = widget('a')
    assert.equal(matters(old, { ...old, metadata: { ...old.metadata, ...change } }), expected)
  })
}
