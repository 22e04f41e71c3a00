/** Suite: what keeps a connector or store at Azure from being Ready, how status says it, and how it ends. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ARTIFACT_STORES, SECRETS, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import type { AzureTenant } from '../../support/azure-world.ts'
import { messageOf } from '../../support/namespace.ts'
import { until } from '../../support/until.ts'
import type { SharedAzureWorld } from './shared-azure-world.ts'

export function recoveries(world: () => SharedAzureWorld): void {
  const register = (tenant: AzureTenant, subject: string, change: object = {}) => {
    const credential = { ...world().federated(tenant.name), ...change, ...(subject ? { subject } : {}) }
    world().register({ ...tenant.app, federatedCredentials: [credential] })
  }

  describe('says what stands in the way', { concurrency: 3 }, () => {
    const mismatches: [name: string, change: object][] = [
      ['subject', { subject: 'system:serviceaccount:elsewhere:runner' }],
      ['audience', { audience: 'api://somebody-else' }],
      ['issuer', { issuer: 'https://127.0.0.1:1' }],
    ]
    for (const [name, change] of mismatches) {
      test(`a federated credential with another ${name}: until it is corrected`, async () => {
        const tenant = await world().tenant(`federated-${name}`)
        register(tenant, '', change)
        await tenant.connector('azure')
        await tenant.store('models')
        const connector = await tenant.connectorCondition('azure', 'Ready', 'False', 'FederatedCredentialMismatch')
        const { issuer, subject, audience } = world().federated(tenant.name)
        const message = messageOf(connector)
        assert.match(message, /\(AADSTS\d+\)/)
        for (const value of [issuer, subject, audience]) assert.ok(message.includes(`"${value}"`), message)
        await tenant.storeCondition('models', 'ConnectorReady', 'False', 'ConnectorNotReady')

        register(tenant, subject)
        await world().lookAgain(SERVICE_CONNECTORS, tenant, 'azure')
        await tenant.connectorReady('azure')
        await tenant.storeReady('models')
      })
    }

    test('a missing role: until it is assigned', async () => {
      const tenant = await world().tenant('roles')
      const { objectId } = tenant.app
      world().azure.storage.unassign(objectId)
      await tenant.connector('azure')
      await tenant.store('models')
      const denied = await tenant.storeCondition('models', 'Ready', 'False', 'PermissionDenied')
      const message = messageOf(denied)
      assert.match(message, /blobs\/write/)
      const cure = 'assign it the role "Storage Blob Data Contributor" on container "roles"'
      assert.equal(message.split(cure).length, 2, `the cure, once, in: ${message}`)

      world().azure.storage.assign({ objectId, role: 'Storage Blob Data Contributor', container: 'roles' })
      await world().lookAgain(ARTIFACT_STORES, tenant, 'models')
      const unsigned = await tenant.storeCondition('models', 'CredentialsProjected', 'False', 'PermissionDenied')
      assert.match(
        messageOf(unsigned, 'CredentialsProjected'),
        /assign it the role "Storage Blob Delegator" on storage account/,
      )

      world().azure.storage.assign({ objectId, role: 'Storage Blob Delegator' })
      await world().lookAgain(ARTIFACT_STORES, tenant, 'models')
      await tenant.storeReady('models')
    })

    test('a client secret: the right one is taken up at once', async () => {
      const tenant = await world().tenant('rotated')
      const { tenantId: tenant_id, clientId: client_id } = tenant.app
      world().register({ ...tenant.app, secrets: [{ value: 'first-client-secret' }] })
      await world().secret(tenant, 'client', { tenant_id, client_id, client_secret: 'guessed-client-secret' })
      await tenant.connector('azure', { auth: { servicePrincipal: { secretName: 'client' } } })
      await tenant.store('models')
      const rejected = await tenant.connectorCondition('azure', 'Ready', 'False', 'CredentialsRejected')
      assert.match(messageOf(rejected), /Secret "rotated\/client" .*store the value of the secret, not its id/)
      await put('first-client-secret')
      await tenant.storeReady('models')

      const version = async () => (await tenant.getSecret('models-step'))?.metadata.resourceVersion
      const before = await version()
      world().register({ ...tenant.app, secrets: [{ value: 'second-client-secret' }] })
      await put('second-client-secret')
      await until('the Secret is made anew', async () => (await version()) !== before)
      await tenant.storeReady('models')

      async function put(value: string): Promise<void> {
        world().secrets.add(value)
        const encoded = Buffer.from(value).toString('base64')
        await world().client.jsonPatch(SECRETS, { namespace: 'rotated', name: 'client' }, [
          { op: 'replace', path: '/data/client_secret', value: encoded },
        ])
      }
    })

    test('a path at another storage account', async () => {
      const tenant = await world().tenant('abroad')
      await tenant.connector('azure')
      await tenant.store('models', { path: 'abfss://abroad@elsewhere.dfs.core.windows.net/models' })
      const store = await tenant.storeCondition('models', 'Stalled', 'True', 'AccountMismatch')
      assert.match(messageOf(store), /spec\.path is at elsewhere\.dfs\.core\.windows\.net/)
    })
  })
}
