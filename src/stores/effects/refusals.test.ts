import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { store } from '../../../test/support/objects.ts'
import type { SecretWrite } from './desired-secret.ts'
import { Refusals } from './refusals.ts'

const named = (uid: string) => {
  const of = store()
  return { ...of, metadata: { ...of.metadata, uid } }
}
const write = { stamp: { grant: 'g' } } as SecretWrite

describe('writes that were refused', () => {
  test('are kept for 50 Secrets of a store, and the oldest goes first', () => {
    const refusals = new Refusals()
    const one = named('one')
    for (let index = 0; index < 60; index++) refusals.add(one, `a/s${index}`, write)
    assert.equal(refusals.size, 50)
    assert.equal(refusals.get(one, 'a/s9', 'g'), undefined)
    assert.equal(refusals.get(one, 'a/s10', 'g'), write)
  })

  test('are kept for 1,000 Secrets of all stores, and those of the store with most go first', () => {
    const refusals = new Refusals()
    const small = named('small')
    refusals.add(small, 'a/only', write)
    for (let index = 0; index < 30; index++) {
      for (let secret = 0; secret < 50; secret++) refusals.add(named(`big-${index}`), `a/s${secret}`, write)
    }
    assert.equal(refusals.size, 1_000)
    assert.equal(refusals.get(small, 'a/only', 'g'), write)
  })
})
