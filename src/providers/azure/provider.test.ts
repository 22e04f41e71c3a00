import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { accountKey, spec, workload } from '../../../test/support/azure-connector.ts'
import type { AzureSpec } from '../../api/azure-connector.ts'
import { DELETE, LIST, READ, WRITE } from './permissions.ts'
import { createAzureProvider } from './provider.ts'

const provider = createAzureProvider({ now: () => new Date() })

describe('the Azure provider', () => {
  test('requires each permission that the accesses need once', () => {
    assert.deepEqual(provider.requiredPermissions([]), [LIST, READ, WRITE, DELETE])
    assert.deepEqual(provider.requiredPermissions(['WriteOnly', 'ReadOnly']), [WRITE, LIST, READ])
    for (const permission of provider.requiredPermissions([])) {
      // The pattern of spec.verification.require.
      assert.match(permission, /^[A-Za-z0-9.]+[:/][A-Za-z0-9./-]{1,127}$/)
    }
  })

  const { accountName: _, ...unnamed } = spec(accountKey).azure
  const groups: [name: string, azure: AzureSpec, group: string][] = [
    ['an account', spec(workload).azure, 'azure acme https://login.microsoftonline.com'],
    [
      'the host of an endpoint, and its authority',
      spec(workload, { endpoint: 'https://azurite:10000/acme', authorityHost: 'https://entra' }).azure,
      'azure https://azurite:10000 https://entra',
    ],
    ['a Secret', unnamed, 'azure account https://login.microsoftonline.com'],
  ]
  for (const [name, azure, group] of groups) {
    test(`groups by ${name}`, () => assert.equal(provider.group({ azure }), group))
  }

  test('opens no identities of other providers', async () => {
    const stranger = { provider: 'aws', fingerprint: 'f', connector: 'c', sessionDurationMs: 1, cautions: [] }
    await assert.rejects(provider.open(stranger, new AbortController().signal), /an identity of provider aws/)
  })
})
