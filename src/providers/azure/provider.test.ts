import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DELETE, LIST, READ, WRITE } from './permissions.ts'
import { createAzureProvider } from './provider.ts'

const provider = createAzureProvider({ now: () => new Date() })

describe('the Azure provider', () => {
  test('requires each permission that the accesses need once', () => {
    assert.deepEqual(provider.requiredPermissions([]), [LIST, READ, WRITE, DELETE])
    assert.deepEqual(
      provider.requiredPermissions((['WriteOnly', 'ReadOnly'] as const).map(access => ({ access, formats: ['Env'] }))),
      [WRITE, LIST, READ],
    )
    for (const permission of provider.requiredPermissions([])) {
      // The pattern of spec.verification.require.
      assert.match(permission, /^[A-Za-z0-9.]+[:/][A-Za-z0-9./-]{1,127}$/)
    }
  })

  test('opens no identities of other providers', async () => {
    const stranger = { provider: 'aws', fingerprint: 'f', connector: 'c', sessionDurationMs: 1, cautions: [] }
    await assert.rejects(provider.open(stranger, new AbortController().signal), /an identity of provider aws/)
  })
})
