import assert from 'node:assert/strict'
import { test } from 'node:test'
import { store } from '../../../test/support/objects.ts'
import { preparations, ruleIdOf, rulesOf, rulesOfName, withoutRule } from './lifecycle-rule.ts'

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

test('the rule that a store has from a time when ids did not name the cluster is its own, too', () => {
  const rules = rulesOf(of('ml', 'prod'), { cluster: CLUSTER })
  const formerRule = 'artifactstore.dev/ml/prod/1b9d6bcd'
  assert.equal(rules.formerRule, formerRule)
  assert.equal(rulesOf(of('ml', 'prod'), {}).formerRule, undefined, 'that is its name where the cluster is not known')
  const location = { bucket: 'b', prefix: '', uri: 's3://b' }
  assert.equal(withoutRule({ location, ...rules }).formerRule, formerRule)
  assert.equal(preparations({ location, create: false, ...rules }, 30)[0]?.formerRule, formerRule)
})

test('ids of lifecycle rules fit into what S3 takes even for the longest names, and differ by uid', () => {
  const [namespace, name] = ['n'.repeat(63), 's'.repeat(253)]
  assert.ok(named(namespace, name, UID).length <= 255)
  assert.notEqual(named(namespace, name, UID), named(namespace, name, `2${UID}`))
})
