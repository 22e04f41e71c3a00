import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PutBucketVersioningCommand } from '@aws-sdk/client-s3'
import type { Permission, ProbeRequest } from '../../../src/providers/provider.ts'
import { EXTRA_PERMISSIONS } from '../../../src/providers/s3/probe/extra-permissions.ts'
import { kmsKeyName } from '../../cluster/minio.ts'
import { allow, deny, type Lab, probed, probeRequest, results, startLab } from './lab.ts'

const BUCKETS = ['plain', 'versioned', 'suspended']
const EXTRAS = EXTRA_PERMISSIONS.map(({ action }) => action)

/** The results that MinIO shows for an identity that may do everything. */
const ALLOWED = {
  GetBucketLocation: 'Allowed',
  ListAllMyBuckets: 'Allowed',
  ListBucketMultipartUploads: 'Allowed',
  ListMultipartUploadParts: 'Allowed',
  GetObjectVersion: 'Allowed',
  GetObjectAcl: 'Unknown',
  PutObjectAcl: 'Unknown',
  GetObjectVersionAcl: 'Unknown',
  PutObjectVersionAcl: 'Unknown',
  'cloudwatch:GetMetricData': 'Unknown',
  'cloudwatch:ListMetrics': 'Unknown',
}

describe('S3 provider at MinIO: permissions that some consumers want', () => {
  let lab: Lab

  before(async () => {
    lab = await startLab()
    const { admin } = lab.minio
    for (const bucket of BUCKETS) await admin.createBucket(bucket, { versioning: bucket !== 'plain' })
    const suspended = { Status: 'Suspended' } as const
    await admin.s3().send(new PutBucketVersioningCommand({ Bucket: 'suspended', VersioningConfiguration: suspended }))
    // These objects must stay as they are, and a probe must not take them for absent.
    for (const bucket of BUCKETS) await admin.putObject(bucket, 'team/model', 'x')
  })
  after(() => lab.stop())

  async function assertNoTraces(bucket: string): Promise<void> {
    assert.deepEqual(await lab.minio.admin.listVersions(bucket), ['team/model'])
    assert.deepEqual(await lab.minio.admin.listUploads(bucket), [])
  }

  const extras = (permissions: Permission[]) => results(permissions.filter(({ action }) => EXTRAS.includes(action)))

  type Expected = Partial<Record<keyof typeof ALLOWED, string>>
  const cases: [name: string, statements: object[], expected: Expected][] = [
    ['everything', [allow('s3:*')], {}],
    ['no location', [allow('s3:*'), deny('s3:GetBucketLocation')], { GetBucketLocation: 'Denied' }],
    // MinIO lists the buckets that the caller may list or locate, even without this permission.
    [
      'no list of buckets',
      [allow('s3:*'), deny('s3:ListAllMyBuckets', 's3:ListBucket', 's3:GetBucketLocation')],
      { ListAllMyBuckets: 'Denied', GetBucketLocation: 'Denied' },
    ],
    [
      'no list of uploads',
      [allow('s3:*'), deny('s3:ListBucketMultipartUploads')],
      { ListBucketMultipartUploads: 'Denied' },
    ],
    ['no list of parts', [allow('s3:*'), deny('s3:ListMultipartUploadParts')], { ListMultipartUploadParts: 'Denied' }],
    ['no versions', [allow('s3:*'), deny('s3:GetObjectVersion')], { GetObjectVersion: 'Denied' }],
  ]
  for (const [name, statements, expected] of cases) {
    test(`are seen of an identity with ${name}`, async () => {
      await lab.setRole(...statements)
      for (const bucket of BUCKETS) {
        const session = await lab.session()
        for (const writeProbe of ['Multipart', 'Object', 'None'] as const) {
          const { permissions } = await probed(session, probeRequest(bucket, { required: EXTRAS, writeProbe }))
          assert.deepEqual(extras(permissions), { ...ALLOWED, ...expected }, `${bucket}, ${writeProbe}`)
        }
        session.close()
        await assertNoTraces(bucket)
      }
    })
  }

  test('are probed only where the store requires them, and those of the bucket once a session', async () => {
    await lab.setRole(allow('s3:*'))
    const session = await lab.session()
    const shared = ['GetBucketLocation 200', 'ListBuckets 200', 'ListMultipartUploads 200']
    const look = async (probeId: string, required: string[] = []) => {
      lab.calls.length = 0
      const { permissions } = await probed(session, probeRequest('plain', { probeId, required }))
      return [Object.keys(extras(permissions)).length, shared.filter(call => lab.calls.includes(call))]
    }
    assert.deepEqual(await look('first'), [0, []])
    const required = ['s3:GetBucketLocation', 's3:ListAllMyBuckets', 's3:ListBucketMultipartUploads']
    assert.deepEqual(await look('second', required), [3, shared])
    assert.deepEqual(await look('third', required), [3, []])
    // The first probe at a key also asks whether uploads can be aborted, and the second for leftovers.
    for (let again = 1; again <= 3; again++) await look('fourth')
    assert.equal(lab.calls.length, 5)
  })

  test('name the call that showed them', async () => {
    const { permissions } = await probed(await lab.session(), probeRequest('versioned', { required: EXTRAS }))
    const asked = permissions.filter(({ probe }) => probe !== undefined).map(({ action }) => action)
    assert.deepEqual(
      permissions.filter(({ result }) => result !== 'Unknown').map(({ action }) => action),
      asked,
    )
  })

  describe('encryption that the store asks for is part of the write probe', () => {
    const only = (condition: object) => ({ ...deny('s3:PutObject'), Condition: { StringNotEquals: condition } })
    const header = 's3:x-amz-server-side-encryption'
    const kinds: [name: string, encryption: ProbeRequest['encryption'], condition: object][] = [
      ['SSE-S3', { type: 'SSE-S3' }, { [header]: 'AES256' }],
      ['SSE-KMS', { type: 'SSE-KMS', kmsKeyId: kmsKeyName }, { [header]: 'aws:kms' }],
      ['its key', { type: 'SSE-KMS', kmsKeyId: kmsKeyName }, { [`${header}-aws-kms-key-id`]: kmsKeyName }],
    ]
    const ways: [name: string, change: Partial<ProbeRequest>, statements: object[]][] = [
      ['an upload', {}, []],
      ['an object', { writeProbe: 'Object' }, []],
      ['a body that is refused', {}, [deny('s3:AbortMultipartUpload')]],
    ]
    for (const [name, encryption, condition] of kinds) {
      for (const [way, change, statements] of ways) {
        test(`${name}, with ${way}`, async () => {
          await lab.setRole(allow('s3:*'), only(condition), ...statements)
          const session = await lab.session()
          const put = async (asked: ProbeRequest['encryption']) => {
            const request = probeRequest('plain', { ...change, encryption: asked })
            return (await probed(session, request)).permissions.find(({ action }) => action === 's3:PutObject')?.result
          }
          assert.equal(await put(encryption), 'Allowed')
          assert.equal(await put({ type: 'None' }), 'Denied')
          await assertNoTraces('plain')
        })
      }
    }
  })
})
