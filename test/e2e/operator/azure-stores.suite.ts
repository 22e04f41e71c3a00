/** Suite: what a store on Azure does, and what its credentials may do. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { WorkloadIdentityCredential } from '@azure/identity'
import { BlobServiceClient } from '@azure/storage-blob'
import type { Format } from '../../../src/api/artifact-store.ts'
import { ARTIFACT_STORES, SECRETS, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import type { AzureTenant } from '../../support/azure-world.ts'
import { MountedSecret } from '../../support/mounted-secret.ts'
import { messageOf } from '../../support/namespace.ts'
import { until } from '../../support/until.ts'
import type { SharedAzureWorld } from './shared-azure-world.ts'

const SHORT = /^Microsoft\.Storage\/storageAccounts\/blobServices\/(containers\/)?/
const MISMATCH = { refused: 'AuthorizationPermissionMismatch' }

export function stores(world: () => SharedAzureWorld): void {
  describe('from a ServiceAccount to a container', () => {
    let tenant: AzureTenant
    before(async () => {
      tenant = await world().tenant('access')
      await world().azure.azurite.admin.putBlob('access', 'team/b', 'there')
      await tenant.connector('azure')
      await tenant.store('store', {
        path: 'az://access/team',
        credentials: [
          { name: 'step', formats: ['Env'] },
          { name: 'viewer', access: 'ReadOnly', formats: ['Env'] },
          { name: 'uploader', access: 'WriteOnly', duration: '15m', formats: ['Env'] },
        ],
      })
      await tenant.storeReady('store')
    })

    test('status says what was proven', async () => {
      const { status } = await tenant.getStore('store')
      const conditions = Object.fromEntries(
        status?.conditions?.map(({ type, status, reason }) => [type, `${status}/${reason}`]) ?? [],
      )
      assert.deepEqual(conditions, {
        Ready: 'True/Verified',
        ConnectorReady: 'True/Authenticated',
        BucketReachable: 'True/Reachable',
        AccessVerified: 'True/PermissionsVerified',
        CredentialsProjected: 'True/ProjectedWithCaution',
        // The account has no hierarchical namespace, so a SAS token opens the container.
        Isolated: 'False/NotIsolated',
      })
      assert.deepEqual(status?.bucket, { name: 'access', prefix: 'team/' })
      const permissions = status?.permissions?.map(({ action, result }) => [action.replace(SHORT, ''), result])
      assert.deepEqual(Object.fromEntries(permissions ?? []), {
        'blobs/read/Blob.List': 'Allowed',
        'blobs/read': 'Allowed',
        'blobs/write': 'Allowed',
        'blobs/delete': 'Allowed',
        'generateUserDelegationKey/action': 'Allowed',
      })
      const { tenantId, clientId } = tenant.app
      assert.deepEqual((await tenant.connectorReady('azure')).status?.identity, { tenantId, clientId })
    })

    test('people are told how far credentials reach', async () => {
      const message = messageOf(await tenant.getStore('store'), 'CredentialsProjected')
      assert.match(message, /reach the whole container "access": its storage account has no hierarchical namespace/)
    })

    test('no trace is left in the container', async () => {
      const { admin } = world().azure.azurite
      assert.deepEqual(await admin.listUncommitted('access'), [])
      assert.deepEqual(await admin.listBlobs('access'), ['team/b'])
    })

    test('ReadWrite reads, writes and deletes', async () => {
      const adlfs = await world().adlfs(tenant, 'store-step')
      assert.deepEqual(await adlfs.ask('put access/team/a hello'), { ok: 'written' })
      assert.deepEqual(await adlfs.ask('get access/team/a'), { ok: 'hello' })
      assert.deepEqual(await adlfs.ask('remove access/team/a'), { ok: 'removed' })
    })

    test('ReadOnly reads only', async () => {
      const adlfs = await world().adlfs(tenant, 'store-viewer')
      assert.deepEqual(await adlfs.ask('get access/team/b'), { ok: 'there' })
      assert.deepEqual(await adlfs.ask('list access/team'), { ok: ['access/team/b'] })
      assert.deepEqual(await adlfs.ask('put access/team/b x'), MISMATCH)
      assert.deepEqual(await adlfs.ask('remove access/team/b'), MISMATCH)
    })

    test('WriteOnly writes only, and lives as long as its entry asks', async () => {
      const adlfs = await world().adlfs(tenant, 'store-uploader')
      assert.deepEqual(await adlfs.ask('put access/team/c new'), { ok: 'written' })
      assert.deepEqual(await adlfs.ask('get access/team/b'), MISMATCH)
      assert.deepEqual(await adlfs.ask('list access/team'), MISMATCH)
      assert.deepEqual(await adlfs.ask('remove access/team/b'), MISMATCH)
      const [step, uploader] = await Promise.all(['store-step', 'store-uploader'].map(name => tenant.sas(name)))
      const ends = (sas?: URLSearchParams): number => Date.parse(sas?.get('se') ?? '')
      assert.equal(Math.round((ends(step) - ends(uploader)) / 60_000), 45)
    })

    test('a Secret deleted by hand is back', async () => {
      await world().client.delete(SECRETS, 'access', 'store-viewer')
      await until('the Secret is back', () => tenant.getSecret('store-viewer'))
    })

    test('a deleted store takes its Secrets along and leaves the blobs', async () => {
      await world().client.delete(ARTIFACT_STORES, 'access', 'store')
      await until('the Secrets are gone', async () => {
        const names = ['store-step', 'store-viewer', 'store-uploader']
        const secrets = await Promise.all(names.map(name => tenant.getSecret(name)))
        return secrets.every(secret => secret === undefined)
      })
      assert.deepEqual(await world().azure.azurite.admin.listBlobs('access'), ['team/b', 'team/c'])
    })
  })

  test('projects each format of Azure', async () => {
    const tenant = await world().tenant('formats')
    await tenant.connector('azure')
    const keys: Partial<Record<Format, string[]>> = {
      Env: ['AZURE_STORAGE_SAS_TOKEN', 'AZURE_STORAGE_CONNECTION_STRING', 'BUCKET_NAME'],
      WebIdentity: [
        'token',
        'AZURE_FEDERATED_TOKEN_FILE',
        'AZURE_CLIENT_ID',
        'AZURE_TENANT_ID',
        'AZURE_AUTHORITY_HOST',
      ],
      ZenML: ['artifact-store.json', 'artifact-store-secret.json'],
      ArgoWorkflows: ['accountKey', 'artifact-repository.yaml'],
      Rclone: ['rclone.conf'],
    }
    const formats = Object.keys(keys) as Format[]
    const credentials = formats.map(format => ({ name: format.toLowerCase(), formats: [format] }))
    await tenant.store('models', { credentials })
    await tenant.storeReady('models')
    for (const format of formats) {
      const values = await tenant.values(`models-${format.toLowerCase()}`)
      for (const key of [...(keys[format] ?? []), 'ca.crt']) assert.ok(values[key], `${format} has no ${key}`)
    }
  })

  test('projects web identities of its connector for SDKs that exchange tokens themselves', async () => {
    const tenant = await world().tenant('exchanged')
    const mountPath = join(world().controlPlane.dir, 'web-identity')
    await tenant.connector('azure')
    await tenant.store('models', { credentials: [{ name: 'step', formats: ['WebIdentity'], mountPath }] })
    const store = await tenant.storeReady('models')
    assert.match(messageOf(store, 'CredentialsProjected'), /WebIdentity hands out the identity of the connector/)
    const values = await tenant.values('models-step')
    new MountedSecret(mountPath).update(values)

    const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE, AZURE_AUTHORITY_HOST } = values
    assert.ok(AZURE_TENANT_ID && AZURE_CLIENT_ID && AZURE_FEDERATED_TOKEN_FILE && AZURE_AUTHORITY_HOST)
    // Both options are needed because this cloud runs on this machine.
    const trust = { tlsOptions: { ca: values['ca.crt'] ?? '' }, disableInstanceDiscovery: true }
    const credential = new WorkloadIdentityCredential({
      ...{ tenantId: AZURE_TENANT_ID, clientId: AZURE_CLIENT_ID },
      ...{ tokenFilePath: AZURE_FEDERATED_TOKEN_FILE, authorityHost: AZURE_AUTHORITY_HOST, ...trust },
    })
    const service = new BlobServiceClient(values['AZURE_STORAGE_ENDPOINT'] ?? '', credential, {
      retryOptions: { maxTries: 1 },
      ...trust,
    })
    const container = service.getContainerClient(values['BUCKET_NAME'] ?? '')
    await container.getBlockBlobClient('a').upload('hello', 5)
    assert.equal(await world().azure.azurite.admin.readBlob('exchanged', 'a'), 'hello')
  })

  test('creates, measures and lists containers', async () => {
    const tenant = await world().tenant('made')
    world().azure.storage.assign({ objectId: tenant.app.objectId, role: 'Storage Blob Data Contributor' })
    await tenant.connector('azure', {}, { resources: ['az://made', 'az://made-*', 'az://absent'] })
    await tenant.store('models', {
      path: 'abfs://made-here/team',
      bucket: { create: true },
      usage: { source: 'List' },
    })
    await tenant.storeReady('models')
    const prepared = async () =>
      (await tenant.events('models')).filter(({ reason }) => reason === 'BucketPrepared').map(({ note }) => note)
    // Events are sent beside the work that they are about.
    await until('the event', async () => (await prepared()).length > 0)
    assert.deepEqual(await prepared(), ['abfs://made-here/team/: created the container'])
    const usage = await until('usage is measured', async () => (await tenant.getStore('models')).status?.usage)
    assert.deepEqual([usage.objects, usage.bytes, usage.scope], [0, 0, 'Prefix'])

    await world().lookAgain(SERVICE_CONNECTORS, tenant, 'azure')
    const listed = await tenant.connectorCondition('azure', 'ResourcesListed', 'False', 'NotListed')
    assert.match(messageOf(listed, 'ResourcesListed'), /az:\/\/absent/)
    await until('both containers are listed', async () => {
      const { resources } = (await tenant.getConnector('azure')).status ?? {}
      return resources?.map(({ uri }) => uri).join() === 'az://made,az://made-here'
    })
  })
}
