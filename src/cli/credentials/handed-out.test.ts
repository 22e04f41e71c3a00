import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as materials from '../../../test/support/materials.ts'
import type { CredentialMaterial } from '../../api/material.ts'
import { handedOut, isOfCluster, VARIABLES } from './handed-out.ts'

const { aws, awsFips, awsVpc, azure, dataOf, minio, staticKey } = materials

describe('credentials of a Secret', () => {
  for (const [what, material] of [
    ['AWS', aws],
    ['AWS by IPv6 and FIPS 140', awsFips],
    ['the endpoint of a VPC', awsVpc],
    ['a service with a private CA', minio],
  ] as [string, CredentialMaterial][]) {
    test(`are the same by both formats: ${what}`, () => {
      const [byProfile, byVariables] = [handedOut(dataOf('AwsProfile', material)), handedOut(dataOf('Env', material))]
      assert.deepEqual(byProfile?.output, byVariables?.output)
      assert.ok(byProfile?.output?.Expiration)
      assert.equal(byProfile?.expiresAt, byVariables?.expiresAt)
      assert.deepEqual(byProfile?.services, byVariables?.services)
      assert.deepEqual(
        byProfile?.settings.filter(line => !line.startsWith('  ') && line !== 's3 =').sort(),
        [...(byVariables?.settings ?? [])].sort(),
      )
      const common = Object.entries(byVariables?.variables ?? {}).filter(([name]) => !name.startsWith('BUCKET_'))
      assert.deepEqual(Object.entries(byProfile?.variables ?? {}).sort(), common.sort())
    })
  }

  test('have all variables that the format Env writes, but the path of a pod', () => {
    for (const material of Object.values(materials).filter(isMaterial)) {
      const names = Object.keys(dataOf('Env', material)).filter(name => !['ca.crt', 'AWS_CA_BUNDLE'].includes(name))
      assert.deepEqual(
        names.filter(name => !VARIABLES.includes(name)),
        [],
      )
    }
  })

  test('that do not end say so', () => {
    const found = handedOut(dataOf('Env', staticKey, materials.endless))
    assert.equal(found?.expiresAt, undefined)
    assert.ok(found?.output && !('Expiration' in found.output))
  })

  test('keep the style of addresses', () => {
    assert.deepEqual(handedOut(dataOf('AwsProfile', minio))?.settings.slice(-2), ['s3 =', '  addressing_style = path'])
  })

  test('end when the Secret says so, where no variable does', () => {
    const [end, data] = [new Date('2026-03-01T10:00:00Z').toISOString(), dataOf('Env', azure)]
    assert.equal(handedOut(data, end)?.expiresAt, end)
    for (const none of ['never', undefined, 'soon']) assert.equal(handedOut(data, none)?.expiresAt, undefined)
    assert.notEqual(handedOut(dataOf('Env', aws), '2099-01-01T00:00:00Z')?.expiresAt, '2099-01-01T00:00:00Z')
  })

  test('of Azure are variables, and no keys of AWS', () => {
    const found = handedOut(dataOf('Env', azure))
    assert.equal(found?.cloud, 'azure')
    assert.equal(found?.output, undefined)
    assert.ok(found?.variables['AZURE_STORAGE_SAS_TOKEN'])
    assert.equal(found?.host, 'mlprod.blob.core.windows.net')
  })

  test('of other formats are none', () => {
    for (const format of ['Rclone', 'ZenML', 'OpenMetadata'] as const)
      assert.equal(handedOut(dataOf(format, aws)), undefined, format)
    assert.equal(handedOut({}), undefined)
    assert.equal(handedOut({ config: '', 'credentials.json': 'no JSON' }), undefined)
  })
})

describe('what others added to a Secret is not handed on', () => {
  test('variables by which programs run others', () => {
    const found = handedOut({ ...dataOf('Env', aws), LD_PRELOAD: '/tmp/x.so', AWS_CONFIG_FILE: '/tmp/x', PATH: '/tmp' })
    assert.deepEqual(
      Object.keys(found?.variables ?? {}).filter(name => !VARIABLES.includes(name)),
      [],
    )
  })

  for (const line of [
    'credential_process = touch owned',
    'credential_process=touch owned',
    'Credential_Process = touch owned',
    '  credential_process = touch owned',
    'source_profile = other',
    'region = a\u0000b',
    'sso_start_url = https://evil',
    '[profile other]',
  ]) {
    test(`settings: ${JSON.stringify(line)}`, () => {
      const data = dataOf('AwsProfile', aws)
      const own = handedOut(data)?.settings
      const more = `${data['config']}${line}\n${line}\n`
      assert.deepEqual(handedOut({ ...data, config: more })?.settings, own)
    })
  }

  test('a second line of a variable that becomes a setting', () => {
    const data = { ...dataOf('Env', aws), AWS_REGION: 'eu\ncredential_process = touch owned' }
    assert.deepEqual(handedOut(data)?.settings, [])
  })
})

for (const [host, isInside] of [
  ['minio.minio.svc', true],
  ['minio.minio.svc.cluster.local', true],
  ['minio', true],
  ['localhost', false],
  ['127.0.0.1', false],
  ['s3.eu-central-1.amazonaws.com', false],
  ['svc.example.com', false],
] as const) {
  test(`${host} is ${isInside ? '' : 'not '}reached by pods only`, () => assert.equal(isOfCluster(host), isInside))
}

const isMaterial = (value: unknown): value is CredentialMaterial =>
  typeof value === 'object' && value !== null && 'cloud' in value && !('webIdentity' in value)
