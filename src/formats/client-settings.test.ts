/** Each format tells its consumer the client options that it says it tells; of the others, people are warned. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  aws,
  awsIdentity,
  azure,
  azureIdentity,
  azureOptions,
  clientOptions,
  context,
  dataOf,
  minio,
  minioIdentity,
} from '../../test/support/materials.ts'
import type { Format } from '../api/artifact-store.ts'
import type { ClientOption, ClientOptions } from '../api/client-options.ts'
import type { CredentialMaterial } from '../api/material.ts'
import { formatWarnings } from './index.ts'

const ON_AZURE: Format[] = ['Env', 'WebIdentity', 'ZenML', 'Turborepo', 'ArgoWorkflows', 'Hadoop', 'Rclone', 'Keys']
const ON_S3: Format[] = ['AwsProfile', 'OpenMetadata', ...ON_AZURE]

/** Warnings that are about client options. */
function warningsOf(format: Format, options: ClientOptions, cloud: 'aws' | 'azure', access: 'ReadWrite' | 'ReadOnly') {
  const circumstances = { lifetimeMs: 3_600_000, prefix: '', access, cloud, clientOptions: options }
  return formatWarnings([format], circumstances).filter(text => text.includes('clientOptions'))
}

/** What consumers of formats only read. */
const WRITING = new Set<ClientOption>(['acl', 'storageClass'])

describe('an option of clients', () => {
  const clouds: [cloud: 'aws' | 'azure', Format[], CredentialMaterial, ClientOptions][] = [
    ['aws', ON_S3, minioIdentity, clientOptions],
    ['azure', ON_AZURE, azureIdentity, azureOptions],
  ]
  for (const [cloud, formats, material, options] of clouds) {
    for (const format of formats) {
      for (const name of Object.keys(options) as ClientOption[]) {
        const one = { [name]: options[name] }
        const isTold = () =>
          JSON.stringify(dataOf(format, material, { ...context, clientOptions: one })) !==
          JSON.stringify(dataOf(format, material))
        test(`${name} is told by ${format} on ${cloud}, or people are warned that it is not`, () => {
          const warnings = warningsOf(format, one, cloud, 'ReadWrite')
          const matters = !(format === 'OpenMetadata' && WRITING.has(name))
          assert.equal(warnings.length, !isTold() && matters ? 1 : 0, warnings.join())
          for (const text of warnings)
            assert.match(text, new RegExp(`^${format} has no setting for spec\\S+\\.${name}: `))
        })
      }
    }
  }

  test('is not missed by those who only read, where it is about writing', () => {
    const { acl, storageClass } = clientOptions
    assert.deepEqual(warningsOf('Env', { acl, storageClass }, 'aws', 'ReadOnly'), [])
  })
  test('is not missed where clients do so by themselves', () => {
    assert.deepEqual(warningsOf('Env', { signatureVersion: 'v4', requesterPays: false }, 'aws', 'ReadWrite'), [])
  })
})

describe('checksums that a store asks for', () => {
  const cases: [material: CredentialMaterial, checksums: ClientOptions['checksums'], expected: string | undefined][] = [
    [aws, undefined, undefined],
    [aws, 'WhenRequired', 'when_required'],
    [aws, 'WhenSupported', 'when_supported'],
    [minio, undefined, 'when_required'],
    [minio, 'WhenSupported', 'when_supported'],
    [azure, undefined, undefined],
  ]
  for (const [material, checksums, expected] of cases) {
    test(`win over the default: ${material.uri} ${checksums} is ${expected}`, () => {
      const at = { ...context, ...(checksums && { clientOptions: { checksums } }) }
      for (const name of ['AWS_REQUEST_CHECKSUM_CALCULATION', 'AWS_RESPONSE_CHECKSUM_VALIDATION']) {
        assert.equal(dataOf('Env', material, at)[name], expected)
      }
    })
  }
  test('leave an identity of AWS as it is when nobody asks', () => {
    assert.doesNotMatch(JSON.stringify(dataOf('WebIdentity', awsIdentity)), /checksum/i)
  })
})
