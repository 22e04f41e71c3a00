/** Projected Secrets as real SDKs read them: mounted as the kubelet does it, or as a process's environment. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Format } from '../../../src/api/artifact-store.ts'
import type { AwsMaterial } from '../../../src/api/material.ts'
import { pythonWithBoto3 } from '../../cluster/tools.ts'
import { ClientProcess, run } from '../../support/client-process.ts'
import { aws, awsFips, awsVpc, context, dataOf, minio } from '../../support/materials.ts'
import { MountedSecret } from '../../support/mounted-secret.ts'
import { scriptPath } from './programs.ts'

const MINUTE = 60_000
const FIPS_URL = 'https://models.s3-fips.dualstack.eu-central-1.amazonaws.com/prod/a'
const VPC_URL = `${awsVpc.endpoint}/models/prod/a`

describe('formats as SDKs read them', () => {
  let python: string
  let root: string
  before(async () => {
    python = await pythonWithBoto3()
    root = await mkdtemp(join(tmpdir(), 'formats-'))
  })
  after(() => rm(root, { recursive: true, force: true }))

  const newMountPath = () => mkdtemp(join(root, 'mount-'))
  const boto3 = (env: Record<string, string>) =>
    new ClientProcess({ command: python, args: [scriptPath('formats.py')], env })
  const nodeSdk = async (env: Record<string, string>) =>
    JSON.parse(await run({ command: process.execPath, args: ['--input-type=module', '--eval', NODE_SDK], env }))

  const boto3Cases: [name: string, material: AwsMaterial, url: string][] = [
    ['AWS', aws, 'https://models.s3.eu-central-1.amazonaws.com/prod/a'],
    ['MinIO', minio, 'https://minio.minio.svc:9000/models/prod/a'],
    ['AWS by IPv6 and FIPS 140', awsFips, FIPS_URL],
    ['AWS by an interface endpoint of a VPC', awsVpc, VPC_URL],
    [
      'virtual hosts at an endpoint',
      { ...minio, addressingStyle: 'virtual' },
      'https://models.minio.minio.svc:9000/prod/a',
    ],
  ]
  for (const [name, material, url] of boto3Cases) {
    test(`boto3 reads AwsProfile: ${name}`, async () => {
      const mountPath = await newMountPath()
      new MountedSecret(mountPath).update(secret('AwsProfile', material, mountPath, 60 * MINUTE))
      await using sdk = boto3({ AWS_CONFIG_FILE: `${mountPath}/config` })
      assert.deepEqual(await sdk.ask(), {
        ...keysOf(material),
        method: 'custom-process',
        region: material.region,
        url,
        stsUrl: stsUrlOf(material),
        caBundle: material.caPem ? `${mountPath}/ca.crt` : true,
      })
    })
  }

  test('a running boto3 client takes up replaced credentials', async () => {
    const mountPath = await newMountPath()
    const mounted = new MountedSecret(mountPath)
    mounted.update(secret('AwsProfile', minio, mountPath, 14 * MINUTE))
    await using sdk = boto3({ AWS_CONFIG_FILE: `${mountPath}/config` })
    assert.partialDeepStrictEqual(await sdk.ask(), keysOf(minio))

    const renewed = { ...minio, accessKeyId: 'ASIARENEWED', secretAccessKey: 'other', sessionToken: 'newer' }
    mounted.update(secret('AwsProfile', renewed, mountPath, 60 * MINUTE))
    assert.partialDeepStrictEqual(await sdk.ask(), keysOf(renewed))
  })

  const envCases: [name: string, material: AwsMaterial, url: string][] = [
    ['AWS', aws, 'https://models.s3.eu-central-1.amazonaws.com/prod/a'],
    ['AWS by IPv6 and FIPS 140', awsFips, FIPS_URL],
    ['AWS by an interface endpoint of a VPC', awsVpc, VPC_URL],
    ['MinIO', minio, 'https://minio.minio.svc:9000/models/prod/a'],
  ]
  for (const [name, material, url] of envCases) {
    test(`boto3 reads Env: ${name}`, async () => {
      await using sdk = boto3(secret('Env', material, '/mnt/ml', 60 * MINUTE))
      assert.deepEqual(await sdk.ask(), {
        ...keysOf(material),
        method: 'env',
        region: material.region,
        url,
        stsUrl: stsUrlOf(material),
        caBundle: material.caPem ? '/mnt/ml/ca.crt' : true,
      })
    })
  }

  test('variables outrank a profile, so both formats must not share a Secret', async () => {
    const mountPath = await newMountPath()
    new MountedSecret(mountPath).update(
      secret('AwsProfile', { ...minio, accessKeyId: 'ASIAPROFILE' }, mountPath, 60 * MINUTE),
    )
    await using sdk = boto3({
      ...secret('Env', minio, mountPath, 60 * MINUTE),
      AWS_CONFIG_FILE: `${mountPath}/config`,
    })
    assert.partialDeepStrictEqual(await sdk.ask(), { accessKeyId: minio.accessKeyId, method: 'env' })
  })

  const nodeCases: [name: string, material: AwsMaterial, host: string][] = [
    ['IPv6 and FIPS 140', awsFips, new URL(FIPS_URL).host],
    ['an interface endpoint of a VPC', awsVpc, `models.${new URL(VPC_URL).host}`],
  ]
  for (const [name, material, host] of nodeCases) {
    test(`AWS's SDK for JavaScript reads AwsProfile and Env: ${name}`, async () => {
      const mountPath = await newMountPath()
      new MountedSecret(mountPath).update(secret('AwsProfile', material, mountPath, 60 * MINUTE))
      const asProfile = { AWS_CONFIG_FILE: `${mountPath}/config` }
      for (const env of [asProfile, secret('Env', material, '/mnt/ml', 60 * MINUTE)]) {
        assert.equal((await nodeSdk(env)).host, host)
      }
    })
  }

  // The S3 client of this SDK takes path style only as an argument.
  const seenByNode = { ...keysOf(minio), region: minio.region, host: 'models.minio.minio.svc', port: 9000 }

  test("AWS's SDK for JavaScript reads AwsProfile", async () => {
    const mountPath = await newMountPath()
    new MountedSecret(mountPath).update(secret('AwsProfile', minio, mountPath, 60 * MINUTE))
    assert.deepEqual(await nodeSdk({ AWS_CONFIG_FILE: `${mountPath}/config` }), seenByNode)
  })

  test("AWS's SDK for JavaScript reads Env", async () => {
    assert.deepEqual(await nodeSdk(secret('Env', minio, '/mnt/ml', 60 * MINUTE)), seenByNode)
  })
})

/** The URL of STS: other services of AWS have other addresses than S3. */
const stsUrlOf = ({ isAws, url, region, useFipsEndpoint }: AwsMaterial): string =>
  isAws
    ? `https://sts${useFipsEndpoint ? '-fips' : ''}.${region}.${useFipsEndpoint ? 'api.aws' : 'amazonaws.com'}`
    : url

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

/** The data of a Secret with this format alone. */
const secret = (format: Format, material: AwsMaterial, mountPath: string, lifetimeMs: number) =>
  dataOf(format, material, { ...context, expiresAt: new Date(Date.now() + lifetimeMs), mountPath })
