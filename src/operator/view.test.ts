import assert from 'node:assert/strict'
import { test } from 'node:test'
import { projectedSecret, store } from '../../test/support/objects.ts'
import type { ArtifactStore } from '../api/artifact-store.ts'
import type { LabelSelector } from '../api/fields.ts'
import type { KubeObject } from '../api/object.ts'
import { Cache } from '../runtime/cache.ts'
import { ownerKeyOf, type ProjectedSecret } from '../stores/plan/projected-secret.ts'
import type { Caches } from './caches.ts'
import { labelsOf } from './namespace-index.ts'
import { createView } from './view.ts'

const POLICIES = {
  ...{ allowedAudiences: [], recipientLabels: {}, maxTargets: 500 },
  ...{ implicitAuthNamespaces: [], implicitAuthEndpoints: [], implicitAuthClientIds: [] },
}

const nothing = {} as unknown as Caches
const inCluster = (uid?: string) => ({ seal: { cluster: () => uid } }) as never

const cases: [name: string, allowed: string[], namespace: string, may: boolean][] = [
  ['by default', [], 'ml', false],
  ['named', ['platform', 'ml'], 'ml', true],
  ['another is named', ['ml-prod'], 'ml', false],
  ['all', ['*'], 'ml', true],
  ['no pattern', ['m*'], 'ml', false],
]
for (const [name, implicitAuthNamespaces, namespace, may] of cases) {
  test(`the operator's own identity is ${may ? 'lent to' : 'kept from'} a namespace: ${name}`, () => {
    const view = createView(nothing, inCluster(), 'here', { ...POLICIES, implicitAuthNamespaces })
    assert.equal(view.operatorIdentity(namespace) !== undefined, may)
  })
}

test('what is lent of the operator’s own identity: endpoints to all, and clients to all or to one namespace', () => {
  const view = createView(nothing, inCluster('uid-of-kube-system'), 'here', {
    ...POLICIES,
    implicitAuthNamespaces: ['*'],
    implicitAuthEndpoints: ['minio.minio.svc'],
    implicitAuthClientIds: [{ id: 'default' }, { namespace: 'ml', id: 'a' }, { namespace: 'platform', id: 'b' }],
  })
  const loan = { cluster: 'uid-of-kube-system', endpoints: ['minio.minio.svc'] }
  assert.deepEqual(view.operatorIdentity('ml'), { ...loan, clientIds: ['default', 'a'] })
  assert.deepEqual(view.operatorIdentity('platform'), { ...loan, clientIds: ['default', 'b'] })
  assert.deepEqual(view.operatorIdentity('other'), { ...loan, clientIds: ['default'] })
})

test('a view finds the namespaces that match a selector', async t => {
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
  const view = createView(caches, {} as never, 'here', POLICIES)
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
    await t.test(`a view finds namespaces for a selector of ${name}`, () =>
      assert.equal(view.namespacesMatching(selector).join(''), matching),
    )
  }
})

test('a namespace whose labels are too many to be kept matches no selector and counts as unknown', () => {
  const cache = new Cache<KubeObject>()
  cache.addIndex('label', labelsOf)
  const metadata = { name: 'a', uid: 'a', resourceVersion: '1' }
  cache.observe(Object.assign({ apiVersion: 'v1', kind: 'Namespace', metadata }, { overlabelled: true }))
  const view = createView({ namespaces: { cache } } as unknown as Caches, {} as never, 'here', POLICIES)
  const selector: LabelSelector = { matchExpressions: [{ key: 'stage', operator: 'DoesNotExist' }] }
  assert.deepEqual([view.namespacesMatching(selector), view.namespaceLabels('a')], [[], undefined])
})

test('Secrets of a store are those with its seal, and those without one that its status lists', () => {
  const projected = new Cache<ProjectedSecret>()
  projected.addIndex('store', secret => [ownerKeyOf(secret)].filter(key => key !== undefined))
  const stores = new Cache<ArtifactStore>()
  const stamp = { grant: 'g', issuedAt: new Date(0), expiresAt: undefined }
  for (const name of ['prod-new', 'prod-old', 'prod-forged']) {
    projected.observe({ ...projectedSecret(name, stamp), sealed: name === 'prod-new' })
  }
  const credentials = [{ name: 'step', namespace: 'ml', secretName: 'prod-old' }]
  stores.observe(store({}, { status: { credentials } }))
  const caches = { projected: { cache: projected }, stores: { cache: stores } } as unknown as Caches
  const view = createView(caches, {} as never, 'here', POLICIES)
  assert.deepEqual(
    view.secretsOf('ml/prod').map(({ metadata }) => metadata.name),
    ['prod-new', 'prod-old'],
  )
})
