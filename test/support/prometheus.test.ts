import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sumOf } from './prometheus.ts'

const TEXT = `# HELP calls Calls.
calls{verb="GET",resource="secrets"} 3
calls{verb="GET",subresource="secrets"} 40
calls{verb="PATCH",resource="secrets"} 500
calls_sum{verb="GET"} 6000
up 1
`

test('the samples of a metric that have the labels are added up', () => {
  assert.equal(sumOf(TEXT, 'calls'), 543)
  assert.equal(sumOf(TEXT, 'calls', { verb: 'GET' }), 43)
  assert.equal(sumOf(TEXT, 'calls', { verb: 'GET', resource: 'secrets' }), 3, 'a label is its whole name')
  assert.equal(sumOf(TEXT, 'up'), 1)
  assert.equal(sumOf(TEXT, 'absent'), 0)
})
