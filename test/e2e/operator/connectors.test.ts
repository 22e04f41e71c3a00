/** Connectors on real parts: what status says about their identity, and how soon they notice a change. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { findCondition } from '../../../src/api/conditions.ts'
import { REQUESTED_AT_ANNOTATION } from '../../../src/api/names.ts'
import type { ServiceConnector } from '../../../src/api/service-connector.ts'
import { CONFIG_MAPS, SERVICE_ACCOUNTS, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import { createCertificateAuthority } from '../../cluster/certificates.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import { until } from '../../support/until.ts'
import { messageOf, type Tenant, World } from '../../support/world.ts'

const OPERATOR_KEY = { accessKeyId: 'the-operator', secretAccessKey: 'secret-of-the-operator' }

let world: World
let operator: OperatorProcess
before(async () => {
  world = await World.start()
  await world.minio.admin.createUser(OPERATOR_KEY.accessKeyId, OPERATOR_KEY.secretAccessKey, 'readwrite')
  const caFile = join(world.controlPlane.dir, 'minio-ca.pem')
  writeFileSync(caFile, world.minio.caPem)
  operator = await world.startOperator(
    [
      ...['--leader-elect=false', '--allow-implicit-auth=true', '--implicit-auth-namespaces=trusted'],
      '--implicit-auth-endpoints=127.0.0.1',
    ],
    {
      main: 'src/main.ts',
      nodeFlags: [],
      env: {
        NODE_EXTRA_CA_CERTS: caFile,
        AWS_ACCESS_KEY_ID: OPERATOR_KEY.accessKeyId,
        AWS_SECRET_ACCESS_KEY: OPERATOR_KEY.secretAccessKey,
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    },
  )
})
after(() => world.stop())

const uris = ({ status }: ServiceConnector): string[] | undefined => status?.resources?.map(({ uri }) => uri)
const allow = (...buckets: string[]) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 's3:*',
        Resource: buckets.flatMap(bucket => [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`]),
      },
    ],
  })

let looks = 0
/** Makes the operator look at a connector again. */
async function lookAgain(tenant: Tenant, name: string): Promise<void> {
  await world.client.jsonPatch(SERVICE_CONNECTORS, { namespace: tenant.name, name }, [
    { op: 'add', path: '/metadata/annotations', value: { [REQUESTED_AT_ANNOTATION]: `${++looks}` } },
  ])
}

const untilConnector = (what: string, tenant: Tenant, name: string, holds: (connector: ServiceConnector) => boolean) =>
  until(
    what,
    async () => {
      const connector = await tenant.getConnector(name)
      return holds(connector) && connector
    },
    { last: async () => (await tenant.getConnector(name)).status },
  )

describe('status.resources', () => {
  let tenant: Tenant
  before(async () => {
    tenant = await world.tenant('listing')
    for (const bucket of ['listing-b', 'listing-a', 'other-a']) await world.minio.admin.createBucket(bucket)
    await world.minio.admin.setPolicy('two-buckets', allow('listing', 'listing-a'))
    await tenant.user('restricted', 'two-buckets')
    await tenant.user('admin', 'readwrite')
  })

  test('status.resources of an administrator has all buckets', async () => {
    await tenant.keyConnector('admin', 'admin')
    const connector = await tenant.connectorReady('admin')
    const seen = uris(connector) ?? []
    assert.deepEqual(seen, [...seen].sort())
    for (const name of ['listing', 'listing-a', 'listing-b', 'other-a']) assert.ok(seen.includes(`s3://${name}`), name)
    assert.equal(connector.status?.resourcesTruncated, undefined)
    assert.equal(findCondition(connector.status?.conditions, 'ResourcesListed'), undefined)
  })

  test('status.resources of a restricted user has the buckets that the user may list', async () => {
    await tenant.keyConnector('restricted', 'restricted')
    assert.deepEqual(uris(await tenant.connectorReady('restricted')), ['s3://listing', 's3://listing-a'])
  })

  test('has only what spec.resources names', async () => {
    await tenant.keyConnector('some', 'admin', { resources: ['s3://listing-*', 's3://other-a'] })
    const connector = await tenant.connectorCondition('some', 'ResourcesListed', 'True', 'Listed')
    assert.deepEqual(uris(connector), ['s3://listing-a', 's3://listing-b', 's3://other-a'])
  })

  test('lacks an entry that no bucket matches: a condition names it, and Ready holds', async () => {
    await tenant.keyConnector('narrow', 'restricted', { resources: ['s3://listing', 's3://listing-b'] })
    const connector = await tenant.connectorCondition('narrow', 'ResourcesListed', 'False', 'NotListed')
    assert.match(
      messageOf(connector, 'ResourcesListed'),
      /^spec.resources: s3:\/\/listing-b: .* can list no such bucket/,
    )
    assert.deepEqual(uris(connector), ['s3://listing'])
    await tenant.connectorReady('narrow')
    await world.minio.admin.setPolicy('two-buckets', allow('listing', 'listing-a', 'listing-b'))
    await lookAgain(tenant, 'narrow')
    assert.deepEqual(uris(await tenant.connectorCondition('narrow', 'ResourcesListed', 'True')), [
      's3://listing',
      's3://listing-b',
    ])
  })

  test('is cut off after a hundred', async () => {
    const names = Array.from({ length: 101 }, (_, index) => `many-${String(index).padStart(3, '0')}`)
    await Promise.all(names.map(name => world.minio.admin.createBucket(name)))
    await tenant.keyConnector('many', 'admin', { resources: ['s3://many-*'] })
    const connector = await tenant.connectorReady('many')
    assert.deepEqual(
      uris(connector),
      names.slice(0, 100).map(name => `s3://${name}`),
    )
    assert.equal(connector.status?.resourcesTruncated, true)
  })

  test('is counted without a call when a store comes or goes', async () => {
    const listings = () => operator.metric('artifactstore_provider_requests_total', { operation: 'ListBuckets' })
    await tenant.store('counted', { connectorRef: { name: 'restricted' } })
    await tenant.storeReady('counted')
    const before = await listings()
    await untilConnector('the store is counted', tenant, 'restricted', ({ status }) => status?.stores === 1)
    assert.equal(await listings(), before)
  })
})

test('a connector that copies its key says so where Ready says whose key it is', async () => {
  const tenant = await world.tenant('copied')
  await tenant.user('keys', 'readwrite')
  await tenant.connector('minio', { auth: { accessKey: { secretName: 'keys' } }, issue: 'Static' })
  assert.match(
    messageOf(await tenant.connectorReady('minio')),
    /^authenticated as .*; spec.aws.issue: Static copies the key itself: it never expires, and its rights are not narrowed$/,
  )
})

describe("the operator's own identity", () => {
  const implicit = { auth: { implicit: {} } }
  let owner: Tenant
  before(async () => {
    owner = await world.tenant('trusted')
  })

  test('is refused where no administrator has allowed it', async () => {
    const tenant = await world.tenant('untrusted')
    await tenant.connector('minio', implicit)
    const connector = await tenant.connectorCondition('minio', 'Stalled', 'True', 'ImplicitAuthNotAllowed')
    assert.equal(
      messageOf(connector),
      'spec.aws.auth.implicit: connectors of namespace "untrusted" may not use the operator\'s own identity: have an administrator start the operator with --allow-implicit-auth=true and --implicit-auth-namespaces=...,untrusted, or authenticate as a ServiceAccount (auth.webIdentity, auth.workloadIdentity)',
    )
  })

  test('goes to no other endpoint, and nowhere with a CA of the connector', async () => {
    const localhost = world.minio.endpoint.replace('127.0.0.1', 'localhost')
    await owner.create(SERVICE_CONNECTORS, 'elsewhere', { spec: { aws: { endpoint: localhost, ...implicit } } })
    await owner.connector('vouched-for', implicit)
    for (const [name, message] of [
      ['elsewhere', /^spec\.aws\.endpoint: "localhost" may not get tokens .* --implicit-auth-endpoints$/],
      ['vouched-for', /^spec\.aws\.caBundle: /],
    ] as const) {
      const connector = await owner.connectorCondition(name, 'Stalled', 'True', 'ImplicitAuthNotAllowed')
      assert.match(messageOf(connector), message)
    }
  })

  test('works where one has, also for stores of namespaces that the connector allows', async () => {
    const { endpoint } = world.minio
    const allowedNamespaces = { from: 'All' as const }
    await owner.create(SERVICE_CONNECTORS, 'minio', { spec: { aws: { endpoint, ...implicit }, allowedNamespaces } })
    await owner.connectorReady('minio')
    const borrower = await world.tenant('borrower')
    await borrower.store('store', { connectorRef: { name: 'minio', namespace: 'trusted' } })
    await borrower.storeReady('store')
  })
})

describe('what a connector names is changed', () => {
  test('the CA bundle: a wrong one and the right one are noticed at once', async () => {
    const tenant = await world.tenant('recertified')
    const setCa = (pem: string) =>
      world.client.jsonPatch(CONFIG_MAPS, { namespace: tenant.name, name: 'minio-ca' }, [
        { op: 'replace', path: '/data', value: { 'ca.crt': pem } },
      ])
    await tenant.connector('minio')
    await tenant.connectorReady('minio')
    await setCa((await createCertificateAuthority('somebody else')).certPem)
    await tenant.connectorCondition('minio', 'Stalled', 'True', 'TLSVerificationFailed')
    await setCa(world.minio.caPem)
    await tenant.connectorReady('minio')
    await tenant.store('store')
    await tenant.storeReady('store')
  })

  test('the role in the annotation of the ServiceAccount: the connector and its store follow', async () => {
    const tenant = await world.tenant('annotated')
    const setRole = (role: string) =>
      world.client.jsonPatch(SERVICE_ACCOUNTS, { namespace: tenant.name, name: 'runner' }, [
        { op: 'add', path: '/metadata/annotations', value: { 'eks.amazonaws.com/role-arn': role } },
      ])
    await tenant.connector('minio', { auth: { webIdentity: { serviceAccountName: 'runner' } } })
    await tenant.store('store')
    await tenant.connectorCondition('minio', 'Stalled', 'True', 'RoleNotSet')
    await setRole(world.minio.roleArn)
    await tenant.connectorReady('minio')
    await tenant.storeReady('store')
    await setRole('arn:minio:iam:::role/AAAAAAAAAAAAAAAAAAAAAAAAAAA')
    await tenant.connectorCondition('minio', 'Ready', 'False', 'RoleNotFound')
    await tenant.storeCondition('store', 'ConnectorReady', 'False')
  })
})
