import assert from 'node:assert/strict'
import { test } from 'node:test'
import { store } from '../../test/support/objects.ts'
import { BOUNDS } from '../foreign/bounds.ts'
import { REQUESTED_AT_ANNOTATION } from './names.ts'
import { requestedAt } from './requested-at.ts'

test('a long request is cut to what the API server keeps as it is: else status would differ from it at each look', () => {
  const value = `${'x'.repeat(BOUNDS.annotation - 1)}😀`
  const annotations = { [REQUESTED_AT_ANNOTATION]: value }
  const asked = requestedAt(store({}, { metadata: { ...store().metadata, annotations } }))
  assert.equal(asked?.length, BOUNDS.annotation)
  assert.equal(Buffer.from(asked ?? '').toString(), asked)
})
