/** Compares every format with the files in test/golden. `npm run test:golden` rewrites them. */
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  aws,
  awsFips,
  awsFipsIdentity,
  awsIdentity,
  awsVpc,
  awsVpcIdentity,
  azure,
  azureIdentity,
  azureOptions,
  azurite,
  clientOptions,
  context,
  dataBeside,
  dataOf,
  endless,
  minio,
  minioIdentity,
  sovereign,
  sovereignIdentity,
  staticKey,
} from '../../test/support/materials.ts'
import type { Format } from '../api/artifact-store.ts'
import type { CredentialMaterial } from '../api/material.ts'
import type { RenderContext } from './index.ts'

const golden = join(import.meta.dirname, '../../test/golden')
const asText = { serializers: [(value: unknown) => String(value)] }

const kms: RenderContext = {
  ...context,
  encryption: { type: 'SSE-KMS', kmsKeyId: 'arn:aws:kms:eu-central-1:123456789012:key/1' },
  expirationDays: 30,
}
const sseS3: RenderContext = { ...context, encryption: { type: 'SSE-S3' } }

type Case = [
  name: string,
  format: Format,
  material: CredentialMaterial,
  context: RenderContext,
  beside?: 'AwsProfile' | 'WebIdentity',
]

/**
 * Cases of a format on S3: material of AWS, of its other endpoints, of an S3-compatible service, and of a key without
 * an end.
 */
const onS3 = (name: string, format: Format): Case[] => [
  [`${name}-aws`, format, aws, kms],
  [`${name}-fips`, format, awsFips, context],
  [`${name}-vpc`, format, awsVpc, context],
  [`${name}-minio`, format, minio, sseS3],
  [`${name}-static-key`, format, staticKey, endless],
  [`${name}-options`, format, minio, { ...context, clientOptions }],
]

const onAzure = (name: string, format: Format): Case[] => [
  [`${name}-azure`, format, azure, context],
  [`${name}-azurite`, format, azurite, context],
  [`${name}-sovereign`, format, sovereign, context],
]

/** Beside an AwsProfile, which those name that hold no keys then. */
const besideProfile = (name: string, format: Format): Case[] => [
  [`${name}-profile`, format, minio, context, 'AwsProfile'],
]

describe('golden files', () => {
  const cases: Case[] = [
    ...onS3('aws-profile', 'AwsProfile'),
    ['aws-profile-mount-path', 'AwsProfile', minio, { ...context, mountPath: '/mnt/ml' }],
    ...onS3('zenml', 'ZenML'),
    ...onAzure('zenml', 'ZenML'),
    ...onS3('openmetadata', 'OpenMetadata'),
    ...onS3('argo-workflows', 'ArgoWorkflows'),
    ...onAzure('argo-workflows', 'ArgoWorkflows'),
    ...onS3('hadoop', 'Hadoop'),
    ...onAzure('hadoop', 'Hadoop').filter(([name]) => name !== 'hadoop-azurite'),
    ...onS3('rclone', 'Rclone'),
    ...onAzure('rclone', 'Rclone'),
    ...besideProfile('hadoop', 'Hadoop'),
    ...besideProfile('openmetadata', 'OpenMetadata'),
    ...besideProfile('rclone', 'Rclone'),
    ...besideProfile('zenml', 'ZenML'),
    ['openmetadata-web-identity', 'OpenMetadata', awsIdentity, context, 'WebIdentity'],
    ['openmetadata-azure-web-identity', 'OpenMetadata', azureIdentity, context, 'WebIdentity'],
    ['hadoop-azure-web-identity', 'Hadoop', sovereignIdentity, context, 'WebIdentity'],
    ['hadoop-azure-options', 'Hadoop', azure, { ...context, clientOptions: azureOptions }],
    ['rclone-azure-options', 'Rclone', azure, { ...context, clientOptions: azureOptions }],
  ]
  for (const [name, format, material, at, beside] of cases) {
    test(name, async t => {
      const data = beside ? dataBeside(beside, format, material, at) : dataOf(format, material, at)
      for (const [key, value] of Object.entries(data)) t.assert.fileSnapshot(value, join(golden, name, key), asText)
      assert.deepEqual(Object.keys(data).sort(), (await readdir(join(golden, name))).sort())
    })
  }

  const variables: Case[] = [
    ...onS3('env', 'Env'),
    ...onAzure('env', 'Env'),
    ...onS3('turborepo', 'Turborepo'),
    ...onAzure('turborepo', 'Turborepo'),
    ...besideProfile('turborepo', 'Turborepo'),
    ...onS3('keys', 'Keys'),
    ...onAzure('keys', 'Keys'),
    ['web-identity-aws', 'WebIdentity', awsIdentity, context],
    ['web-identity-fips', 'WebIdentity', awsFipsIdentity, context],
    ['web-identity-vpc', 'WebIdentity', awsVpcIdentity, context],
    ['web-identity-minio', 'WebIdentity', minioIdentity, context],
    ['web-identity-azure', 'WebIdentity', azureIdentity, context],
    ['web-identity-sovereign', 'WebIdentity', sovereignIdentity, context],
    ['web-identity-options', 'WebIdentity', awsIdentity, { ...context, clientOptions }],
  ]
  for (const [name, format, material, at, beside] of variables) {
    test(name, t => {
      const data = beside ? dataBeside(beside, format, material, at) : dataOf(format, material, at)
      const lines = Object.entries(data).map(([key, value]) => `${key}=${value}`)
      t.assert.fileSnapshot(lines.join('\n'), join(golden, `${name}.txt`), asText)
    })
  }
})
