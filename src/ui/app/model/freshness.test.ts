import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Link } from '../../contract.ts'
import { afterAttempt, type Connection, freshnessOf, toldOf } from './freshness.ts'

const live: Connection = { state: 'live' }
const lost: Connection = { state: 'lost', words: 'it has stopped', since: 5 }

describe('the connection to the server', () => {
  test('that is lost says since when, through all attempts to have it back', () => {
    const first = afterAttempt(live, { state: 'lost', words: 'it has stopped' }, 5)
    assert.deepEqual(first, lost)
    const trying = afterAttempt(first, { state: 'connecting' }, 6)
    assert.equal(trying, first)
    assert.equal(afterAttempt(trying, { state: 'lost', words: 'it has stopped' }, 7), first)
    const other = afterAttempt(trying, { state: 'refused', words: 'another token' }, 8)
    assert.deepEqual(other, { state: 'refused', words: 'another token', since: 5 })
    assert.deepEqual(afterAttempt(trying, { state: 'live' }, 9), live)
  })

  test('that stays as it is stays the same object', () => assert.equal(afterAttempt(live, { state: 'live' }, 9), live))
})

const link = (what: Link['what'], rest: Partial<Link> = {}): Link => ({ what, state: 'Live', ...rest })

describe('what the page shows', () => {
  test('is live where a right is missing, and old where the API server does not answer', () => {
    assert.equal(freshnessOf(live, [link('stores'), link('secrets', { state: 'Denied' })]), 'live')
    assert.equal(freshnessOf(live, [link('stores', { state: 'Broken' })]), 'old')
    assert.equal(freshnessOf(lost, [link('stores', { state: 'Broken' })]), 'lost')
  })

  test('is told to be old once for all that is, since the first of it', () => {
    const links = [
      link('connectors', { state: 'Broken', words: 'no answer', since: '2026-03-01T10:00:02Z' }),
      link('stores', { state: 'Broken', words: 'refused', since: '2026-03-01T10:00:01Z' }),
      link('secrets', { state: 'Denied', words: 'you may not', since: '2026-03-01T09:00:00Z' }),
    ]
    assert.deepEqual(toldOf(links), [
      { state: 'Broken', what: 'Connectors and stores', words: 'no answer', since: '2026-03-01T10:00:01Z' },
      { state: 'Denied', what: 'Secrets', words: 'you may not', since: '2026-03-01T09:00:00Z' },
    ])
    assert.deepEqual(toldOf([link('stores')]), [])
  })
})
