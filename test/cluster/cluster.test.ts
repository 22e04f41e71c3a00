import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import https from 'node:https'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ListBucketsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import type { ControlPlane } from './control-plane.ts'
import { type Environment, startEnvironment } from './environment.ts'
import { kubectl } from './kubectl.ts'
import type { Minio } from './minio.ts'

const audience = 'sts.amazonaws.com'
// An existing cluster is only one and is not stopped.
const skip = process.env['USE_EXISTING_CLUSTER'] === 'true'

describe('two environments at once', { skip }, () => {
  const environments: Environment[] = []
  let one: Environment
  let other: Environment

  before(async () => {
    // allSettled waits for both: if one fails to start, the other must still be stopped.
    const started = await Promise.allSettled([startEnvironment(), startEnvironment()])
    for (const result of started) if (result.status === 'fulfilled') environments.push(result.value)
    for (const result of started) if (result.status === 'rejected') throw result.reason
    ;[one, other] = environments as [Environment, Environment]
  })
  after(() => Promise.all(environments.map(environment => environment.stop())))

  it('two environments at once have clusters of their own', async () => {
    await kubectl(one.controlPlane, ['create', 'namespace', 'only-in-one'])
    assert.equal((await other.controlPlane.request('GET', '/api/v1/namespaces/only-in-one')).status, 404)
    assert.notEqual(one.minio.port, other.minio.port)
  })

  it('a ServiceAccount token becomes AWS credentials that work', async () => {
    const { controlPlane, minio } = one
    await minio.admin.createBucket('data')
    await minio.admin.putObject('data', 'a/b', 'hello')
    const credentials = await assumeRole(minio, await createToken(controlPlane, 'reader', audience))
    assert.deepEqual(await listKeys(minio, credentials), ['a/b'])
  })

  it('a token for another audience or of another cluster is refused', async () => {
    const wrongAudience = await createToken(one.controlPlane, 'reader', 'somebody-else')
    await assert.rejects(assumeRole(one.minio, wrongAudience), { name: 'InvalidParameterValue' })
    const wrongIssuer = await createToken(other.controlPlane, 'reader', audience)
    await assert.rejects(assumeRole(one.minio, wrongIssuer))
  })

  it("a change of the role's policy reaches sessions that run", async () => {
    const { controlPlane, minio } = other
    await minio.admin.createBucket('data')
    const credentials = await assumeRole(minio, await createToken(controlPlane, 'reader', audience))
    await listKeys(minio, credentials)
    const deny = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::*' }] }
    await minio.admin.setPolicy('irsa', JSON.stringify(deny))
    await assert.rejects(listKeys(minio, credentials), { name: 'AccessDenied' })
  })

  it('another root password ends sessions and keeps data', async () => {
    const { controlPlane, minio } = one
    const credentials = await assumeRole(minio, await createToken(controlPlane, 'reader', audience))
    await minio.halt()
    await minio.start({ rootPassword: 'another-password' })
    await assert.rejects(listKeys(minio, credentials))
    assert.deepEqual(await minio.admin.listObjects('data'), ['a/b'])
    const fresh = await assumeRole(minio, await createToken(controlPlane, 'reader', audience))
    assert.deepEqual(await listKeys(minio, fresh), ['a/b'])
  })

  it('users can be disabled, uploads and versions are seen', async () => {
    const { minio } = other
    await minio.admin.setPolicy('all', JSON.stringify(allow('s3:*')))
    await minio.admin.createUser('alice', 'alice-secret', 'all')
    const alice = { accessKeyId: 'alice', secretAccessKey: 'alice-secret' }
    await listBuckets(minio, alice)
    await minio.admin.setUserEnabled('alice', false)
    await assert.rejects(listBuckets(minio, alice))
    await minio.admin.setUserEnabled('alice', true)
    await listBuckets(minio, alice)
    await minio.admin.removeUser('alice')
    await assert.rejects(listBuckets(minio, alice))

    await minio.admin.createBucket('versioned', { versioning: true })
    await minio.admin.putObject('versioned', 'x', '1')
    await minio.admin.putObject('versioned', 'x', '2')
    assert.deepEqual(await minio.admin.listVersions('versioned'), ['x', 'x'])
    assert.deepEqual(await minio.admin.listUploads('versioned'), [])
    await minio.admin.removeBucket('versioned')
  })

  it('the API server loses nothing when it is stopped and started', async () => {
    const { controlPlane } = one
    const configMap = { metadata: { name: 'kept' }, data: { a: 'b' } }
    await controlPlane.request('POST', '/api/v1/namespaces/default/configmaps', configMap)
    await controlPlane.stopApiserver()
    await assert.rejects(controlPlane.request('GET', '/readyz'))
    await controlPlane.startApiserver()
    const kept = await controlPlane.request('GET', '/api/v1/namespaces/default/configmaps/kept')
    assert.deepEqual(kept.json.data, configMap.data)
  })

  it('RBAC holds for a token kubeconfig, and owners take their dependents along', async () => {
    const { controlPlane } = one
    const token = await createToken(controlPlane, 'nobody')
    const kubeconfig = controlPlane.writeKubeconfigForToken('nobody', token)
    await assert.rejects(kubectl(controlPlane, ['get', 'secrets'], undefined, { kubeconfig }), /Forbidden/)

    if (!controlPlane.controllers) return
    const configMaps = '/api/v1/namespaces/default/configmaps'
    const owner = (await controlPlane.request('POST', configMaps, { metadata: { name: 'owner' } })).json
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }]
    await controlPlane.request('POST', configMaps, { metadata: { name: 'dependent', ownerReferences } })
    await controlPlane.request('DELETE', `${configMaps}/owner`)
    await eventually(async () => (await controlPlane.request('GET', `${configMaps}/dependent`)).status === 404)
    await kubectl(controlPlane, ['delete', 'namespace', 'only-in-one', '--timeout=30s'])
  })
})

describe('what an environment leaves behind', { skip }, () => {
  it('is nothing after stop()', async () => {
    const environment = await startEnvironment()
    const directories = [environment.controlPlane.dir, environment.minio.dir]
    assert.ok(directories.every(directory => processesOf(directory) > 0))
    await environment.stop()
    assert.ok(directories.every(directory => processesOf(directory) === 0 && !existsSync(directory)))
  })

  for (const signal of ['SIGKILL', 'SIGINT'] as const) {
    it(`is nothing after ${signal}`, async () => {
      const owner = spawn(process.execPath, ['--input-type=module', '-e', ownerScript], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const directories: string[] = JSON.parse(await firstLine(owner))
      assert.ok(directories.every(directory => processesOf(directory) > 0))
      owner.kill(signal)
      await eventually(() => directories.every(directory => processesOf(directory) === 0 && !existsSync(directory)))
    })
  }
})

const ownerScript = `
  const { startEnvironment } = await import(${JSON.stringify(join(import.meta.dirname, 'environment.ts'))})
  const { controlPlane, minio } = await startEnvironment()
  console.log(JSON.stringify([controlPlane.dir, minio.dir]))
  setInterval(() => {}, 1000)
`

type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string }

async function createToken({ request }: ControlPlane, serviceAccount: string, audience?: string): Promise<string> {
  const accounts = '/api/v1/namespaces/default/serviceaccounts'
  await request('POST', accounts, { metadata: { name: serviceAccount } })
  const spec = audience ? { audiences: [audience] } : {}
  const answer = await request('POST', `${accounts}/${serviceAccount}/token`, { spec })
  assert.equal(answer.status, 201, answer.text)
  return answer.json.status.token
}

async function assumeRole(minio: Minio, token: string): Promise<Credentials> {
  const sts = new STSClient(clientOptions(minio))
  try {
    const role = { RoleArn: minio.roleArn, RoleSessionName: 'test', WebIdentityToken: token }
    const { Credentials: issued } = await sts.send(new AssumeRoleWithWebIdentityCommand(role))
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = issued ?? {}
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
  } finally {
    sts.destroy()
  }
}

async function listKeys(minio: Minio, credentials: Credentials): Promise<string[]> {
  const list = new ListObjectsV2Command({ Bucket: 'data' })
  const { Contents = [] } = await withS3(minio, credentials, s3 => s3.send(list))
  return Contents.map(({ Key = '' }) => Key)
}

function listBuckets(minio: Minio, credentials: Credentials) {
  return withS3(minio, credentials, s3 => s3.send(new ListBucketsCommand({})))
}

async function withS3<T>(minio: Minio, credentials: Credentials, use: (s3: S3Client) => Promise<T>): Promise<T> {
  const s3 = new S3Client({ ...clientOptions(minio), credentials, forcePathStyle: true })
  try {
    return await use(s3)
  } finally {
    s3.destroy()
  }
}

function clientOptions(minio: Minio) {
  const requestHandler = { httpsAgent: new https.Agent({ ca: minio.caPem }) }
  return { endpoint: minio.endpoint, region: 'us-east-1', requestHandler, maxAttempts: 1 }
}

function allow(action: string): object {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: 'arn:aws:s3:::*' }] }
}

/** Counts processes by their directory, which servers have in their arguments. */
function processesOf(directory: string): number {
  const list = execFileSync('ps', ['-axo', 'args'], { encoding: 'utf8' })
  return list.split('\n').filter(line => line.includes(directory)).length
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += chunk
    if (text.includes('\n')) return text
  }
  throw new Error('the process ended without a word')
}

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, 'still not so after 20 s')
    await sleep(100)
  }
}
