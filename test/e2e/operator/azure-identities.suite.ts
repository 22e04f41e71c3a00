/** Suite: each way to authenticate at Azure, from its objects to a client that reads and writes. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ContainerSASPermissions, SASProtocol } from '@azure/storage-blob'
import { SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import { type AzureSpec, type AzureTenant, TENANT_ID } from '../../support/azure-world.ts'
import { messageOf } from '../../support/namespace.ts'
import { MANAGED, MANAGED_CLIENT, MISUSED, OTHERS, type SharedAzureWorld } from './shared-azure-world.ts'

interface Case {
  /** The name of the case and of its namespace. */
  name: string
  /** Creates what the connector names; returns its spec. */
  arrange(world: SharedAzureWorld, tenant: AzureTenant): Promise<AzureSpec>
  /** The expected `status.principal`. */
  principal(tenant: AzureTenant): string
  /** A caution about the credentials, in addition to the one that they reach the whole container. */
  caution?: RegExp
}

/** The operator itself takes no CA of a connector. */
function withoutCa(tenant: AzureTenant, change: Partial<AzureSpec>): AzureSpec {
  const { caBundle: _, ...rest } = tenant.azure(change)
  return { ...rest, auth: change.auth ?? rest.auth }
}

const client = ({ app }: AzureTenant): string => `client ${app.clientId} of tenant ${TENANT_ID}`

const cases: Case[] = [
  {
    name: 'workload',
    arrange: async (_, tenant) => tenant.azure(),
    principal: client,
  },
  {
    name: 'principal',
    async arrange(world, tenant) {
      const client_secret = 'a-client-secret-of-principal'
      world.register({ ...tenant.app, secrets: [{ value: client_secret }] })
      const { tenantId: tenant_id, clientId: client_id } = tenant.app
      await world.secret(tenant, 'client', { tenant_id, client_id, client_secret })
      return tenant.azure({ auth: { servicePrincipal: { secretName: 'client' } } })
    },
    principal: client,
  },
  {
    name: MANAGED,
    async arrange({ azure }, tenant) {
      azure.imds.assign({ ...tenant.app, clientId: MANAGED_CLIENT })
      return withoutCa(tenant, { auth: { managedIdentity: { clientId: MANAGED_CLIENT } } })
    },
    principal: () => `client ${MANAGED_CLIENT} of tenant ${TENANT_ID}`,
  },
  {
    name: 'key',
    arrange: (world, tenant) => world.byAccountKey(tenant),
    principal: () => 'the account key in Secret "key/account"',
  },
  {
    name: 'sas',
    async arrange(world, tenant) {
      await world.secret(tenant, 'given', { sas_token: await containerSas(world, 'sas', 'racwdl') })
      return tenant.azure({ auth: { sasToken: { secretName: 'given' } } })
    },
    principal: () => 'the SAS token in Secret "sas/given"',
    caution: /is handed on as it is: it ends at its own time/,
  },
  {
    name: 'string',
    async arrange(world, tenant) {
      const { azurite, storage } = world.azure
      const account = `AccountName=${azurite.accountName};AccountKey=${azurite.accountKey}`
      await world.secret(tenant, 'string', { connection_string: `${account};BlobEndpoint=${storage.endpoint}` })
      const { caBundle } = tenant.azure()
      return { caBundle, auth: { connectionString: { secretName: 'string' } } }
    },
    principal: () => 'the account key in Secret "string/string"',
  },
]

async function containerSas({ azure }: SharedAzureWorld, container: string, permissions: string): Promise<string> {
  const url = await azure.azurite.admin
    .service()
    .getContainerClient(container)
    .generateSasUrl({
      permissions: ContainerSASPermissions.parse(permissions),
      expiresOn: new Date(Date.now() + 3_600_000),
      protocol: SASProtocol.Https,
    })
  return new URL(url).search.slice(1)
}

export function identities(world: () => SharedAzureWorld): void {
  describe('gives credentials that work, by each way to authenticate', { concurrency: 3 }, () => {
    for (const { name, arrange, principal, caution } of cases) {
      test(name, async () => {
        const tenant = await world().tenant(name)
        // The identity may use all containers, and yet gives credentials for only one.
        world().azure.storage.assign({ objectId: tenant.app.objectId, role: 'Storage Blob Data Contributor' })
        await tenant.create(SERVICE_CONNECTORS, 'azure', { spec: { azure: await arrange(world(), tenant) } })
        await tenant.store('models')
        const store = await tenant.storeReady('models')
        const { status } = await tenant.connectorReady('azure')
        assert.equal(status?.principal, principal(tenant))
        if (caution) assert.match(messageOf(store, 'CredentialsProjected'), caution)

        const adlfs = await world().adlfs(tenant, 'models-step')
        assert.deepEqual(await adlfs.ask(`put ${name}/models/a hello`), { ok: 'written' })
        assert.deepEqual(await adlfs.ask(`get ${name}/models/a`), { ok: 'hello' })
        assert.deepEqual(await adlfs.ask(`list ${name}/models`), { ok: [`${name}/models/a`] })
        for (const command of ['put', 'get', 'list']) {
          assert.deepEqual(await adlfs.ask(`${command} ${OTHERS}/a x`), { refused: 'AuthenticationFailed' }, command)
        }
        assert.equal(await world().azure.azurite.admin.readBlob(name, 'models/a'), 'hello')
      })
    }
  })

  test('keeps the identity of its node from what no administrator has listed', async () => {
    const tenant = await world().tenant(MISUSED)
    const managedIdentity = { clientId: MANAGED_CLIENT }
    const create = (name: string, azure: AzureSpec) => tenant.create(SERVICE_CONNECTORS, name, { spec: { azure } })
    const elsewhere = 'https://localhost:1/acme'
    await create(
      'endpoint',
      withoutCa(tenant, { auth: { managedIdentity: {} }, endpoint: elsewhere, accountName: 'acme' }),
    )
    await create('ca', tenant.azure({ auth: { managedIdentity: {} } }))
    await create('client', withoutCa(tenant, { auth: { managedIdentity } }))
    for (const [name, message] of [
      ['endpoint', /^spec\.azure\.endpoint: "localhost" may not get tokens/],
      ['ca', /^spec\.azure\.caBundle: /],
      ['client', /^spec\.azure\.auth\.managedIdentity\.clientId: .* may not be "/],
    ] as const) {
      const connector = await tenant.connectorCondition(name, 'Stalled', 'True', 'ImplicitAuthNotAllowed')
      assert.match(messageOf(connector), message)
    }
  })

  test('refuses the identity of its node to connectors of other namespaces', async () => {
    const tenant = await world().tenant('unmanaged')
    await tenant.connector('azure', { auth: { managedIdentity: {} } })
    const connector = await tenant.connectorCondition('azure', 'Stalled', 'True', 'ImplicitAuthNotAllowed')
    assert.match(
      messageOf(connector),
      /^spec\.azure\.auth\.managedIdentity: .*--implicit-auth-namespaces=\.\.\.,unmanaged/,
    )
  })
}
