/** Suite: every format for S3, read by the clients that it is made for. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { Format } from '../../../src/api/artifact-store.ts'
import { kmsKeyName } from '../../cluster/minio.ts'
import { pythonWithNativeClients } from '../../cluster/tools.ts'
import { run } from '../../support/client-process.ts'
import { messageOf, type Tenant } from '../../support/world.ts'
import { askPython, zenmlVariables } from './programs.ts'
import { keepMountedNotes, keepNotes, whyNoMount } from './rclone.ts'
import { RemoteCache } from './turborepo.ts'
import { type ConsumersWorld, mount, type Pod } from './world.ts'

const BUCKET = 'clients'
const STORE = `s3://${BUCKET}/team`
const DONE = { loaded: 'weights', left: [] }

const FORMATS: Record<string, Format[]> = {
  boto3: ['AwsProfile', 'Env'],
  identity: ['WebIdentity'],
  zenml: ['ZenML'],
  turborepo: ['Turborepo'],
  argo: ['ArgoWorkflows'],
  people: ['Rclone'],
  copies: ['Rclone', 'AwsProfile'],
  named: ['Keys'],
}
/** Of the entry with format Keys. */
const KEYS = {
  ...({ AWS_ACCESS_KEY_ID: 'accessKeyId', AWS_SECRET_ACCESS_KEY: 'secretAccessKey' } as const),
  ...({ AWS_SESSION_TOKEN: 'sessionToken', AWS_REGION: 'region', PLACE: 'uri', WHERE: 'endpoint' } as const),
  ...({ 'roots.pem': 'caBundle' } as const),
}

export function clients(world: () => ConsumersWorld): void {
  describe('clients that have nothing but a projected Secret', { concurrency: 2 }, () => {
    let tenant: Tenant
    const pathOf = (name: string) => world().mountPath(name)
    const pods = new Map<string, Pod>()
    const pod = (name: string): Pod => {
      const found = pods.get(name)
      assert.ok(found, name)
      return found
    }
    /** The only variable that a container needs for an AwsProfile. */
    const profile = () => ({ AWS_CONFIG_FILE: `${pod('boto3').path}/config` })

    before(async () => {
      tenant = await world().tenant(BUCKET)
      await tenant.connector('minio')
      const entries = Object.entries(FORMATS).map(([name, formats]) => ({
        ...{ name, formats, mountPath: pathOf(name) },
        ...(name === 'named' && { keys: KEYS }),
      }))
      const encryption = { type: 'SSE-KMS' as const, kmsKeyId: kmsKeyName }
      await tenant.store('models', { path: STORE, encryption, credentials: entries })
      const catalog = {
        ...{ name: 'catalog', access: 'ReadOnly' as const, formats: ['OpenMetadata' as const] },
        mountPath: pathOf('catalog'),
      }
      const server = {
        ...{ name: 'server', access: 'ReadOnly' as const, formats: ['Env' as const] },
        mountPath: pathOf('server'),
      }
      await tenant.store('all', { path: `s3://${BUCKET}`, credentials: [catalog, server] })
      await world().minio.admin.putObject(BUCKET, 'data/table.csv', 'a,b')
      await world().minio.admin.putObject(BUCKET, 'team/served/model.bin', 'weights')
      await tenant.storeReady('models')
      await tenant.storeReady('all')
      for (const name of Object.keys(FORMATS)) pods.set(name, await mount(tenant, `models-${name}`, pathOf(name)))
      for (const name of ['catalog', 'server']) pods.set(name, await mount(tenant, `all-${name}`, pathOf(name)))
      pods.set('short', await mount(tenant, 'models-boto3-env', pathOf('short')))
    })

    test('AwsProfile: boto3 writes, reads and deletes', async () => {
      const listed = ['team/boto3/model.bin']
      const found = await world().python3('boto3_client.py', [STORE], profile())
      assert.deepEqual(found, { ...DONE, by: 'custom-process', listed })
    })

    test('AwsProfile: s3fs writes, reads and deletes', async () => {
      const found = await world().python3('s3fs_client.py', [STORE], profile())
      assert.deepEqual(found, { ...DONE, listed: [`${BUCKET}/team/s3fs/model.bin`], left: false })
    })

    test('AwsProfile: MLflow logs, loads and deletes artifacts', async () => {
      const found = await world().python3('mlflow_client.py', [STORE], profile())
      assert.deepEqual(found, { ...DONE, listed: ['run/model.bin'] })
    })

    test('AwsProfile: the AWS CLI copies, lists and deletes', async () => {
      const env = profile()
      const aws = (args: string[], input?: string) =>
        run({ command: world().python, args: ['-m', 'awscli', 's3', ...args], env }, input)
      await aws(['cp', '-', `${STORE}/cli.txt`], 'weights')
      assert.equal(await aws(['cp', `${STORE}/cli.txt`, '-']), 'weights')
      assert.match(await aws(['ls', `${STORE}/`]), /cli\.txt$/m)
      await aws(['rm', `${STORE}/cli.txt`])
      await assert.rejects(aws(['ls', `${STORE}/cli.txt`]))
    })

    test('Env: boto3 writes, reads and deletes', async () => {
      const { variables } = pod('short')
      const uri = variables['BUCKET_URI'] ?? ''
      assert.equal(uri, STORE)
      const found = await world().python3('boto3_client.py', [uri], variables)
      assert.partialDeepStrictEqual(found, { ...DONE, by: 'env' })
    })

    test("Env: Rust's object store writes, reads and deletes", async () => {
      const { path, variables } = pod('short')
      const env = { ...variables, SSL_CERT_FILE: `${path}/ca.crt` }
      const found = await askPython(await pythonWithNativeClients(), 'rust_client.py', [STORE], env)
      assert.deepEqual(found, { ...DONE, listed: ['rust/model.bin'] })
    })

    const pathStyle = { RUNAI_STREAMER_S3_USE_VIRTUAL_ADDRESSING: '0' }
    const stream = async (env: Record<string, string>) =>
      askPython(await pythonWithNativeClients(), 'model_streamer.py', [`${STORE}/served/`], { ...pathStyle, ...env })

    test("Env: Run:ai's model streamer reads a model", async () => {
      assert.deepEqual(await stream(pod('short').variables), { 'model.bin': 'weights' })
    })

    test("AwsProfile: Run:ai's model streamer reads a model; endpoint and private CA are variables", async () => {
      const { AWS_CA_BUNDLE = '', AWS_ENDPOINT_URL = '' } = pod('short').variables
      assert.deepEqual(await stream({ ...profile(), AWS_ENDPOINT_URL, AWS_CA_BUNDLE }), { 'model.bin': 'weights' })
    })

    test('Keys: names of any tool, here of the AWS CLI', async () => {
      const { path, variables } = pod('named')
      const env = { ...variables, AWS_CA_BUNDLE: `${path}/roots.pem` }
      const cli = (args: string[]) => run({ command: world().python, args: ['-m', 'awscli', 's3', ...args], env })
      assert.match(
        await cli(['ls', `${variables['PLACE']}/served/`, '--endpoint-url', `${variables['WHERE']}`]),
        /model/,
      )
    })

    test('Env: a client that takes no session token is refused, in the words that docs have', async () => {
      const { AWS_SESSION_TOKEN: _, ...variables } = pod('short').variables
      await assert.rejects(world().python3('boto3_client.py', [STORE], variables), /InvalidTokenId/)
    })

    test("Env: KServe's storage initializer downloads a model, from a store for the whole bucket", async () => {
      const download = ({ path, variables }: Pod) =>
        world().python3('kserve_client.py', [`${STORE}/served`, `${path}/..served`], variables)
      assert.deepEqual(await download(pod('server')), { 'model.bin': 'weights' })
      // It first asks for the bucket itself, which credentials for a prefix may not do.
      await assert.rejects(download(pod('short')), /HeadBucket operation: Forbidden/)
    })

    test('WebIdentity: boto3 asks for credentials by itself, and people are told that they are not narrowed', async () => {
      const { variables } = pod('identity')
      const found = await world().python3('boto3_client.py', [variables['BUCKET_URI'] ?? ''], variables)
      assert.partialDeepStrictEqual(found, { ...DONE, by: 'assume-role-with-web-identity' })
      const message = messageOf(await tenant.getStore('models'), 'CredentialsProjected')
      assert.match(message, /WebIdentity hands out the identity of the connector/)
    })

    test('ZenML: its artifact store works, with encryption', async () => {
      const { path } = pod('zenml')
      const found = await world().python3(
        'zenml_store.py',
        ['s3', `${path}/artifact-store.json`],
        zenmlVariables(`${path}/..zenml`),
      )
      const expected = { loaded: 'weights', listed: ['model.bin'], left: false }
      assert.deepEqual(found, { ...expected, encryption: 'aws:kms', versioned: false })
    })

    test('Turborepo: turborepo-remote-cache keeps artifacts of the one team', async () => {
      const { variables } = pod('turborepo')
      await using cache = await RemoteCache.start(variables)
      assert.equal(await cache.put('team', 'abc123', 'built'), 200)
      assert.deepEqual(await cache.get('team', 'abc123'), { status: 200, body: 'built' })
      assert.deepEqual(await world().minio.admin.listObjects(BUCKET, 'team/abc'), ['team/abc123'])
      assert.notEqual(await cache.put('other', 'abc123', 'built'), 200)
      assert.equal((await cache.get('other', 'abc123')).status, 404)
    })

    test('OpenMetadata: its own client finds what there is in the bucket', async () => {
      const { path } = pod('catalog')
      const env = { AWS_CA_BUNDLE: `${path}/ca.crt` }
      const found = await world().python3('openmetadata_client.py', [`${path}/connection.json`], env)
      const keys = (found as Record<string, string[]>)[BUCKET]
      assert.ok(keys?.includes('data/table.csv'), JSON.stringify(found))
    })

    test("ArgoWorkflows: a repository of Argo's types, and keys that the library of its executor takes", async () => {
      const { path, variables } = pod('argo')
      const { s3 } = (await world().python3('argo_models.py', [`${path}/artifact-repository.yaml`])) as {
        s3: { endpoint: string; bucket: string; keyFormat: string; sessionTokenSecret: object }
      }
      assert.deepEqual(s3.sessionTokenSecret, { name: 'models-argo', key: 'sessionToken' })
      const key = s3.keyFormat.replace('{{workflow.name}}', 'train').replace('{{pod.name}}', 'train-1')
      const { accessKey = '', secretKey = '', sessionToken = '' } = variables
      // mc uses minio-go like Argo's executor.
      const mc = await world().mc('argo', { accessKeyId: accessKey, secretAccessKey: secretKey, sessionToken })
      const object = `argo/${s3.bucket}/${key}`
      await mc(['pipe', object], 'weights')
      assert.equal(await mc(['cat', object]), 'weights')
      await mc(['rm', object])
      await assert.rejects(mc(['pipe', `argo/${s3.bucket}/elsewhere`], 'weights'), /Insufficient permissions/)
    })

    for (const name of ['people', 'copies']) {
      test(`Rclone: the remote "store:" is the store, for ${FORMATS[name]}`, () =>
        keepNotes(pod(name).path, prefix => world().minio.admin.listObjects(BUCKET, prefix), name))
    }

    test('Rclone: the store is a folder of files where rclone mounts it', { skip: whyNoMount ?? false }, () =>
      keepMountedNotes(pod('people').path, prefix => world().minio.admin.listObjects(BUCKET, prefix)),
    )
  })
}
