/** The whole operator at AWS: from a connector to credentials that boto3 works with. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { ServiceConnectorSpec } from '../../../src/api/service-connector.ts'
import { NAMESPACES, SERVICE_ACCOUNTS, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import { type Moto, startMoto } from '../../cluster/moto.ts'
import { ACCOUNT, type Key, may, OTHER_ACCOUNT } from '../../cluster/moto-admin.ts'
import { MountedSecret, plainText } from '../../support/mounted-secret.ts'
import { until } from '../../support/until.ts'
import { messageOf, type Tenant, World } from '../../support/world.ts'
import { boto3 } from '../provider-s3/aws-lab.ts'

const NAMESPACE = 'pipelines'
const roleArn = (name: string, account = ACCOUNT): string => `arn:aws:iam::${account}:role/${name}`
const userArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:user/${name}`

describe('the operator at AWS', () => {
  let world: World
  let moto: Moto
  let tenant: Tenant
  let root: string

  before(async () => {
    ;[world, moto, root] = await Promise.all([World.start(), startMoto(), mkdtemp(join(tmpdir(), 'aws-'))])
    tenant = await world.tenant(NAMESPACE)
    const { admin } = moto
    await admin.createBucket('data')
    await admin.createBucket('data-eu', { region: 'eu-west-1' })
    await admin.createBucket('theirs', { account: OTHER_ACCOUNT })
    await keySecret('alice', await admin.createUser('alice', [may('s3:*'), may('sts:*'), may('cloudwatch:*')]))
    // This user is the operator's own identity, which may only assume roles.
    const own = await admin.createUser('operator', [may('sts:AssumeRole')])
    await world.startOperator(
      ['--leader-elect=false', '--allow-implicit-auth=true', `--implicit-auth-namespaces=${NAMESPACE}`],
      {
        ...{ main: 'src/main.ts', nodeFlags: [] },
        env: {
          ...moto.environment,
          AWS_EC2_METADATA_DISABLED: 'true',
          AWS_ACCESS_KEY_ID: own.accessKeyId,
          AWS_SECRET_ACCESS_KEY: own.secretAccessKey,
        },
      },
    )
  })
  after(async () => {
    await Promise.all([world.stop(), moto.stop(), rm(root, { recursive: true, force: true })])
  })

  const keySecret = (name: string, { accessKeyId, secretAccessKey }: Key) =>
    tenant.secret(name, { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey })

  const connector = (name: string, aws: ServiceConnectorSpec['aws'], rest: Partial<ServiceConnectorSpec> = {}) =>
    tenant.create(SERVICE_CONNECTORS, name, { spec: { aws: { addressingStyle: 'Path', ...aws }, ...rest } })

  /** Creates a store, mounts its Secret, and returns what boto3 has read below the store's prefix. */
  async function used(name: string, connectorName: string, bucket: string, spec: object = {}): Promise<string> {
    const mountPath = join(root, name)
    const credentials = [{ name: 'step', formats: ['AwsProfile' as const], mountPath }]
    await tenant.store(name, {
      path: `s3://${bucket}/${name}`,
      connectorRef: { name: connectorName },
      credentials,
      ...spec,
    })
    await tenant.storeReady(name)
    const secret = await tenant.getSecret(`${name}-step`)
    new MountedSecret(mountPath).update(plainText(secret?.data ?? {}))
    const { PATH } = process.env
    const env = { PATH, ...moto.environment, AWS_CONFIG_FILE: join(mountPath, 'config') }
    await assert.rejects(boto3(env, bucket, 'outside'), /AccessDenied/)
    return boto3(env, bucket, `${name}/inside`)
  }

  test('gives credentials of federated users by an access key', async () => {
    await connector('alice', { auth: { accessKey: { secretName: 'alice' } } }, { resources: ['s3://data*'] })
    assert.equal(await used('by-key', 'alice', 'data'), 'by boto3')
    const { status } = await tenant.connectorReady('alice')
    assert.deepEqual(status?.identity, { arn: userArn('alice'), accountId: ACCOUNT })
    const { accessKeyId } = await tenant.credentials('by-key-step')
    const [session] = (await moto.admin.sessions()).filter(known => known.accessKeyId === accessKeyId)
    assert.equal(session?.operation, 'GetFederationToken')
  })

  test('lists buckets with their regions', async () => {
    const resources = await until('resources are listed', async () => {
      const { status } = await tenant.getConnector('alice')
      return status?.resources
    })
    assert.deepEqual(resources, [
      { uri: 's3://data', region: 'us-east-1' },
      { uri: 's3://data-eu', region: 'eu-west-1' },
    ])
  })

  test('follows a bucket to another region', async () => {
    assert.equal(await used('elsewhere', 'alice', 'data-eu'), 'by boto3')
    assert.equal((await tenant.getStore('elsewhere')).status?.bucket?.region, 'eu-west-1')
  })

  test('creates, sets up and measures a bucket', async () => {
    const bucket = { create: true, region: 'eu-central-1', versioning: 'Enabled' as const, expirationDays: 30 }
    assert.equal(await used('made', 'alice', 'data-made', { bucket, usage: { source: 'CloudWatch' } }), 'by boto3')
    const store = await until('usage is measured', async () => {
      const known = await tenant.getStore('made')
      return known.status?.usage && known
    })
    const { name, region, versioning } = store.status?.bucket ?? {}
    assert.deepEqual([name, region, versioning], ['data-made', 'eu-central-1', 'Enabled'])
    assert.equal(store.status?.usage?.scope, 'Bucket')
    const prepared = (await tenant.events('made')).filter(({ reason }) => reason === 'BucketPrepared')
    assert.deepEqual(
      prepared.map(({ note }) => note),
      ['s3://data-made/made/: created the bucket, enabled versioning, set expiration of 30 days'],
    )
  })

  test('grants what OpenMetadata asks for, and no more', async () => {
    const bucket = ['s3:ListBucket', 's3:GetObject', 's3:GetBucketLocation']
    const account = ['s3:ListAllMyBuckets', 'cloudwatch:GetMetricData', 'cloudwatch:ListMetrics']
    const user = await moto.admin.createUser('metadata', [
      may(bucket, ['arn:aws:s3:::data', 'arn:aws:s3:::data/*']),
      may(account),
    ])
    await keySecret('metadata', user)
    await connector('metadata', { auth: { accessKey: { secretName: 'metadata' } } })
    const verification = { require: [...bucket, ...account] }
    await tenant.store('metadata', {
      ...{ path: 's3://data', connectorRef: { name: 'metadata' }, credentials: [], verification },
    })
    const { status } = await tenant.storeReady('metadata')
    const allowed = status?.permissions?.flatMap(({ action, result }) => (result === 'Allowed' ? [action] : []))
    assert.deepEqual(allowed?.sort(), verification.require.sort())
  })

  test('gives credentials by the web identity of a ServiceAccount', async () => {
    const { issuer } = world.controlPlane
    await moto.admin.createIssuer(issuer, 'sts.amazonaws.com')
    const provider = issuer.replace('https://', '')
    await moto.admin.createRole('irsa', {
      trust: [
        {
          Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${provider}` },
          Condition: { StringEquals: { [`${provider}:sub`]: `system:serviceaccount:${NAMESPACE}:irsa` } },
        },
      ],
      may: [may('s3:*')],
    })
    const annotations = { 'eks.amazonaws.com/role-arn': roleArn('irsa') }
    await world.client.create(SERVICE_ACCOUNTS, {
      ...{ apiVersion: 'v1', kind: 'ServiceAccount' },
      metadata: { name: 'irsa', namespace: NAMESPACE, annotations },
    })
    await connector('irsa', { auth: { webIdentity: { serviceAccountName: 'irsa' } } })
    assert.equal(await used('by-token', 'irsa', 'data'), 'by boto3')
  })

  test("follows a chain from the operator's own identity into another account", async () => {
    const { admin } = moto
    const { uid } = (await world.client.get(NAMESPACES, undefined, 'kube-system')).metadata
    const own = { StringEquals: { 'sts:ExternalId': `artifactstore.dev/${uid}/${NAMESPACE}/chain` } }
    await admin.createRole('hub', {
      trust: [{ Principal: { AWS: userArn('operator') }, Condition: own }],
      may: [may('sts:AssumeRole')],
    })
    const trust = [{ Principal: { AWS: roleArn('hub') }, Condition: { StringEquals: { 'sts:ExternalId': 'team/42' } } }]
    await admin.createRole('spoke', { trust, may: [may('s3:*')], account: OTHER_ACCOUNT })
    const assumeRoles = [
      { roleArn: roleArn('hub') },
      { roleArn: roleArn('spoke', OTHER_ACCOUNT), externalId: 'team/42', sessionName: 'artifacts' },
    ]
    await connector('chain', { auth: { implicit: {} }, assumeRoles })
    assert.equal(await used('by-chain', 'chain', 'theirs'), 'by boto3')
    const { status } = await tenant.connectorReady('chain')
    assert.deepEqual(status?.identity, {
      arn: `arn:aws:sts::${OTHER_ACCOUNT}:assumed-role/spoke/artifacts`,
      accountId: OTHER_ACCOUNT,
    })
    const { expiration } = await tenant.credentials('by-chain-step')
    assert.ok(expiration.getTime() - Date.now() < 3_600_000)

    // Another connector of the same operator is another one for the role.
    await connector('deputy', { auth: { implicit: {} }, assumeRoles: [{ roleArn: roleArn('hub') }] })
    const deputy = await tenant.connectorCondition('deputy', 'Ready', 'False', 'RoleNotTrusted')
    assert.match(messageOf(deputy), new RegExp(`with sts:ExternalId "artifactstore\\.dev/${uid}/${NAMESPACE}/deputy"`))
  })
})
