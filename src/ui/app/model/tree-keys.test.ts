import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connectorItem, secretItem, storeItem } from '../../../../test/support/ui-items.ts'
import { forestOf, inOrder } from './forest.ts'
import { type Move, moveOf } from './tree-keys.ts'

const stores = [
  storeItem('models', { secrets: [secretItem('models-step')] }),
  storeItem('zoo', { connector: 'ml/other' }),
]
const closed = new Map([['connector ml/other', false]])
const order = inOrder(forestOf({ connectors: [connectorItem('minio'), connectorItem('other')], stores }, closed))
const [minio, models, namespace, secret, other] = order.map(({ key }) => key) as [
  string,
  string,
  string,
  string,
  string,
]

const focus = (key: string): Move => ({ kind: 'focus', key })

describe('in the map, the key', () => {
  for (const [key, from, move] of [
    ['ArrowDown', minio, focus(models)],
    ['ArrowDown', other, focus(other)],
    ['ArrowUp', models, focus(minio)],
    ['ArrowUp', minio, focus(minio)],
    ['Home', secret, focus(minio)],
    ['End', minio, focus(other)],
    ['PageDown', minio, focus(other)],
    ['PageUp', other, focus(minio)],
    ['ArrowRight', minio, focus(models)],
    ['ArrowRight', other, { kind: 'open', key: other }],
    ['ArrowRight', secret, undefined],
    ['ArrowLeft', minio, { kind: 'close', key: minio }],
    ['ArrowLeft', secret, focus(namespace)],
    ['ArrowLeft', other, focus(other)],
    ['Enter', models, { kind: 'enter', key: models }],
    ['Enter', secret, { kind: 'enter', key: secret }],
    ['Enter', other, { kind: 'enter', key: other }],
    ['Enter', namespace, { kind: 'close', key: namespace }],
    [' ', other, { kind: 'open', key: other }],
    [' ', secret, { kind: 'enter', key: secret }],
    [' ', minio, { kind: 'close', key: minio }],
    ['m', minio, focus(models)],
    ['O', minio, focus(other)],
    ['x', minio, focus(minio)],
    ['Tab', minio, undefined],
    ['Escape', minio, undefined],
    ['ArrowDown', undefined, focus(models)],
    ['ArrowDown', 'of something that has gone', focus(models)],
  ] as [string, string | undefined, Move | undefined][]) {
    test(`${JSON.stringify(key)} at ${from ?? 'nothing'} does ${move ? `${move.kind} ${move.key}` : 'nothing'}`, () =>
      assert.deepEqual(moveOf(order, from, key), move))
  }

  test('"ArrowDown" does nothing in an empty map', () => assert.equal(moveOf([], undefined, 'ArrowDown'), undefined))
})
