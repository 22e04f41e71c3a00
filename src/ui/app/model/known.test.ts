import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, connectorItem, msAt, storeItem } from '../../../../test/support/ui-items.ts'
import type { Change } from '../../contract.ts'
import { heardOf, type Known, withChange } from './known.ts'

const snapshot: Change = {
  ...{ kind: 'snapshot', now: at(1) },
  snapshot: {
    ...{ context: { where: 'context "test"', version: '0' }, links: [{ what: 'stores', state: 'Live' }] },
    ...{ connectors: [connectorItem('minio')], stores: [storeItem('a'), storeItem('b')] },
  },
}
const known = withChange(undefined, snapshot, msAt(0))
assert.ok(known)
const update = (rest: object, from: Known | undefined = known) =>
  withChange(from, { kind: 'update', now: at(1), ...rest }, msAt(0))

describe('changes of the cluster', () => {
  test('begin with a snapshot, and with how far the clock of the browser is off', () => {
    assert.equal(known.skew, 60_000)
    assert.equal(known.stores.length, 2)
  })

  test('before a snapshot are forgotten', () => assert.equal(update({}, undefined) === known, false))

  test('replace, add and remove items', () => {
    const next = update({ stores: [storeItem('b', { state: 'Stalled' }), storeItem('c')], goneStores: ['ml/a'] })
    assert.deepEqual(
      next?.stores.map(({ name, state }) => `${name} ${state}`),
      ['b Stalled', 'c Ready'],
    )
  })

  test('leave what they do not name as it is', () => {
    const next = update({ links: [{ what: 'stores', state: 'Broken', words: 'x' }] })
    assert.equal(next?.stores, known.stores)
    assert.equal(next?.connectors, known.connectors)
    assert.equal(next?.links[0]?.state, 'Broken')
    assert.equal(update({ stores: [storeItem('b')] })?.stores[0], known.stores[0])
  })

  test('of a snapshot make all others forgotten', () => {
    const more = update({ stores: [storeItem('c')] })
    assert.equal(withChange(more, snapshot, 0)?.stores.length, 2)
  })

  test('with a time that is none do not move the clock', () =>
    assert.equal(withChange(known, { kind: 'update', now: 'soon' }, 0)?.skew, 0))
})

describe('a person hears', () => {
  for (const [name, rest, want] of [
    ['nothing of what stays in its state', { stores: [storeItem('a', { uri: 's3://other' })] }, ''],
    ['of a store that got another state', { stores: [storeItem('a', { state: 'Stalled' })] }, 'store ml/a is stalled'],
    ['of a new store', { stores: [storeItem('c')] }, 'store ml/c is new, ready'],
    ['of a store that is gone', { goneStores: ['ml/b'] }, 'store ml/b is gone'],
    ['of a connector', { connectors: [connectorItem('minio', { state: 'Working' })] }, 'connector ml/minio is working'],
    [
      'only a number where much changes',
      { stores: ['c', 'd', 'e', 'f'].map(name => storeItem(name)) },
      '4 objects changed',
    ],
  ] as [string, object, string][]) {
    test(name, () => {
      const next = update(rest)
      assert.ok(next)
      assert.equal(heardOf(known, next), want)
    })
  }

  test('nothing of the first snapshot', () => assert.equal(heardOf(undefined, known), ''))
})
