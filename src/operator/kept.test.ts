import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, projectedSecret, store } from '../../test/support/objects.ts'
import {
  CAUTIONS_ANNOTATION,
  CONFIRM_DELETE_ANNOTATION,
  CONTENT_ANNOTATION,
  FINALIZER,
  GRANT_ANNOTATION,
  ISOLATION_ANNOTATION,
  REQUESTED_AT_ANNOTATION,
  RESERVED_PREFIX,
} from '../api/names.ts'
import type { KubeObject } from '../api/object.ts'
import { createSeal } from '../stores/plan/seal.ts'
import { keptConnector, keptCredentials, keptNamespace, keptProjected, keptServiceAccount, keptStore } from './kept.ts'

const strings = (count: number, length: number, prefix = 'their.example/'): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, 'x'.repeat(length)]))

/** An object that is as large as the API server lets it be: all its members, also under our own prefix. */
const large = <T extends KubeObject>(object: T, annotations = {}): T => ({
  ...object,
  data: strings(4, 250_000),
  metadata: {
    ...object.metadata,
    annotations: {
      ...object.metadata.annotations,
      ...strings(2, 60_000),
      ...strings(60, 2_000, RESERVED_PREFIX),
      ...annotations,
    },
    labels: { ...object.metadata.labels, ...strings(1000, 63), ...strings(1000, 63, RESERVED_PREFIX) },
    finalizers: [...Object.keys(strings(1000, 0)), FINALIZER],
    ownerReferences: [{ apiVersion: 'v1', kind: 'Any', name: 'x'.repeat(250_000), uid: 'u' }],
    generateName: 'x'.repeat(250_000),
    managedFields: [{ fieldsV1: strings(100, 1000) }],
  },
})
const plain: KubeObject = {
  ...{ apiVersion: 'v1', kind: 'Any' },
  metadata: { name: 'a', namespace: 'ml', uid: 'u', resourceVersion: '1' },
}
const filled = (...names: string[]) => Object.fromEntries(names.map(name => [name, 'x'.repeat(60_000)]))
const role = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/a' }

const seal = createSeal(Buffer.alloc(32), 'cluster')

describe('memory for an object does not grow with what others put into it', () => {
  const cases: [name: string, keep: (object: never) => KubeObject, object: KubeObject, annotations?: object][] = [
    ['a ServiceAccount', keptServiceAccount, plain, role],
    ['a ServiceAccount with a role of a megabyte', keptServiceAccount, plain, strings(1, 250_000)],
    ['a namespace', keptNamespace, plain],
    ['a labelled Secret or ConfigMap', keptCredentials, plain],
    ['a connector', keptConnector, connector(), filled(REQUESTED_AT_ANNOTATION)],
    ['a store', keptStore, store(), filled(REQUESTED_AT_ANNOTATION, CONFIRM_DELETE_ANNOTATION)],
    [
      'a projected Secret',
      secret => keptProjected(secret, seal),
      projectedSecret('a', { grant: 'g', issuedAt: new Date(0), expiresAt: undefined }),
      filled(CAUTIONS_ANNOTATION, ISOLATION_ANNOTATION, GRANT_ANNOTATION, CONTENT_ANNOTATION),
    ],
  ]
  for (const [name, keep, object, annotations] of cases) {
    test(name, () => {
      const {
        spec: _,
        data: __,
        ...kept
      } = keep(large(object, annotations) as never) as KubeObject & { spec?: unknown; data?: unknown }
      const size = JSON.stringify(kept).length
      assert.ok(size < 6_000, `${size} characters are kept`)
    })
  }
})

test('what is read of an object is kept', () => {
  const account = { ...plain, metadata: { ...plain.metadata, annotations: { ...role, other: 'x' } } }
  assert.deepEqual(keptServiceAccount(account).metadata, { ...plain.metadata, annotations: role })
  const namespace = { ...plain, metadata: { ...plain.metadata, labels: { team: 'ml' }, deletionTimestamp: 'now' } }
  assert.deepEqual(keptNamespace(namespace), namespace)
  const annotations = { [REQUESTED_AT_ANNOTATION]: 'now' }
  const state = { generation: 3, creationTimestamp: 'then', deletionTimestamp: 'now', finalizers: [FINALIZER] }
  const asked = connector({ metadata: { ...connector().metadata, ...state, annotations } })
  assert.deepEqual(keptConnector(asked), asked)
  const isolation = { result: 'False', detail: 'write' } as const
  const stamp = { grant: 'g', issuedAt: new Date(0), expiresAt: undefined, cautions: 'copied', isolation }
  const secret = projectedSecret('a', stamp)
  assert.equal(secret.metadata.annotations?.[ISOLATION_ANNOTATION], 'False: write')
  assert.deepEqual(keptProjected(secret, seal).metadata, secret.metadata)
})

test('a namespace with more labels than are kept is told from one without', () => {
  assert.equal(keptNamespace(plain).overlabelled, undefined)
  assert.equal(keptNamespace(large(plain)).overlabelled, true)
})

describe('that others have written something is kept, and not what', () => {
  test('in annotations of a projected Secret, which are otherwise written as a whole', () => {
    const annotationsOf = (annotations?: Record<string, string>) =>
      keptProjected(
        { ...plain, metadata: { ...plain.metadata, ...(annotations ? { annotations } : {}) } } as never,
        seal,
      ).metadata.annotations
    assert.deepEqual(annotationsOf({ 'their.example/a': 'x' }), {})
    assert.equal(annotationsOf(), undefined)
  })
  test('in finalizers of a store, which are otherwise written as a whole', () => {
    const finalizersOf = (finalizers?: string[]) =>
      keptStore(store({}, { metadata: { ...store().metadata, ...(finalizers ? { finalizers } : {}) } })).metadata
        .finalizers
    assert.deepEqual(finalizersOf(['their.example/a']), [])
    assert.deepEqual(finalizersOf(['their.example/a', FINALIZER]), [FINALIZER])
    assert.equal(finalizersOf(), undefined)
  })
})
