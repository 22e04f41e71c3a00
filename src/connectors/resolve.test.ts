import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeView } from '../../test/support/objects.ts'
import { isFailure } from '../api/failures.ts'
import type { References } from '../providers/provider.ts'
import { isMissing, resolve } from './resolve.ts'
import type { KeyValues } from './view.ts'

const key = (name: string): References['keys'][number] => ({ kind: 'Secret', name: 'keys', key: name, field: 'spec.f' })
const connector = { namespace: 'ml', name: 'c', uid: 'u' }
const resolved = (found: KeyValues) =>
  resolve(connector, { keys: [key('id'), key('secret')] }, fakeView({ keyValues: () => found }))

test('a Secret whose values were not read yet is asked for with all keys that the connector names', () => {
  const failure = resolved({ values: {}, asked: new Set() })
  assert.ok(isFailure(failure) && isMissing(failure))
  assert.deepEqual([failure.missing.unread, failure.missing.keys], [true, ['id', 'secret']])
})

test('a Secret of which another key was read is asked for again', () => {
  const failure = resolved({ values: { id: 'a' }, asked: new Set(['id']) })
  assert.ok(isFailure(failure) && isMissing(failure))
})

test('a value that is too large is refused with its size and the bound', () => {
  const failure = resolved({ values: { id: 'a' }, asked: new Set(['id', 'secret']), tooLarge: { secret: 300_000 } })
  assert.ok(isFailure(failure))
  assert.deepEqual([failure.intent, failure.reason], ['stalled', 'SecretKeyTooLarge'])
  assert.match(failure.message, /key "secret" of Secret "ml\/keys" has 300000 bytes, and 8192 is the most/)
})

test('a key that is absent is told with the names that the view has', () => {
  const failure = resolved({ values: { id: 'a' }, asked: new Set(['id', 'secret']), names: ['id', 'other'] })
  assert.ok(isFailure(failure) && !isMissing(failure))
  assert.match(failure.message, /no key "secret" \(it has: id, other\)/)
})
