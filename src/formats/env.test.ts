import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aws, awsFips, awsVpc, azure, azurite, dataOf, minio, sovereign } from '../../test/support/materials.ts'
import type { CredentialMaterial } from '../api/material.ts'

describe('variables of a bucket', () => {
  const cases: [name: string, material: CredentialMaterial, expected: Record<string, string | undefined>][] = [
    ['AWS: the SDK derives the endpoint', aws, { AWS_ENDPOINT_URL: undefined, AWS_ENDPOINT_URL_S3: undefined }],
    ['AWS: the host is that of the region', aws, { BUCKET_HOST: 's3.eu-central-1.amazonaws.com', BUCKET_PORT: '443' }],
    [
      'AWS by IPv6 and FIPS 140',
      awsFips,
      { AWS_USE_FIPS_ENDPOINT: 'true', AWS_ENDPOINT_URL_S3: undefined, BUCKET_HOST: new URL(awsFips.url).host },
    ],
    [
      "a VPC's endpoint of S3 is none of other services",
      awsVpc,
      { AWS_ENDPOINT_URL: undefined, AWS_ENDPOINT_URL_S3: awsVpc.url },
    ],
    ['a service of its own', minio, { AWS_ENDPOINT_URL: minio.url, AWS_ENDPOINT_URL_S3: minio.url }],
    ['http without a port', { ...minio, url: 'http://minio' }, { BUCKET_HOST: 'minio', BUCKET_PORT: '80' }],
    ['https without a port', { ...minio, url: 'https://minio' }, { BUCKET_PORT: '443' }],
    ['a port', { ...minio, url: 'http://minio:9000' }, { BUCKET_HOST: 'minio', BUCKET_PORT: '9000' }],
    ['a whole bucket', { ...aws, prefix: '', uri: 's3://ml' }, { BUCKET_URI: 's3://ml', BUCKET_PREFIX: '' }],
    ['a prefix', { ...aws, prefix: 'a/b/', uri: 's3://ml/a/b/' }, { BUCKET_URI: 's3://ml/a/b', BUCKET_PREFIX: 'a/b/' }],
    ['no private CA', aws, { AWS_CA_BUNDLE: undefined, 'ca.crt': undefined }],
    ['a container', azure, { BUCKET_URI: 'az://models/prod', BUCKET_REGION: undefined }],
    ['a container as the path names it', sovereign, { BUCKET_URI: sovereign.uri.slice(0, -1) }],
    ['an account in the path', azurite, { BUCKET_HOST: 'azurite.azure.svc', BUCKET_PORT: '10000' }],
  ]
  for (const [name, material, expected] of cases) {
    test(`fit the material: ${name}`, () => {
      const data = dataOf('Env', material)
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map(key => [key, data[key]])), expected)
    })
  }
})
