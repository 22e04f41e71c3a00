import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { askedOf, RULES, rightWords } from './operator-rights.ts'

interface Role {
  kind: string
  rules?: { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] }[]
}

test('rights are those of deploy/operator-role.yaml', () => {
  const roles = parseAllDocuments(readFileSync('deploy/operator-role.yaml', 'utf8')).map(
    document => document.toJS() as Role,
  )
  const deployed = roles.flatMap(({ kind, rules = [] }) =>
    rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [''] }) =>
      apiGroups.flatMap(group =>
        resources.flatMap(resource =>
          verbs.flatMap(verb => resourceNames.map(name => [kind === 'Role', group, resource, verb, name].join(' '))),
        ),
      ),
    ),
  )
  const known = RULES.flatMap(({ group, resource, verbs, name = '', where }) =>
    verbs.map(verb => [where === 'own', group, resource, verb, name].join(' ')),
  )
  assert.deepEqual(known.sort(), deployed.sort())
})

test('an operator for the whole cluster is asked about all namespaces, and about its Lease in its own', () => {
  const all = askedOf('system', undefined)
  assert.deepEqual(
    [...new Set(all.map(({ attributes }) => `${attributes.resource}: ${attributes.namespace}`))].filter(
      words => !words.endsWith('undefined'),
    ),
    ['leases: system'],
  )
})

test('an operator that is limited to namespaces is asked about these, and about no list of namespaces', () => {
  const words = askedOf('system', ['ml', 'data']).map(rightWords)
  assert.ok(words.includes('patch artifactstores/status.artifactstore.dev in namespace "ml"'))
  assert.ok(words.includes('create serviceaccounts/token in namespace "data"'))
  assert.ok(words.includes('get leases.coordination.k8s.io in namespace "system"'))
  assert.ok(words.every(right => right.includes(' in namespace ') && !right.includes(' namespaces')))
})
