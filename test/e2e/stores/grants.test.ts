/** Copied keys, and buckets that a connector does not lend: on real parts. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SECRETS, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import { until } from '../../support/until.ts'
import { messageOf, type Tenant, World } from '../../support/world.ts'

let world: World
let tenant: Tenant
before(async () => {
  world = await World.start()
  await world.startOperator()
  tenant = await world.tenant('grants')
})
after(() => world.stop())

test('a copied key has no end, says so, and is replaced when it changes', async () => {
  const key = await tenant.user('keys', 'readwrite')
  await tenant.connector('static', { auth: { accessKey: { secretName: 'keys' } }, issue: 'Static' })
  const credentials = [{ name: 'step', formats: ['AwsProfile' as const, 'Env' as const] }]
  await tenant.store('static', { connectorRef: { name: 'static' }, credentials })
  const store = await tenant.storeCondition('static', 'CredentialsProjected', 'True', 'ProjectedWithCaution')
  assert.match(messageOf(store, 'CredentialsProjected'), /^2 Secrets up to date; spec.aws.issue: Static copies the key/)
  assert.deepEqual(
    store.status?.credentials?.map(({ secretName, expiresAt }) => [secretName, expiresAt]),
    [
      ['static-step', undefined],
      ['static-step-env', undefined],
    ],
  )
  assert.equal(store.status?.expiresAt, undefined)
  const env = (await tenant.getSecret('static-step-env'))?.data ?? {}
  assert.equal('AWS_CREDENTIAL_EXPIRATION' in env, false)
  const profile = Buffer.from((await tenant.getSecret('static-step'))?.data['credentials.json'] ?? '', 'base64')
  assert.deepEqual(JSON.parse(profile.toString()), {
    Version: 1,
    AccessKeyId: key.accessKeyId,
    SecretAccessKey: key.secretAccessKey,
  })

  await world.minio.admin.createUser('grants-other', 'another-secret-key', 'readwrite')
  const other = { aws_access_key_id: 'grants-other', aws_secret_access_key: 'another-secret-key' }
  const data = Object.entries(other).map(([name, value]) => [name, Buffer.from(value).toString('base64')])
  await world.client.jsonPatch(SECRETS, { namespace: tenant.name, name: 'keys' }, [
    { op: 'replace', path: '/data', value: Object.fromEntries(data) },
  ])
  await until('the other key', async () => (await tenant.credentials('static-step')).accessKeyId === 'grants-other')
})

test('a bucket that the connector does not lend is refused until it does', async () => {
  await tenant.connector('narrow', {}, { resources: ['s3://ml-*'] })
  await tenant.store('outside', { connectorRef: { name: 'narrow' } })
  const store = await tenant.storeCondition('outside', 'Stalled', 'True', 'ResourceNotAllowed')
  assert.equal(
    messageOf(store),
    'spec.path: ServiceConnector "grants/narrow" allows only s3://ml-*: use another bucket, or add s3://grants to its spec.resources',
  )
  await world.client.jsonPatch(SERVICE_CONNECTORS, { namespace: tenant.name, name: 'narrow' }, [
    { op: 'add', path: '/spec/resources/-', value: 's3://gra*' },
  ])
  await tenant.storeReady('outside')
})
