import assert from 'node:assert/strict'
import { test } from 'node:test'
import { store } from '../../../test/support/objects.ts'
import { ruleIdOf } from './lifecycle-rule.ts'

const named = (namespace: string, name: string, uid: string) =>
  ruleIdOf(store({}, { metadata: { ...store().metadata, namespace, name, uid } }))
const UID = '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed'

test('the id of a lifecycle rule names its store', () => {
  assert.equal(named('ml', 'prod', UID), 'artifactstore.dev/ml/prod/1b9d6bcd')
})

test('ids of lifecycle rules fit into what S3 takes even for the longest names, and differ by uid', () => {
  const [namespace, name] = ['n'.repeat(63), 's'.repeat(253)]
  assert.ok(named(namespace, name, UID).length <= 255)
  assert.notEqual(named(namespace, name, UID), named(namespace, name, `2${UID}`))
})
