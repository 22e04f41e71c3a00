/** Suite: every format for Azure, read by the clients that it is made for. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import type { Format } from '../../../src/api/artifact-store.ts'
import { pythonWithClients, pythonWithNativeClients, rcloneBinary } from '../../cluster/tools.ts'
import { run } from '../../support/client-process.ts'
import { messageOf } from '../../support/namespace.ts'
import type { SharedAzureWorld } from '../operator/shared-azure-world.ts'
import { askPython, rootsOf, zenmlVariables } from './programs.ts'
import { keepNotes } from './rclone.ts'
import { RemoteCache } from './turborepo.ts'
import { mount, type Pod } from './world.ts'

const CONTAINER = 'clients'
const STORE = `az://${CONTAINER}/team`
const DONE = { loaded: 'weights', left: false }

const FORMATS: Record<string, Format> = {
  env: 'Env',
  turborepo: 'Turborepo',
  named: 'Keys',
  identity: 'WebIdentity',
  zenml: 'ZenML',
  argo: 'ArgoWorkflows',
  people: 'Rclone',
}

/** Of the entry with format Keys. */
const KEYS = {
  ...({ AZURE_STORAGE_ACCESS_KEY: 'sasToken', ENDPOINT: 'endpoint' } as const),
  ...({ BUCKET_NAME: 'bucket', BUCKET_PREFIX: 'prefix' } as const),
}

export function clients(world: () => SharedAzureWorld): void {
  describe('clients that have nothing but a projected Secret', { concurrency: 2 }, () => {
    const pods = new Map<string, Pod>()
    const pod = (name: string): Pod => {
      const found = pods.get(name)
      assert.ok(found, name)
      return found
    }
    let python: string
    const python3 = (script: string, args: string[], { path }: Pod, env: Record<string, string> = {}) =>
      askPython(python, script, args, { ...env, ...rootsOf(path) })
    const blobs = (prefix: string) => world().azure.azurite.admin.listBlobs(CONTAINER, prefix)

    before(async () => {
      python = await pythonWithClients()
      const tenant = await world().tenant(CONTAINER)
      await tenant.connector('azure')
      const pathOf = (name: string) => join(world().controlPlane.dir, 'mounts', name)
      const credentials = Object.entries(FORMATS).map(([name, format]) => ({
        ...{ name, formats: [format], mountPath: pathOf(name) },
        ...(format === 'Keys' && { keys: KEYS }),
      }))
      await tenant.store('models', { path: STORE, credentials })
      const store = await tenant.storeReady('models')
      assert.match(messageOf(store, 'CredentialsProjected'), /WebIdentity hands out the identity of the connector/)
      for (const name of Object.keys(FORMATS)) pods.set(name, await mount(tenant, `models-${name}`, pathOf(name)))
    })

    test('Env: adlfs writes, reads and deletes', async () => {
      const { variables } = pod('env')
      const found = await python3('adlfs_client.py', [variables['BUCKET_URI'] ?? ''], pod('env'), variables)
      assert.deepEqual(found, { ...DONE, listed: [`${CONTAINER}/team/adlfs/model.bin`], copied: 'weights' })
    })

    test('Env: azure-storage-blob writes, reads and deletes', async () => {
      const found = await python3('azure_blob_client.py', ['env'], pod('env'), pod('env').variables)
      assert.deepEqual(found, { ...DONE, listed: ['team/env/model.bin'] })
    })

    test("Env: Rust's object store writes, reads and deletes", async () => {
      const { variables } = pod('env')
      const env = { ...variables, ...rootsOf(pod('env').path) }
      const found = await askPython(await pythonWithNativeClients(), 'rust_client.py', [STORE], env)
      assert.deepEqual(found, { loaded: 'weights', listed: ['rust/model.bin'], left: [] })
    })

    test('Keys: azure-storage-blob takes a SAS token for a key, as KServe gives it', async () => {
      const { variables } = pod('named')
      const roots = rootsOf(pod('env').path)
      const found = await askPython(python, 'azure_blob_client.py', ['kserve'], { ...variables, ...roots })
      assert.deepEqual(found, { ...DONE, listed: ['team/kserve/model.bin'] })
    })

    test('Turborepo: turborepo-remote-cache keeps artifacts', async () => {
      const { variables } = pod('turborepo')
      await using cache = await RemoteCache.start(variables)
      assert.equal(await cache.put('team', 'abc123', 'built'), 200)
      assert.deepEqual(await cache.get('team', 'abc123'), { status: 200, body: 'built' })
      assert.deepEqual(await blobs('team/abc'), ['team/abc123'])
    })

    test('WebIdentity: azure-identity asks for tokens by itself', async () => {
      const { variables } = pod('identity')
      const found = await python3('azure_blob_client.py', ['identity'], pod('identity'), variables)
      assert.deepEqual(found, { ...DONE, listed: ['team/identity/model.bin'] })
    })

    test('ZenML: its artifact store works', async () => {
      const { path } = pod('zenml')
      const files = ['artifact-store.json', 'artifact-store-secret.json'].map(name => `${path}/${name}`)
      const found = await python3(
        'zenml_store.py',
        ['azure', ...files],
        pod('zenml'),
        zenmlVariables(`${path}/..zenml`),
      )
      assert.deepEqual(found, { ...DONE, listed: ['model.bin'] })
    })

    test("ArgoWorkflows: a repository of Argo's types, and a key that the library of its executor takes", async () => {
      const { path, variables } = pod('argo')
      const { azure } = (await python3('argo_models.py', [`${path}/artifact-repository.yaml`], pod('argo'))) as {
        azure: { endpoint: string; container: string; blobNameFormat: string; accountKeySecret: object }
      }
      assert.deepEqual(azure.accountKeySecret, { name: 'models-argo', key: 'accountKey' })
      const { accountKey = '' } = variables
      // This is Argo's own rule for SAS tokens: it takes any other value for an account key and signs with it.
      assert.match(accountKey, /(\?|&)([^=]+)=([^&]+)/)
      const blob = azure.blobNameFormat.replace('{{workflow.name}}', 'train').replace('{{pod.name}}', 'train-1')
      // rclone uses azblob like Argo's executor, which joins URL and token in the same way.
      const env = {
        RCLONE_CONFIG: '/dev/null',
        RCLONE_CA_CERT: `${path}/ca.crt`,
        RCLONE_CONFIG_ARGO_TYPE: 'azureblob',
        RCLONE_CONFIG_ARGO_SAS_URL: `${azure.endpoint}/${azure.container}?${accountKey}`,
        RCLONE_CONFIG_ARGO_NO_CHECK_CONTAINER: 'true',
      }
      const command = await rcloneBinary()
      const rclone = (args: string[], input = '') => run({ command, args, env }, input)
      const object = `argo:${azure.container}/${blob}`
      await rclone(['rcat', object], 'weights')
      assert.deepEqual(await blobs('team/train'), ['team/train/train-1'])
      assert.equal(await rclone(['cat', object]), 'weights')
      await rclone(['deletefile', object])
      assert.deepEqual(await blobs('team/train'), [])
    })

    test('Rclone: the remote "store:" is the store', () => keepNotes(pod('people').path, blobs))
  })
}
