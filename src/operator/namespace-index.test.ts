import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeView, store } from '../../test/support/objects.ts'
import type { ArtifactStore, CredentialsEntry } from '../api/artifact-store.ts'
import type { LabelSelector } from '../api/fields.ts'
import type { KubeObject } from '../api/object.ts'
import { matches } from '../stores/plan/allowed-namespaces.ts'
import { concerns, keysOfNamespace, keysOfStore } from './namespace-index.ts'

const namespace = (name: string, labels: Record<string, string> = {}, isGoing = false): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name,
    uid: name,
    resourceVersion: '1',
    labels,
    ...(isGoing ? { deletionTimestamp: '2026-03-01T10:00:00Z' } : {}),
  },
})
const leading = (
  namespaces: CredentialsEntry['namespaces'],
  allowed: ArtifactStore['spec']['allowedNamespaces'] = { from: 'All' },
): ArtifactStore =>
  store({
    credentials: [{ name: 'step', formats: ['Env'], ...(namespaces ? { namespaces } : {}) }],
    allowedNamespaces: allowed,
  })
const by = (selector: LabelSelector) => leading({ selector })
const x = { matchLabels: { team: 'x' } }
const view = fakeView({ isRecipient: ({ closed }) => closed !== 'true' })
const [plain, labelled] = [namespace('a'), namespace('a', { team: 'x' })]

describe('a change of a namespace', () => {
  type Side = KubeObject | undefined
  const cases: [name: string, store: ArtifactStore, before: Side, now: Side, concerned: boolean][] = [
    ['the store leads to no other namespaces', leading(undefined), undefined, labelled, false],
    ['the store names it, and it is made', leading({ names: ['a'] }), undefined, plain, true],
    ['the store names it, and it is deleted', leading({ names: ['a'] }), plain, undefined, true],
    [
      'the store names it, and it is relabelled',
      leading({ names: ['a'] }, { from: 'Selector', selector: x }),
      plain,
      labelled,
      true,
    ],
    ['the store names another one', leading({ names: ['b'] }), undefined, plain, false],
    ['it gains the label', by(x), plain, labelled, true],
    ['it loses the label', by(x), labelled, plain, true],
    ['it gets another label', by(x), labelled, namespace('a', { team: 'x', other: '1' }), false],
    ['it is made with the label', by(x), undefined, labelled, true],
    ['it is made without the label', by(x), undefined, plain, false],
    ['it is deleted with the label', by(x), labelled, undefined, true],
    ['it begins to go', by(x), labelled, namespace('a', { team: 'x' }, true), true],
    ['it goes', by(x), namespace('a', { team: 'x' }, true), undefined, false],
    ['it gains the label, but is not allowed', leading({ selector: x }, { from: 'Same' }), plain, labelled, false],
    ['it gains the label, but lets nothing in', by(x), plain, namespace('a', { team: 'x', closed: 'true' }), false],
    ['it lets something in', by(x), namespace('a', { team: 'x', closed: 'true' }), labelled, true],
    ['it becomes allowed', leading({ selector: {} }, { from: 'Selector', selector: x }), plain, labelled, true],
  ]
  for (const [name, object, before, now, concerned] of cases) {
    test(`${concerned ? 'concerns' : 'does not concern'} a store: ${name}`, () => {
      assert.equal(concerns(object, before, now, view), concerned)
    })
  }
})

describe('a store is found by each namespace that it selects, with a selector for', () => {
  const has = (operator: 'Exists' | 'DoesNotExist', key = 'team') => ({ matchExpressions: [{ key, operator }] })
  const among = (operator: 'In' | 'NotIn', ...values: string[]) => ({
    matchExpressions: [{ key: 'team', operator, values }],
  })
  const selectors: [name: string, selector: LabelSelector][] = [
    ['everything', {}],
    ['a label', x],
    ['two labels', { matchLabels: { team: 'x', stage: 'prod' } }],
    ['one of values', among('In', 'x', 'y')],
    ['none of values', among('NotIn', 'x')],
    ['a key', has('Exists')],
    ['no such key', has('DoesNotExist')],
    ['a label and no key', { ...x, ...has('DoesNotExist', 'stage') }],
  ]
  const sets = [{}, { team: 'x' }, { team: 'y' }, { team: 'z' }, { team: 'x', stage: 'prod' }, { stage: 'prod' }]
  for (const [name, selector] of selectors) {
    test(name, () => {
      const keys = new Set(keysOfStore(by(selector)))
      for (const labels of sets) {
        const found = keysOfNamespace(namespace('a', labels)).some(key => keys.has(key))
        assert.ok(found || !matches(selector, labels), JSON.stringify(labels))
      }
    })
  }

  test('a label, and not by all others', () => {
    const keys = new Set(keysOfStore(by(x)))
    const found = ({ metadata: { labels } }: KubeObject) =>
      keysOfNamespace(namespace('a', labels)).some(key => keys.has(key))
    assert.deepEqual([labelled, plain, namespace('a', { team: 'y' })].map(found), [true, false, false])
  })
  test('nothing: a spec that is not valid is under no key', () => {
    for (const credentials of ['none', [null, 'x', {}]]) {
      assert.deepEqual(keysOfStore(store({ credentials: credentials as never })), [])
    }
  })
})
