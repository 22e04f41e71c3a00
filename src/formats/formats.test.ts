import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Format } from '../api/artifact-store.ts'
import type { AwsMaterial } from '../api/material.ts'
import { lifetimeWarnings, type RenderContext, type RenderedSecret, render, secretSuffixes } from './index.ts'

const golden = join(import.meta.dirname, '../../test/golden')

const material: AwsMaterial = {
  cloud: 'aws',
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'secret/with+every=char',
  sessionToken: 'token//==',
  region: 'eu-central-1',
  addressingStyle: 'virtual',
  bucket: 'ml',
  prefix: 'prod/',
}
const minio: AwsMaterial = {
  ...material,
  region: 'us-east-1',
  endpoint: 'https://minio.minio.svc:9000',
  addressingStyle: 'path',
  caPem: '-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n',
}
const { sessionToken: _, ...staticKey } = material
const context: RenderContext = {
  expiresAt: new Date('2026-03-01T10:00:00.750Z'),
  mountPath: '/var/run/artifact-store',
}

const endless: RenderContext = { mountPath: context.mountPath }

function secrets(formats: Format[], from: AwsMaterial = material, at: RenderContext = context): RenderedSecret[] {
  const rendered = render(formats, from, at)
  assert.ok(Array.isArray(rendered), `expected Secrets, got ${JSON.stringify(rendered)}`)
  return rendered
}

function only(formats: Format[], from?: AwsMaterial, at?: RenderContext): RenderedSecret {
  const [first, ...others] = secrets(formats, from, at)
  assert.ok(first)
  assert.deepEqual(others, [])
  return first
}

const asText = { serializers: [(value: unknown) => String(value)] }

describe('golden files (npm run test:golden rewrites them)', () => {
  const cases: [name: string, format: Format, material: AwsMaterial, context: RenderContext][] = [
    ['aws-profile-aws', 'AwsProfile', material, context],
    ['aws-profile-minio', 'AwsProfile', minio, context],
    ['aws-profile-static-key', 'AwsProfile', staticKey, endless],
    ['aws-profile-mount-path', 'AwsProfile', minio, { ...context, mountPath: '/mnt/ml' }],
  ]
  for (const [name, format, from, at] of cases) {
    test(name, async t => {
      const { data } = only([format], from, at)
      for (const [key, value] of Object.entries(data)) t.assert.fileSnapshot(value, join(golden, name, key), asText)
      assert.deepEqual(Object.keys(data).sort(), (await readdir(join(golden, name))).sort())
    })
  }

  const variables: [name: string, material: AwsMaterial, context: RenderContext][] = [
    ['env-aws', material, context],
    ['env-minio', minio, context],
    ['env-static-key', staticKey, endless],
  ]
  for (const [name, from, at] of variables) {
    test(name, t => {
      const { data } = only(['Env'], from, at)
      const lines = Object.entries(data).map(([key, value]) => `${key}=${value}`)
      t.assert.fileSnapshot(lines.join('\n'), join(golden, `${name}.txt`), asText)
    })
  }
})

describe('Secrets of a consumer', () => {
  const cases: [name: string, formats: Format[], expected: Record<string, string>][] = [
    ['AwsProfile alone', ['AwsProfile'], { '': 'config' }],
    ['Env alone', ['Env'], { '': 'AWS_REGION' }],
    ['both are kept apart', ['AwsProfile', 'Env'], { '': 'config', '-env': 'AWS_REGION' }],
    ['both, in the other order', ['Env', 'AwsProfile'], { '': 'config', '-env': 'AWS_REGION' }],
    ['one named twice', ['Env', 'Env'], { '': 'AWS_REGION' }],
  ]
  for (const [name, formats, expected] of cases) {
    test(name, () => {
      const rendered = secrets(formats)
      const suffixes = rendered.map(secret => secret.suffix)
      assert.deepEqual(suffixes, secretSuffixes(formats))
      assert.deepEqual(suffixes.sort(), Object.keys(expected))
      for (const { suffix, data } of rendered) {
        assert.ok((expected[suffix] ?? '') in data, `Secret with suffix '${suffix}' has ${Object.keys(data)}`)
      }
      const keys = rendered.flatMap(secret => Object.keys(secret.data))
      assert.equal(new Set(keys).size, keys.length, 'a key is in one Secret only')
    })
  }

  test('a format without an implementation is a failure that names the field', () => {
    assert.deepEqual(render(['AwsProfile', 'Rclone'], material, context), {
      kind: 'failure',
      intent: 'stalled',
      reason: 'NotImplemented',
      message: 'spec.credentials[].formats: Rclone is not implemented yet; use AwsProfile or Env',
    })
  })
})

describe('lifetime warning', () => {
  const cases: [name: string, formats: Format[], minutes: number | undefined, expected: RegExp | undefined][] = [
    ['50 min are enough', ['AwsProfile'], 50, undefined],
    ['what a service gives for 50 min', ['AwsProfile'], 50 - 1 / 60, undefined],
    ['49 min are short', ['AwsProfile', 'Env'], 49, /^credentials live 49 min: .* spec\.credentials\[\]\.duration$/],
    ['Env has nothing to read again', ['Env'], 15, undefined],
    ['keys without an end are read once', ['AwsProfile'], undefined, /do not expire: .* restart consumers/],
    ['keys without an end in Env, which is read once anyway', ['Env'], undefined, undefined],
  ]
  for (const [name, formats, minutes, expected] of cases) {
    test(name, () => {
      const warnings = lifetimeWarnings(formats, minutes && minutes * 60_000)
      assert.equal(warnings.length, expected ? 1 : 0)
      if (expected) assert.match(warnings[0] ?? '', expected)
    })
  }
})

describe('Env', () => {
  const cases: [name: string, material: Partial<AwsMaterial>, expected: Record<string, string | undefined>][] = [
    ['AWS: the SDK derives the endpoint', {}, { AWS_ENDPOINT_URL: undefined, AWS_ENDPOINT_URL_S3: undefined }],
    ['AWS: the host is that of the region', {}, { BUCKET_HOST: 's3.eu-central-1.amazonaws.com', BUCKET_PORT: '443' }],
    ['AWS China', { region: 'cn-north-1' }, { BUCKET_HOST: 's3.cn-north-1.amazonaws.com.cn' }],
    ['http without a port', { endpoint: 'http://minio' }, { BUCKET_HOST: 'minio', BUCKET_PORT: '80' }],
    ['https without a port', { endpoint: 'https://minio' }, { BUCKET_PORT: '443' }],
    ['an explicit port', { endpoint: 'http://minio:9000' }, { BUCKET_HOST: 'minio', BUCKET_PORT: '9000' }],
    ['a whole bucket', { prefix: '' }, { BUCKET_URI: 's3://ml', BUCKET_PREFIX: '' }],
    ['a prefix', { prefix: 'a/b/' }, { BUCKET_URI: 's3://ml/a/b', BUCKET_PREFIX: 'a/b/' }],
    ['no private CA', {}, { AWS_CA_BUNDLE: undefined, 'ca.crt': undefined }],
  ]
  for (const [name, change, expected] of cases) {
    test(name, () => {
      const { data } = only(['Env'], { ...material, ...change })
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map(key => [key, data[key]])), expected)
    })
  }
})
