/** The life of a store on real parts: from IRSA to a Secret that works, through edits, to its deletion. */
import assert from 'node:assert/strict'
import { Agent } from 'node:https'
import { after, before, describe, test } from 'node:test'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { isNotFound } from '../../../src/kube/errors.ts'
import { ARTIFACT_STORES, NAMESPACES, SECRETS, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import { until } from '../../support/until.ts'
import { messageOf, type Tenant, World } from '../../support/world.ts'

let world: World
let operator: OperatorProcess
before(async () => {
  world = await World.start()
  operator = await world.startOperator()
})
after(() => world.stop())

/** An S3 client with the credentials that a pod would get. */
async function clientOf(tenant: Tenant, secret: string): Promise<S3Client> {
  const credentials = await tenant.credentials(secret)
  const httpsAgent = new Agent({ ca: world.minio.caPem })
  return new S3Client({
    region: 'us-east-1',
    endpoint: world.minio.endpoint,
    forcePathStyle: true,
    credentials,
    requestHandler: new NodeHttpHandler({ httpsAgent }),
  })
}

const refused = (promise: Promise<unknown>): Promise<void> =>
  assert.rejects(promise, (error: { name?: string }) => error.name === 'AccessDenied')

describe('from IRSA to a bucket', () => {
  let tenant: Tenant
  before(async () => {
    tenant = await world.tenant('irsa')
    await tenant.connector('minio')
    await tenant.store('store', {
      path: 's3://irsa/team',
      credentials: [
        { name: 'step', formats: ['AwsProfile', 'Env'] },
        { name: 'viewer', access: 'ReadOnly', formats: ['AwsProfile'] },
        { name: 'uploader', access: 'WriteOnly', subPath: 'in', duration: '15m', formats: ['AwsProfile'] },
      ],
    })
    await tenant.storeReady('store')
  })

  test('status says what was proven', async () => {
    const { status } = await tenant.getStore('store')
    const conditions = Object.fromEntries(
      status?.conditions?.map(({ type, status, reason }) => [type, `${status}/${reason}`]) ?? [],
    )
    assert.deepEqual(conditions, {
      Ready: 'True/Verified',
      ConnectorReady: 'True/Authenticated',
      BucketReachable: 'True/Reachable',
      AccessVerified: 'True/PermissionsVerified',
      CredentialsProjected: 'True/Projected',
      Isolated: 'True/Proven',
    })
    assert.equal(status?.bucket?.name, 'irsa')
    assert.equal(status?.bucket?.prefix, 'team/')
    const denied = status?.permissions?.filter(({ result }) => result === 'Denied')
    assert.deepEqual(denied, [])
    assert.deepEqual(status?.credentials?.map(({ secretName }) => secretName).sort(), [
      'store-step',
      'store-step-env',
      'store-uploader',
      'store-viewer',
    ])
    assert.equal(status?.expiresAt, status?.credentials?.map(({ expiresAt }) => expiresAt).sort()[0])
    const connector = await tenant.connectorReady('minio')
    assert.equal(connector.status?.observedGeneration, 1)
    await until('the store is counted', async () => (await tenant.getConnector('minio')).status?.stores === 1)
  })

  test('the operator has written nothing but status, so that Git and cluster agree', async () => {
    for (const { metadata } of [await tenant.getStore('store'), await tenant.getConnector('minio')]) {
      const { generation, labels, annotations, finalizers } = metadata
      assert.deepEqual([generation, labels, annotations, finalizers], [1, undefined, undefined, undefined])
    }
  })

  test('no trace is left in the bucket', async () => {
    assert.deepEqual(await world.minio.admin.listObjects('irsa'), [])
    assert.deepEqual(await world.minio.admin.listUploads('irsa'), [])
  })

  test('credentials read and write inside the prefix, and do nothing outside', async () => {
    const s3 = await clientOf(tenant, 'store-step')
    await s3.send(new PutObjectCommand({ Bucket: 'irsa', Key: 'team/a', Body: 'hello' }))
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'irsa', Key: 'team/a' }))
    assert.equal(await Body?.transformToString(), 'hello')
    const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: 'irsa', Prefix: 'team/' }))
    assert.equal(KeyCount, 1)
    await refused(s3.send(new PutObjectCommand({ Bucket: 'irsa', Key: 'teams/a', Body: 'x' })))
    await refused(s3.send(new ListObjectsV2Command({ Bucket: 'irsa' })))
    await refused(s3.send(new ListObjectsV2Command({ Bucket: 'irsa', Prefix: 'other/' })))
  })

  test('ReadOnly reads only', async () => {
    const s3 = await clientOf(tenant, 'store-viewer')
    await s3.send(new GetObjectCommand({ Bucket: 'irsa', Key: 'team/a' }))
    await refused(s3.send(new PutObjectCommand({ Bucket: 'irsa', Key: 'team/b', Body: 'x' })))
    await refused(s3.send(new DeleteObjectCommand({ Bucket: 'irsa', Key: 'team/a' })))
  })

  test('WriteOnly writes only, below its subPath', async () => {
    const s3 = await clientOf(tenant, 'store-uploader')
    await s3.send(new PutObjectCommand({ Bucket: 'irsa', Key: 'team/in/a', Body: 'x' }))
    await refused(s3.send(new GetObjectCommand({ Bucket: 'irsa', Key: 'team/in/a' })))
    await refused(s3.send(new PutObjectCommand({ Bucket: 'irsa', Key: 'team/a', Body: 'x' })))
    await refused(s3.send(new ListObjectsV2Command({ Bucket: 'irsa', Prefix: 'team/in/' })))
  })

  test('the Secret belongs to the store, and carries none of its labels', async () => {
    const store = await tenant.getStore('store')
    const secret = await tenant.getSecret('store-step')
    assert.equal(secret?.type, 'Opaque')
    assert.equal(secret?.metadata.ownerReferences?.[0]?.uid, store.metadata.uid)
    assert.deepEqual(Object.keys(secret?.data ?? {}).sort(), ['ca.crt', 'config', 'credentials.json'])
    assert.equal(
      (await tenant.getSecret('store-step-env'))?.data['BUCKET_NAME'],
      Buffer.from('irsa').toString('base64'),
    )
  })

  test('a Secret deleted by hand is back, with other credentials', async () => {
    const before = await tenant.credentials('store-step')
    await world.client.delete(SECRETS, tenant.name, 'store-step')
    await until('the Secret is back', () => tenant.getSecret('store-step'))
    assert.notEqual((await tenant.credentials('store-step')).accessKeyId, before.accessKeyId)
  })

  test('a Secret edited by hand is repaired', async () => {
    const edited = Buffer.from('edited').toString('base64')
    await world.client.jsonPatch(SECRETS, { namespace: tenant.name, name: 'store-viewer' }, [
      { op: 'replace', path: '/data/config', value: edited },
    ])
    const repaired = await until('the Secret is repaired', async () => {
      const secret = await tenant.getSecret('store-viewer')
      return secret?.data['config'] !== edited && secret
    })
    assert.ok(repaired.data['config'])
    assert.ok(repaired.data['credentials.json'])
  })

  test('an entry that is removed takes its Secret along', async () => {
    const { spec } = await tenant.getStore('store')
    const kept = spec.credentials
      ?.filter(({ name }) => name === 'step')
      .map(entry => ({ ...entry, formats: ['AwsProfile'] }))
    await world.client.jsonPatch(ARTIFACT_STORES, { namespace: tenant.name, name: 'store' }, [
      { op: 'replace', path: '/spec/credentials', value: kept },
    ])
    await until('the other Secrets are gone', async () => {
      const { status } = await tenant.getStore('store')
      const gone = await Promise.all(
        ['store-step-env', 'store-viewer', 'store-uploader'].map(tenant.getSecret.bind(tenant)),
      )
      return status?.credentials?.length === 1 && gone.every(secret => secret === undefined)
    })
    assert.ok(await tenant.getSecret('store-step'))
  })

  test('a deleted store takes its Secrets along and leaves the objects', async () => {
    await world.client.delete(ARTIFACT_STORES, tenant.name, 'store')
    await until('the Secret is gone', async () => (await tenant.getSecret('store-step')) === undefined)
    assert.deepEqual((await world.minio.admin.listObjects('irsa')).sort(), ['team/a', 'team/in/a'])
    await until('the store is not counted', async () => (await tenant.getConnector('minio')).status?.stores === 0)
  })
})

describe('a connector is edited', () => {
  let tenant: Tenant
  before(async () => {
    tenant = await world.tenant('edited')
    await tenant.user('keys', 'readwrite')
    await tenant.keyConnector('minio', 'keys')
    await tenant.store('store')
    await tenant.storeReady('store')
  })

  test('a longer session: the Secret is made anew at once', async () => {
    const { expiration } = await tenant.credentials('store-step')
    await world.client.jsonPatch(SERVICE_CONNECTORS, { namespace: tenant.name, name: 'minio' }, [
      { op: 'add', path: '/spec/sessionDuration', value: '2h' },
    ])
    await until('credentials live longer', async () => {
      const later = (await tenant.credentials('store-step')).expiration
      return later.getTime() > expiration.getTime() + 50 * 60_000
    })
    await tenant.storeReady('store')
  })

  test('another key: the Secret is made anew at once', async () => {
    const before = await tenant.getSecret('store-step')
    await world.minio.admin.createUser('edited-other', 'another-secret-key', 'readwrite')
    const data = { aws_access_key_id: 'edited-other', aws_secret_access_key: 'another-secret-key' }
    const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
    await world.client.jsonPatch(SECRETS, { namespace: tenant.name, name: 'keys' }, [
      { op: 'replace', path: '/data', value: Object.fromEntries(encoded) },
    ])
    await until('a new grant', async () => {
      const secret = await tenant.getSecret('store-step')
      return secret?.data['credentials.json'] !== before?.data['credentials.json']
    })
  })

  test('suspended: nothing is done, and status says so', async () => {
    await world.client.jsonPatch(SERVICE_CONNECTORS, { namespace: tenant.name, name: 'minio' }, [
      { op: 'add', path: '/spec/suspend', value: true },
    ])
    await tenant.connectorCondition('minio', 'Ready', 'Unknown', 'Suspended')
    // The credentials of the store still work.
    const store = await tenant.storeCondition('store', 'Reconciling', 'True', 'ConnectorSuspended')
    assert.equal(store.status?.conditions?.find(({ type }) => type === 'Ready')?.status, 'True')
    await world.client.jsonPatch(SERVICE_CONNECTORS, { namespace: tenant.name, name: 'minio' }, [
      { op: 'remove', path: '/spec/suspend' },
    ])
    await tenant.connectorReady('minio')
    await until('the store is calm', async () => {
      const { status } = await tenant.getStore('store')
      return !status?.conditions?.some(({ type }) => type === 'Reconciling')
    })
  })

  test('deleted: its stores say so', async () => {
    await tenant.collect(SERVICE_CONNECTORS, 'minio')
    const store = await tenant.storeCondition('store', 'Ready', 'False', 'ConnectorNotFound')
    assert.equal(
      messageOf(store),
      'spec.connectorRef: there is no ServiceConnector "edited/minio": create it, or name another',
    )
  })
})

test('a namespace is deleted: everything goes, and nothing is tried for ever', async () => {
  const tenant = await world.tenant('doomed')
  await tenant.connector('minio')
  await tenant.store('one')
  await tenant.store('two')
  await tenant.storeReady('one')
  await tenant.storeReady('two')
  await world.client.delete(NAMESPACES, undefined, 'doomed')
  await until(
    'the namespace is gone',
    async () => {
      try {
        await world.client.get(NAMESPACES, undefined, 'doomed')
        return false
      } catch (error) {
        return isNotFound(error)
      }
    },
    { ms: 60_000 },
  )
  const failures = operator.logs.filter(({ level, key }) => level === 'error' && key?.startsWith('doomed/'))
  assert.deepEqual(failures, [])
})
