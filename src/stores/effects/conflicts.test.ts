import assert from 'node:assert/strict'
import { test } from 'node:test'
import { store } from '../../../test/support/objects.ts'
import { Conflicts } from './conflicts.ts'

const named = (name: string) => store({}, { metadata: { ...store().metadata, uid: name } })

test('a Secret in the way is remembered for one look, and for its own store only', () => {
  const conflicts = new Conflicts()
  conflicts.add(named('a'), 'team/s')
  assert.equal(conflicts.take(named('b'), 'team/s'), false)
  assert.equal(conflicts.take(named('a'), 'team/s'), true)
  assert.equal(conflicts.take(named('a'), 'team/s'), false)
  assert.equal(conflicts.size, 0)
})

test('Secrets in the way of stores that come and go leave nothing behind', () => {
  const conflicts = new Conflicts()
  for (let index = 0; index < 1_000; index++) {
    conflicts.add(named(`${index}`), `team/s-${index}`)
    conflicts.forget(named(`${index}`))
  }
  assert.equal(conflicts.size, 0)
})

test('Secrets in the way of one store that changes again and again are bounded', () => {
  const conflicts = new Conflicts()
  for (let index = 0; index < 5_000; index++) conflicts.add(named('a'), `team/s-${index}`)
  assert.equal(conflicts.size, 1_000)
  assert.equal(conflicts.take(named('a'), 'team/s-4999'), true)
})
