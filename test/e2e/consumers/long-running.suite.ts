/** Suite: a process that never restarts goes on while its credentials are replaced and the old ones are revoked. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { SECRETS } from '../../../src/kube/resource.ts'
import { ClientProcess } from '../../support/client-process.ts'
import { until } from '../../support/until.ts'
import type { Tenant } from '../../support/world.ts'
import { scriptPath } from './programs.ts'
import { type ConsumersWorld, mount, type Pod, valuesOf } from './world.ts'

const BUCKET = 'rotation'
const ROTATIONS = 3

interface Progress {
  boto3: number
  s3fs: number
  /** Access keys that boto3 has used. */
  keys: string[]
  errors: string[]
}

export function rotation(world: () => ConsumersWorld): void {
  describe('a process that never restarts', () => {
    let tenant: Tenant
    let pod: Pod
    let users = 0

    before(async () => {
      tenant = await world().tenant(BUCKET)
      await tenant.user('user-0', 'readwrite')
      await tenant.keyConnector('minio', 'user-0')
      const mountPath = world().mountPath(BUCKET)
      // With this duration SDKs look for new credentials at every use, so that the test need not wait.
      const entry = { name: 'step', duration: '15m', formats: ['AwsProfile' as const], mountPath }
      await tenant.store('models', { credentials: [entry] })
      await tenant.storeReady('models')
      pod = await mount(tenant, 'models-step', mountPath)
    })

    /** Replaces the connector's key, and with it the credentials of the Secret. */
    async function rotate(): Promise<void> {
      const { accessKeyId } = await tenant.credentials('models-step')
      const key = { id: `${BUCKET}-user-${++users}`, secret: randomBytes(20).toString('hex') }
      await world().minio.admin.createUser(key.id, key.secret, 'readwrite')
      const values = { aws_access_key_id: key.id, aws_secret_access_key: key.secret }
      const encoded = Object.entries(values).map(([name, value]) => [name, Buffer.from(value).toString('base64')])
      await world().client.jsonPatch(SECRETS, { namespace: BUCKET, name: 'user-0' }, [
        { op: 'replace', path: '/data', value: Object.fromEntries(encoded) },
      ])
      const isNew = async () => (await tenant.credentials('models-step')).accessKeyId !== accessKeyId
      await until('the Secret has other credentials', isNew)
    }

    async function revoked(credentials: Awaited<ReturnType<Tenant['credentials']>>, user: number): Promise<void> {
      await world().minio.admin.removeUser(`${BUCKET}-user-${user}`)
      const s3 = world().s3(credentials)
      await assert.rejects(s3.listObjectsV2({ Bucket: BUCKET, Prefix: 'models/' }))
      s3.destroy()
    }

    test('boto3 and s3fs read and write on', async () => {
      const { python } = world()
      const env = { AWS_CONFIG_FILE: `${pod.path}/config` }
      const args = [scriptPath('long_running.py'), `s3://${BUCKET}/models`]
      await using client = new ClientProcess({ command: python, args, env })
      const progress = async () => (await client.ask()) as Progress
      const turns = async (more: number) => {
        const from = await progress()
        await until('both clients went on', async () => {
          const { boto3, s3fs, errors } = await progress()
          return errors.length > 0 || (boto3 >= from.boto3 + more && s3fs >= from.s3fs + more)
        })
      }

      await turns(3)
      for (let round = 0; round < ROTATIONS; round++) {
        const old = await tenant.credentials('models-step')
        await rotate()
        pod.volume.update(await valuesOf(tenant, 'models-step'))
        // After two more turns, everything that began with the old credentials has ended.
        await turns(2)
        await revoked(old, users - 1)
        await turns(5)
      }
      const { keys, errors } = await progress()
      assert.deepEqual(errors, [])
      assert.equal(keys.length, ROTATIONS + 1)
    })
  })
}
