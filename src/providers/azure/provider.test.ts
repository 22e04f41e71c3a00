import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DELETE, LIST, READ, WRITE } from './permissions.ts'
import { createAzureProvider } from './provider.ts'

const provider = createAzureProvider({ clock: () => new Date() })

describe('the Azure provider', () => {
  test('requires what the accesses need, once each', () => {
    assert.deepEqual(provider.requiredPermissions([]), [LIST, READ, WRITE, DELETE])
    assert.deepEqual(provider.requiredPermissions(['WriteOnly', 'ReadOnly']), [WRITE, LIST, READ])
    for (const permission of provider.requiredPermissions([])) {
      // What spec.verification.require takes.
      assert.match(permission, /^[A-Za-z0-9.]+[:/][A-Za-z0-9./-]{1,127}$/)
    }
  })

  test('opens its own identities only', async () => {
    const stranger = { provider: 'aws', fingerprint: 'f', connector: 'c', sessionDurationMs: 1, cautions: [] }
    await assert.rejects(provider.open(stranger, new AbortController().signal), /an identity of provider aws/)
  })
})
