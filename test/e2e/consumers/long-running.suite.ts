/** Suite: a process that never restarts goes on while its credentials are replaced and the old ones are revoked. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, describe, test } from 'node:test'
import type { Format } from '../../../src/api/artifact-store.ts'
import { SECRETS } from '../../../src/kube/resource.ts'
import { hadoopArguments, whyNoHadoop } from '../../cluster/hadoop.ts'
import { ClientProcess } from '../../support/client-process.ts'
import { variablesOf } from '../../support/mounted-secret.ts'
import { until } from '../../support/until.ts'
import type { Tenant } from '../../support/world.ts'
import { scriptPath, trustStoreOf } from './programs.ts'
import { RemoteCache } from './turborepo.ts'
import { type ConsumersWorld, mount, type Pod, valuesOf } from './world.ts'

const BUCKET = 'rotation'
const ROTATIONS = 3

const CLIENTS = ['boto3', 's3fs', 'zenml', 'openmetadata'] as const

interface Progress extends Record<(typeof CLIENTS)[number], number> {
  /** Access keys that boto3 has used. */
  keys: string[]
  errors: string[]
}

/** What each consumer gets beside the profile that it renews by. */
const BESIDE: Record<string, Format[]> = { step: ['ZenML', 'OpenMetadata'], cache: ['Turborepo'], spark: ['Hadoop'] }
/** When SDKs of JavaScript and Java look for new credentials: this long before the end of the old ones. */
const EARLY_MS = { cache: 5 * 60_000, spark: 15_000 }

export function rotation(world: () => ConsumersWorld): void {
  describe('a process that never restarts', () => {
    let tenant: Tenant
    const pods: Record<string, Pod> = {}
    let users = 0
    const pathOf = (name: string) => world().mountPath(`${BUCKET}-${name}`)

    before(async () => {
      tenant = await world().tenant(BUCKET)
      await tenant.user('user-0', 'readwrite')
      await tenant.keyConnector('minio', 'user-0')
      // With this duration SDKs of Python look for new credentials at every use, so that the test need not wait.
      const credentials = Object.entries(BESIDE).map(([name, formats]) => ({
        ...{ name, duration: '15m', formats: ['AwsProfile' as const, ...formats], mountPath: pathOf(name) },
      }))
      await tenant.store('models', { credentials })
      await tenant.storeReady('models')
      for (const { name } of credentials) pods[name] = await mount(tenant, `models-${name}`, pathOf(name))
    })

    const pod = (name: string): Pod => {
      const found = pods[name]
      assert.ok(found, name)
      return found
    }

    /** Mounts what the Secret holds now. `endsIn`: as if so many ms were left, so that SDKs look for new credentials. */
    async function remount(name: string, endsIn?: number): Promise<number> {
      const values = await valuesOf(tenant, `models-${name}`)
      const credentials = JSON.parse(values['credentials.json'] ?? '')
      const end = endsIn === undefined ? Date.parse(credentials.Expiration) : Date.now() + endsIn
      credentials.Expiration = new Date(end).toISOString()
      pod(name).volume.update({ ...values, 'credentials.json': JSON.stringify(credentials) })
      return end
    }

    /** Replaces the connector's key, and with it the credentials of the Secret. */
    async function rotate(): Promise<void> {
      const keys = () =>
        Promise.all(Object.keys(BESIDE).map(async name => (await tenant.credentials(`models-${name}`)).accessKeyId))
      const old = await keys()
      const key = { id: `${BUCKET}-user-${++users}`, secret: randomBytes(20).toString('hex') }
      await world().minio.admin.createUser(key.id, key.secret, 'readwrite')
      const values = { aws_access_key_id: key.id, aws_secret_access_key: key.secret }
      const encoded = Object.entries(values).map(([name, value]) => [name, Buffer.from(value).toString('base64')])
      await world().client.jsonPatch(SECRETS, { namespace: BUCKET, name: 'user-0' }, [
        { op: 'replace', path: '/data', value: Object.fromEntries(encoded) },
      ])
      // The entries are projected at the same time, and end in any order.
      await until('the Secrets have other credentials', async () =>
        (await keys()).every((accessKeyId, index) => accessKeyId !== old[index]),
      )
    }

    async function revoked(credentials: Awaited<ReturnType<Tenant['credentials']>>, user: number): Promise<void> {
      await world().minio.admin.removeUser(`${BUCKET}-user-${user}`)
      const s3 = world().s3(credentials)
      await assert.rejects(s3.listObjectsV2({ Bucket: BUCKET, Prefix: 'models/' }))
      s3.destroy()
    }

    test('boto3, s3fs, and clients as ZenML and OpenMetadata make them read and write on', async () => {
      const { python } = world()
      const { path, volume } = pod('step')
      const env = { AWS_CONFIG_FILE: `${path}/config` }
      const files = ['artifact-store.json', 'connection.json'].map(file => `${path}/${file}`)
      const args = [scriptPath('long_running.py'), `s3://${BUCKET}/models`, ...files]
      await using client = new ClientProcess({ command: python, args, env })
      const progress = async () => (await client.ask()) as Progress
      const turns = async (more: number) => {
        const from = await progress()
        await until('all clients went on', async () => {
          const now = await progress()
          return now.errors.length > 0 || CLIENTS.every(name => now[name] >= from[name] + more)
        })
      }

      await turns(3)
      for (let round = 0; round < ROTATIONS; round++) {
        const old = await tenant.credentials('models-step')
        await rotate()
        volume.update(await valuesOf(tenant, 'models-step'))
        // After two more turns, everything that began with the old credentials has ended.
        await turns(2)
        await revoked(old, users - 1)
        await turns(5)
      }
      const { keys, errors } = await progress()
      assert.deepEqual(errors, [])
      assert.equal(keys.length, ROTATIONS + 1)
    })

    test('turborepo-remote-cache keeps artifacts on, by the SDK for JavaScript', async () => {
      await remount('cache', EARLY_MS.cache / 2)
      await using cache = await RemoteCache.start(variablesOf(await valuesOf(tenant, 'models-cache-env')))
      assert.equal(await cache.put('models', 'first', 'built'), 200)
      const old = await tenant.credentials('models-cache')
      await rotate()
      await remount('cache')
      await revoked(old, users - 1)
      // The SDK asks for new ones in the background, and uses the old ones once more.
      await until('it has new credentials', async () => (await cache.put('models', 'second', 'built')) === 200)
      assert.deepEqual(await cache.get('models', 'first'), { status: 200, body: 'built' })
    })

    test('Hadoop reads and writes on', { skip: whyNoHadoop() ?? false }, async () => {
      const { path } = pod('spark')
      const options = [...(await trustStoreOf(path)), `-Dhadoop.tmp.dir=${path}-tmp`]
      const args = [...options, ...(await hadoopArguments(path)), 'turns', `s3a://${BUCKET}/models/jobs`]
      await using client = new ClientProcess({ command: 'java', args, env: {} })
      assert.equal(await client.answer(), 'ready')
      const end = await remount('spark', EARLY_MS.spark + 20_000)
      assert.equal(await client.ask('first'), 'first')
      const old = await tenant.credentials('models-spark')
      await rotate()
      await remount('spark')
      await revoked(old, users - 1)
      await until('it looks for new credentials', () => Date.now() > end - EARLY_MS.spark)
      assert.equal(await client.ask('second'), 'second')
    })
  })
}
