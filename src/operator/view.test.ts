import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LabelSelector } from '../api/fields.ts'
import type { KubeObject } from '../api/object.ts'
import { Cache } from '../runtime/cache.ts'
import type { Caches } from './caches.ts'
import { labelsOf } from './namespace-index.ts'
import { createView } from './view.ts'

const cases: [name: string, allowed: string[], namespace: string, may: boolean][] = [
  ['by default', [], 'ml', false],
  ['named', ['platform', 'ml'], 'ml', true],
  ['another is named', ['ml-prod'], 'ml', false],
  ['all', ['*'], 'ml', true],
  ['no pattern', ['m*'], 'ml', false],
]
for (const [name, implicitAuthNamespaces, namespace, may] of cases) {
  test(`the operator's own identity is ${may ? 'lent to' : 'kept from'} a namespace: ${name}`, () => {
    const view = createView({} as Caches, {} as never, 'here', {
      allowedAudiences: [],
      recipientLabels: {},
      implicitAuthNamespaces,
    })
    assert.equal(view.mayUseOperatorIdentity(namespace), may)
  })
}

test('namespaces that match a selector', async t => {
  const cache = new Cache<KubeObject>()
  cache.addIndex('label', labelsOf)
  const namespaces: [name: string, labels: Record<string, string>][] = [
    ['a', { team: 'ml', stage: 'prod' }],
    ['b', { team: 'ml' }],
    ['c', { team: 'data' }],
    ['d', {}],
  ]
  for (const [index, [name, labels]] of namespaces.entries()) {
    const metadata = { name, uid: name, resourceVersion: `${index + 1}`, labels }
    cache.observe({ apiVersion: 'v1', kind: 'Namespace', metadata })
  }
  const caches = { namespaces: { cache } } as unknown as Caches
  const view = createView(caches, {} as never, 'here', {
    allowedAudiences: [],
    recipientLabels: {},
    implicitAuthNamespaces: [],
  })
  const selectors: [name: string, selector: LabelSelector, matching: string][] = [
    ['everything', {}, 'abcd'],
    ['a label', { matchLabels: { team: 'ml' } }, 'ab'],
    ['two labels', { matchLabels: { team: 'ml', stage: 'prod' } }, 'a'],
    ['one of values', { matchExpressions: [{ key: 'team', operator: 'In', values: ['ml', 'data'] }] }, 'abc'],
    ['none of values', { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['ml'] }] }, 'cd'],
    ['no such key', { matchExpressions: [{ key: 'stage', operator: 'DoesNotExist' }] }, 'bcd'],
    [
      'a label without another',
      { matchLabels: { team: 'ml' }, matchExpressions: [{ key: 'stage', operator: 'DoesNotExist' }] },
      'b',
    ],
  ]
  for (const [name, selector, matching] of selectors) {
    await t.test(`are found for ${name}`, () => assert.equal(view.namespacesMatching(selector).join(''), matching))
  }
})

test('a namespace whose labels are too many to be kept matches no selector and counts as unknown', () => {
  const cache = new Cache<KubeObject>()
  cache.addIndex('label', labelsOf)
  const metadata = { name: 'a', uid: 'a', resourceVersion: '1' }
  cache.observe(Object.assign({ apiVersion: 'v1', kind: 'Namespace', metadata }, { overlabelled: true }))
  const view = createView({ namespaces: { cache } } as unknown as Caches, {} as never, 'here', {
    allowedAudiences: [],
    recipientLabels: {},
    implicitAuthNamespaces: [],
  })
  const selector: LabelSelector = { matchExpressions: [{ key: 'stage', operator: 'DoesNotExist' }] }
  assert.deepEqual([view.namespacesMatching(selector), view.namespaceLabels('a')], [[], undefined])
})
