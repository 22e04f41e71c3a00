/** Projected Secrets as real SDKs read them: mounted as the kubelet does it, or as a process's environment. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import type { Format } from '../../src/api/artifact-store.ts'
import type { AwsMaterial } from '../../src/api/material.ts'
import { render } from '../../src/formats/index.ts'
import { pythonWithBoto3 } from '../cluster/tools.ts'

const MINUTE = 60_000

const aws: AwsMaterial = {
  cloud: 'aws',
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'secret/with+every=char',
  sessionToken: 'token//==',
  region: 'eu-central-1',
  addressingStyle: 'virtual',
  bucket: 'models',
  prefix: 'prod/',
}
const minio: AwsMaterial = {
  ...aws,
  endpoint: 'https://minio.minio.svc:9000',
  addressingStyle: 'path',
  caPem: '-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n',
}

describe('formats as SDKs read them', () => {
  let python: string
  let root: string
  before(async () => {
    python = await pythonWithBoto3()
    root = await mkdtemp(join(tmpdir(), 'formats-'))
  })
  after(() => rm(root, { recursive: true, force: true }))

  const newMountPath = () => mkdtemp(join(root, 'mount-'))
  const boto3 = (env: Record<string, string>) => reader(python, [join(import.meta.dirname, 'formats.py')], root, env)
  const nodeSdk = (env: Record<string, string>) =>
    reader(process.execPath, ['--input-type=module', '--eval', NODE_SDK], root, env)

  const boto3Cases: [name: string, material: AwsMaterial, url: string][] = [
    ['AWS', aws, 'https://models.s3.eu-central-1.amazonaws.com/prod/a'],
    ['MinIO', minio, 'https://minio.minio.svc:9000/models/prod/a'],
    [
      'virtual hosts at an endpoint',
      { ...minio, addressingStyle: 'virtual' },
      'https://models.minio.minio.svc:9000/prod/a',
    ],
  ]
  for (const [name, material, url] of boto3Cases) {
    test(`boto3 reads AwsProfile: ${name}`, async () => {
      const mountPath = await newMountPath()
      await mount(mountPath, secret('AwsProfile', material, mountPath, 60 * MINUTE))
      await using sdk = boto3({ AWS_CONFIG_FILE: `${mountPath}/config` })
      assert.deepEqual(await sdk.next(), {
        ...keysOf(material),
        method: 'custom-process',
        region: 'eu-central-1',
        url,
        caBundle: material.caPem ? `${mountPath}/ca.crt` : true,
      })
    })
  }

  test('a running boto3 client takes up replaced credentials', async () => {
    const mountPath = await newMountPath()
    await mount(mountPath, secret('AwsProfile', minio, mountPath, 14 * MINUTE))
    await using sdk = boto3({ AWS_CONFIG_FILE: `${mountPath}/config` })
    assert.partialDeepStrictEqual(await sdk.next(), keysOf(minio))

    const renewed = { ...minio, accessKeyId: 'ASIARENEWED', secretAccessKey: 'other', sessionToken: 'newer' }
    await mount(mountPath, secret('AwsProfile', renewed, mountPath, 60 * MINUTE))
    assert.partialDeepStrictEqual(await sdk.next(), keysOf(renewed))
  })

  const envCases: [name: string, material: AwsMaterial, url: string][] = [
    ['AWS', aws, 'https://models.s3.eu-central-1.amazonaws.com/prod/a'],
    ['MinIO', minio, 'https://minio.minio.svc:9000/models/prod/a'],
  ]
  for (const [name, material, url] of envCases) {
    test(`boto3 reads Env: ${name}`, async () => {
      await using sdk = boto3(secret('Env', material, '/mnt/ml', 60 * MINUTE))
      assert.deepEqual(await sdk.next(), {
        ...keysOf(material),
        method: 'env',
        region: 'eu-central-1',
        url,
        caBundle: material.caPem ? '/mnt/ml/ca.crt' : true,
      })
    })
  }

  test('variables outrank a profile, so both formats must not share a Secret', async () => {
    const mountPath = await newMountPath()
    await mount(mountPath, secret('AwsProfile', { ...minio, accessKeyId: 'ASIAPROFILE' }, mountPath, 60 * MINUTE))
    await using sdk = boto3({
      ...secret('Env', minio, mountPath, 60 * MINUTE),
      AWS_CONFIG_FILE: `${mountPath}/config`,
    })
    assert.partialDeepStrictEqual(await sdk.next(), { accessKeyId: minio.accessKeyId, method: 'env' })
  })

  // Its S3 client knows path style as an argument only.
  const seenByNode = { ...keysOf(minio), region: 'eu-central-1', host: 'models.minio.minio.svc', port: 9000 }

  test("AWS's SDK for JavaScript reads AwsProfile", async () => {
    const mountPath = await newMountPath()
    await mount(mountPath, secret('AwsProfile', minio, mountPath, 60 * MINUTE))
    await using sdk = nodeSdk({ AWS_CONFIG_FILE: `${mountPath}/config` })
    assert.deepEqual(await sdk.next(), seenByNode)
  })

  test("AWS's SDK for JavaScript reads Env", async () => {
    await using sdk = nodeSdk(secret('Env', minio, '/mnt/ml', 60 * MINUTE))
    assert.deepEqual(await sdk.next(), seenByNode)
  })
})

const NODE_SDK = `
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3'
const client = new S3Client({})
let sent
const insteadOfSending = () => async ({ request }) => {
  sent = { host: request.hostname, port: request.port }
  return { output: { $metadata: {} }, response: {} }
}
client.middlewareStack.add(insteadOfSending, { step: 'finalizeRequest', priority: 'low' })
await client.send(new HeadObjectCommand({ Bucket: 'models', Key: 'prod/a' }))
const { accessKeyId, secretAccessKey, sessionToken } = await client.config.credentials()
console.log(JSON.stringify({ accessKeyId, secretAccessKey, sessionToken, region: await client.config.region(), ...sent }))
`

function keysOf({ accessKeyId, secretAccessKey, sessionToken }: AwsMaterial) {
  return { accessKeyId, secretAccessKey, sessionToken }
}

/** Keys of the Secret that the format alone makes. */
function secret(format: Format, material: AwsMaterial, mountPath: string, lifetimeMs: number): Record<string, string> {
  const rendered = render([format], material, { expiresAt: new Date(Date.now() + lifetimeMs), mountPath })
  assert.ok(Array.isArray(rendered) && rendered[0])
  return rendered[0].data
}

/** Like the kubelet: keys are links through `..data`, which is swapped in one step. */
async function mount(mountPath: string, data: Record<string, string>): Promise<void> {
  const previous = await readlink(join(mountPath, '..data')).catch(() => undefined)
  const version = await mkdtemp(join(mountPath, '..version-'))
  for (const [key, value] of Object.entries(data)) await writeFile(join(version, key), value)
  await symlink(version, join(mountPath, '..data_tmp'))
  await rename(join(mountPath, '..data_tmp'), join(mountPath, '..data'))
  if (previous) return rm(previous, { recursive: true })
  for (const key of Object.keys(data)) await symlink(join('..data', key), join(mountPath, key))
}

interface Reader extends AsyncDisposable {
  /** What the SDK finds now, in the same process each time. */
  next(): Promise<unknown>
}

/** A process that prints what it finds as a line of JSON, and again for each line that it is sent. */
function reader(command: string, args: string[], home: string, env: Record<string, string>): Reader {
  const child = spawn(command, args, {
    // Nothing of this machine's own AWS set-up.
    env: { PATH: process.env.PATH, HOME: home, AWS_EC2_METADATA_DISABLED: 'true', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let asked = false
  return {
    async next() {
      if (asked) child.stdin.write('\n')
      asked = true
      const { value, done } = await lines.next()
      assert.ok(!done, `${command} ended without an answer`)
      return JSON.parse(value)
    },
    async [Symbol.asyncDispose]() {
      const exited = child.exitCode === null ? once(child, 'exit') : undefined
      child.stdin.end()
      await exited
    },
  }
}
