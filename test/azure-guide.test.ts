/** Checks that the guide to Azure says what the code does. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { storageSuffixOf } from '../src/providers/azure/clouds.ts'
import { assignmentsOf } from '../src/providers/azure/needs/roles.ts'
import { ROLE, requiredPermissions } from '../src/providers/azure/permissions.ts'
import { Guide, sources, testExamples, testReasons } from './guides.ts'

const guide = new Guide('azure.md', 'azure-containers.md', 'azure-troubleshooting.md')
const SERVICE = 'Microsoft.Storage/storageAccounts/blobServices/'

testReasons(guide, 's3/')
testExamples(guide)

describe('permissions in docs/azure.md', () => {
  const rows = [...guide.text.matchAll(/^\| `([\w/]+\/[\w.]+)` \| (\w[^|]*?) \| [^|]*? \| (Storage [^|]*?) \|$/gm)].map(
    ([, short = '', probe = '', role]) => ({ action: SERVICE + short, probe, role }),
  )
  const probed = rows.map(({ action }) => action)

  test('the table has those of the code, with their roles and probes', () => {
    assert.deepEqual(Object.fromEntries(rows.map(({ action, role }) => [action, role])), ROLE)
    const code = sources('providers/azure')
    assert.deepEqual(
      rows.filter(({ probe }) => !code.includes(probe.replace('an absent blob', ''))),
      [],
    )
  })

  test('the first ones are those that each access requires by itself', () => {
    const access = ['ReadWrite', 'ReadOnly', 'WriteOnly'] as const
    assert.deepEqual(
      access.map(access => requiredPermissions([{ access }])),
      [probed.slice(0, 4), probed.slice(0, 2), probed.slice(2, 3)],
    )
  })

  test('the roles to assign are those that the command line prints', () => {
    const assigned = [...guide.text.matchAll(/--role "([^"]+)" --scope \$ACCOUNT_ID(\S*)$/gm)].map(
      ([, role, where]) => [role, where],
    )
    const wanted = assignmentsOf([{ container: 'models', accesses: ['ReadWrite'] }]).map(({ role, container }) => [
      role,
      container === undefined ? '' : `/blobServices/default/containers/${container}`,
    ])
    assert.deepEqual(new Set(assigned.map(String)), new Set(wanted.map(String)))
  })

  test('those to paste are those of the table', () => {
    const required = [...guide.section('permissions').matchAll(/^ {4}- (\S+)$/gm)].map(([, action]) => action)
    assert.deepEqual(required, probed)
  })
})

test('docs/azure.md has the clouds with the domains of their storage', () => {
  const rows = [
    ...guide.text.matchAll(
      /^\| ((?:`https:\/\/login\.[^`]+`(?:, | \(default\))?)+) \| `https:[^.]+\.blob\.([^`]+)` \|$/gm,
    ),
  ]
  assert.ok(rows.length >= 3)
  for (const [, authorities = '', suffix] of rows) {
    for (const [, authority = ''] of authorities.matchAll(/`([^`]+)`/g))
      assert.equal(storageSuffixOf(authority), suffix)
  }
})
