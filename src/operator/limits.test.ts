import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connector, fakeProvider, store } from '../../test/support/objects.ts'
import { limitsOf } from './limits.ts'

const groupsOf = (found: ReturnType<typeof connector> | undefined, providers = { aws: fakeProvider }) =>
  limitsOf(3, providers, () => found).limits?.map(({ max, groupOf }) => [max, groupOf(store())])

test('an endpoint has some of the workers, its namespace more, and all together have many', () => {
  assert.equal(limitsOf(3, {}, () => undefined).concurrency, 24)
  assert.deepEqual(groupsOf(connector()), [
    [3, 'endpoint'],
    [6, 'ml'],
  ])
})

test('an object without a connector, or whose provider is missing, is of its namespace only', () => {
  for (const found of [undefined, connector({ spec: { azure: {} } as never })]) {
    assert.deepEqual(groupsOf(found), [
      [3, undefined],
      [6, 'ml'],
    ])
  }
})
