import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { none, resultOf } from '../../../test/support/azure.ts'
import { isFailure } from '../../api/failures.ts'
import { operatorExchange } from './operator-exchange.ts'

describe("the operator's own workload identity", () => {
  const claims = { sub: 'system:serviceaccount:system:operator', aud: ['api://AzureADTokenExchange'] }
  const token = `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`
  let dir: string
  let env: Record<string, string>
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'operator-exchange-'))
    await writeFile(join(dir, 'token'), `${token}\n`)
    env = {
      ...{ AZURE_FEDERATED_TOKEN_FILE: join(dir, 'token'), AZURE_TENANT_ID: 'tenant-1', AZURE_CLIENT_ID: 'client-1' },
      AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us/',
    }
  })
  after(() => rm(dir, { recursive: true }))

  test('is the token in its file, for the client of its ServiceAccount or the one that is named', async () => {
    for (const [clientId, expected] of [
      [undefined, 'client-1'],
      ['client-2', 'client-2'],
    ] as const) {
      const exchange = await operatorExchange({ kind: 'managedIdentity', ...(clientId ? { clientId } : {}) }, env)
      assert.ok(exchange && !isFailure(exchange))
      const { token: read, refused: _, ...auth } = exchange.auth
      assert.deepEqual(auth, {
        ...{ kind: 'workloadIdentity', clientId: expected, tenantId: 'tenant-1' },
        ...{ subject: 'system:serviceaccount:system:operator', audience: 'api://AzureADTokenExchange' },
      })
      assert.equal(await read(none), token)
      const url = 'https://login.microsoftonline.us'
      assert.deepEqual(exchange.authority, { url, host: 'login.microsoftonline.us', field: 'AZURE_AUTHORITY_HOST' })
      assert.equal(exchange.caPem, undefined)
    }
  })

  test('is none without its variables, so that the node has the identity', async () => {
    for (const name of ['AZURE_FEDERATED_TOKEN_FILE', 'AZURE_TENANT_ID', 'AZURE_CLIENT_ID']) {
      const { [name]: _, ...others } = env
      assert.equal(await operatorExchange({ kind: 'managedIdentity' }, others), undefined)
    }
  })

  test('is not found by a resource id', async () => {
    const exchange = await operatorExchange({ kind: 'managedIdentity', resourceId: '/subscriptions/a' }, env)
    assert.equal(resultOf(exchange), 'stalled ManagedIdentityNotFound')
  })

  test('is waited for while its file can’t be read', async () => {
    const absent = { ...env, AZURE_FEDERATED_TOKEN_FILE: join(dir, 'absent') }
    assert.equal(
      resultOf(await operatorExchange({ kind: 'managedIdentity' }, absent)),
      'transient ManagedIdentityUnavailable',
    )
  })
})
