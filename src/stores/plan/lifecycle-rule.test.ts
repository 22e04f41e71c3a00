import assert from 'node:assert/strict'
import { test } from 'node:test'
import { store } from '../../../test/support/objects.ts'
import { ruleIdOf, rulesOfName } from './lifecycle-rule.ts'

const UID = '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed'
const CLUSTER = '4c1f0a2e-7c0d-4a55-8f0e-3b5a9a2f0d11'
const of = (namespace: string, name: string, uid = UID) =>
  store({}, { metadata: { ...store().metadata, namespace, name, uid } })
const named = (namespace: string, name: string, uid: string) => ruleIdOf(of(namespace, name, uid), { cluster: CLUSTER })

test('the id of a lifecycle rule names its store and cluster', () => {
  assert.equal(named('ml', 'prod', UID), 'artifactstore.dev/ml/prod/4c1f0a2e-1b9d6bcd')
  assert.equal(ruleIdOf(of('ml', 'prod'), { cluster: undefined }), 'artifactstore.dev/ml/prod/1b9d6bcd')
})

test('rules of earlier stores are those of the same name in the same cluster', () => {
  assert.equal(rulesOfName(of('ml', 'prod'), { cluster: CLUSTER }), 'artifactstore.dev/ml/prod/4c1f0a2e-')
  assert.equal(rulesOfName(of('ml', 'prod'), { cluster: undefined }), undefined)
  assert.equal(rulesOfName(of('ml', 's'.repeat(200)), { cluster: CLUSTER }), undefined, 'a name that is cut')
})

test('ids of lifecycle rules fit into what S3 takes even for the longest names, and differ by uid', () => {
  const [namespace, name] = ['n'.repeat(63), 's'.repeat(253)]
  assert.ok(named(namespace, name, UID).length <= 255)
  assert.notEqual(named(namespace, name, UID), named(namespace, name, `2${UID}`))
})
