import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, projectedSecret, store } from '../../test/support/objects.ts'
import { REQUESTED_AT_ANNOTATION } from '../api/names.ts'
import type { KubeObject } from '../api/object.ts'
import { createSeal } from '../stores/plan/seal.ts'
import { keptConnector, keptCredentials, keptNamespace, keptProjected, keptServiceAccount, keptStore } from './kept.ts'

const strings = (count: number, length: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`their.example/${index}`, 'x'.repeat(length)]))

/** An object that is as large as the API server lets it be: annotations, labels, data, managed fields. */
const large = <T extends KubeObject>(object: T, annotations = {}): T => ({
  ...object,
  data: strings(4, 250_000),
  metadata: {
    ...object.metadata,
    annotations: { ...object.metadata.annotations, ...strings(2, 120_000), ...annotations },
    labels: { ...object.metadata.labels, ...strings(1000, 63) },
    managedFields: [{ fieldsV1: strings(100, 1000) }],
  },
})
const plain: KubeObject = {
  ...{ apiVersion: 'v1', kind: 'Any' },
  metadata: { name: 'a', namespace: 'ml', uid: 'u', resourceVersion: '1' },
}
const role = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/a' }

const seal = createSeal(Buffer.alloc(32), 'cluster')

describe('memory for an object does not grow with what others put into it', () => {
  const cases: [name: string, keep: (object: never) => KubeObject, object: KubeObject, annotations?: object][] = [
    ['a ServiceAccount', keptServiceAccount, plain, role],
    ['a ServiceAccount with a role of a megabyte', keptServiceAccount, plain, strings(1, 250_000)],
    ['a namespace', keptNamespace, plain],
    ['a labelled Secret or ConfigMap', keptCredentials, plain],
    ['a connector', keptConnector, connector(), { [REQUESTED_AT_ANNOTATION]: 'x'.repeat(250_000) }],
    ['a store', keptStore, store()],
    [
      'a projected Secret',
      secret => keptProjected(secret, seal),
      projectedSecret('a', { grant: 'g', issuedAt: new Date(0), expiresAt: undefined }),
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
  const asked = connector({ metadata: { ...connector().metadata, annotations: { [REQUESTED_AT_ANNOTATION]: 'now' } } })
  assert.deepEqual(keptConnector(asked), asked)
  const secret = projectedSecret('a', { grant: 'g', issuedAt: new Date(0), expiresAt: undefined, cautions: 'copied' })
  assert.deepEqual(keptProjected(secret, seal).metadata, secret.metadata)
})

test('a namespace with more labels than are kept is told from one without', () => {
  assert.equal(keptNamespace(plain).overlabelled, undefined)
  assert.equal(keptNamespace(large(plain)).overlabelled, true)
})
