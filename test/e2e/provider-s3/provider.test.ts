import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { CreateMultipartUploadCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { isFailure } from '../../../src/api/failures.ts'
import type { Access, Permission, ProbeRequest } from '../../../src/providers/provider.ts'
import { kmsKeyName } from '../../cluster/minio.ts'
import { awsMaterial } from '../../support/granted.ts'
import {
  type AwsSpec,
  accessKey,
  allow,
  consumer,
  deny,
  type Lab,
  none,
  probed,
  probeRequest,
  results,
  startLab,
} from './lab.ts'

const ALL_ALLOWED = {
  ListBucket: 'Allowed',
  GetObject: 'Allowed',
  PutObject: 'Allowed',
  AbortMultipartUpload: 'Allowed',
  DeleteObject: 'Allowed',
  DeleteObjectVersion: 'Allowed',
  GetBucketVersioning: 'Allowed',
  ListBucketVersions: 'Allowed',
}

const BUCKETS = ['plain', 'versioned']

/** The results of these permissions; all others have tests of their own. */
const core = (permissions: Permission[]) =>
  Object.fromEntries(Object.entries(results(permissions)).filter(([action]) => action in ALL_ALLOWED))

/** Result of a permission that nobody requires and that could not be found out: the probe does not mention it. */
const UNTOLD = undefined
const told = (results: Record<string, string | undefined>) =>
  Object.fromEntries(Object.entries(results).filter(([, result]) => result !== UNTOLD))

type Expected = { [action in keyof typeof ALL_ALLOWED]?: string | undefined }

/** Results by action, of which only these are not allowed. A bucket known to have no versions is not asked about them. */
function toldOf(bucket: string, expected: Expected) {
  const isPlain = bucket === 'plain' && expected.GetBucketVersioning !== 'Denied'
  const versions = isPlain ? { DeleteObjectVersion: UNTOLD, ListBucketVersions: UNTOLD } : {}
  return told({ ...ALL_ALLOWED, ...expected, ...versions })
}

describe('S3 provider at MinIO', () => {
  let lab: Lab

  before(async () => {
    lab = await startLab()
    await lab.minio.admin.createBucket('plain')
    await lab.minio.admin.createBucket('versioned', { versioning: true })
  })
  after(() => lab.stop())

  const traces = async (bucket: string) => [
    ...(await lab.minio.admin.listVersions(bucket)),
    ...(await lab.minio.admin.listUploads(bucket)),
  ]

  describe('permissions are seen as they are', () => {
    const cases: [name: string, statements: object[], expected: Expected, versioned?: Expected][] = [
      ['everything', [allow('s3:*')], {}],
      ['no list', [allow('s3:*'), deny('s3:ListBucket')], { ListBucket: 'Denied' }],
      ['no get', [allow('s3:*'), deny('s3:GetObject')], { GetObject: 'Denied' }],
      [
        'no list and no get',
        [allow('s3:*'), deny('s3:ListBucket', 's3:GetObject')],
        { ListBucket: 'Denied', GetObject: 'Unknown' },
      ],
      ['no put', [allow('s3:*'), deny('s3:PutObject')], { PutObject: 'Denied' }],
      ['no abort', [allow('s3:*'), deny('s3:AbortMultipartUpload')], { AbortMultipartUpload: 'Denied' }],
      [
        'no put and no abort',
        [allow('s3:*'), deny('s3:PutObject', 's3:AbortMultipartUpload')],
        { PutObject: 'Denied', AbortMultipartUpload: 'Denied' },
      ],
      // MinIO also requires DeleteObject to delete a version.
      [
        'no delete',
        [allow('s3:*'), deny('s3:DeleteObject')],
        { DeleteObject: 'Denied', DeleteObjectVersion: 'Denied' },
        { DeleteObject: UNTOLD, DeleteObjectVersion: 'Denied' },
      ],
      [
        'no delete of versions',
        [allow('s3:*'), deny('s3:DeleteObjectVersion')],
        { DeleteObjectVersion: 'Denied' },
        { DeleteObjectVersion: 'Denied', DeleteObject: UNTOLD },
      ],
      ['no versioning', [allow('s3:*'), deny('s3:GetBucketVersioning')], { GetBucketVersioning: 'Denied' }],
      // For MinIO, ListBucket is enough to list versions.
      [
        'no list of anything',
        [allow('s3:*'), deny('s3:ListBucketVersions', 's3:ListBucket')],
        { ListBucketVersions: 'Denied', ListBucket: 'Denied' },
      ],
      [
        'nothing',
        [allow('s3:ListAllMyBuckets')],
        {
          ListBucket: 'Denied',
          GetObject: 'Unknown',
          PutObject: 'Denied',
          AbortMultipartUpload: 'Denied',
          DeleteObject: UNTOLD,
          DeleteObjectVersion: 'Denied',
          GetBucketVersioning: 'Denied',
          ListBucketVersions: 'Denied',
        },
      ],
    ]
    for (const [name, statements, expected, versioned = expected] of cases) {
      test(`of an identity with ${name}`, async () => {
        await lab.setRole(...statements)
        const session = await lab.session()
        for (const bucket of BUCKETS) {
          const { permissions } = await probed(session, probeRequest(bucket))
          assert.deepEqual(core(permissions), toldOf(bucket, bucket === 'versioned' ? versioned : expected), bucket)
          assert.deepEqual(
            permissions.filter(({ result, detail }) => (result === 'Allowed') !== (detail === undefined)),
            [],
            'a detail where and only where something is not allowed',
          )
          assert.deepEqual(await traces(bucket), [])
        }
        session.close()
      })
    }

    test('and the message for a denied one names action, path and identity', async () => {
      await lab.setRole(allow('s3:*'), deny('s3:PutObject'))
      const session = await lab.session()
      const { permissions } = await probed(session, probeRequest('plain'))
      const { detail } = permissions.find(({ action }) => action === 's3:PutObject') ?? {}
      assert.equal(detail, `s3:PutObject denied on s3://plain/team for ${lab.minio.roleArn}`)
    })
  })

  describe('a probe leaves nothing behind', () => {
    before(() => lab.setRole(allow('s3:*')))

    const kms = (kmsKeyId: string) => ({ type: 'SSE-KMS' as const, kmsKeyId })
    const cases: [name: string, change: Partial<ProbeRequest>, expected: Expected][] = [
      ['as an object', { writeProbe: 'Object' }, { AbortMultipartUpload: UNTOLD }],
      ['as an upload with SSE-S3', { encryption: { type: 'SSE-S3' } }, {}],
      ['as an upload with SSE-KMS', { encryption: kms(kmsKeyName) }, {}],
      [
        'as an object with SSE-KMS',
        { encryption: kms(kmsKeyName), writeProbe: 'Object' },
        { AbortMultipartUpload: UNTOLD },
      ],
      ['as an upload with a KMS key that is not there', { encryption: kms('other') }, { PutObject: 'Denied' }],
    ]
    for (const [name, change, expected] of cases) {
      test(name, async () => {
        const session = await lab.session()
        for (const bucket of BUCKETS) {
          const { permissions } = await probed(session, probeRequest(bucket, change))
          assert.deepEqual(core(permissions), toldOf(bucket, expected), bucket)
          assert.deepEqual(await traces(bucket), [])
        }
      })
    }

    test('as one that writes nothing', async () => {
      const session = await lab.session()
      const { permissions } = await probed(session, probeRequest('versioned', { writeProbe: 'None' }))
      const untold = { PutObject: UNTOLD, AbortMultipartUpload: UNTOLD, DeleteObject: UNTOLD }
      assert.deepEqual(core(permissions), told({ ...ALL_ALLOWED, ...untold }))
    })

    test('and removes what an earlier one left in a crash, and nothing else', async () => {
      const { admin } = lab.minio
      const key = 'team/.artifactstore-probe-uid-1'
      await admin.createBucket('crashed', { versioning: true })
      for (const Key of [key, `${key}0`]) {
        await admin.s3().send(new CreateMultipartUploadCommand({ Bucket: 'crashed', Key }))
        await admin.s3().send(new PutObjectCommand({ Bucket: 'crashed', Key, Body: 'x' }))
      }
      const session = await lab.session()
      for (let look = 1; look <= 2; look++) await probed(session, probeRequest('crashed'))
      assert.deepEqual(await admin.listVersions('crashed'), [`${key}0`])
      assert.deepEqual(
        (await admin.listUploads('crashed')).map(upload => upload.split(' ')[0]),
        [`${key}0`],
      )
    })

    for (const operation of ['ListObjectsV2', 'AbortMultipartUpload', 'CreateMultipartUpload', 'DeleteObject']) {
      test(`when the caller gives up after ${operation}`, async () => {
        const session = await lab.session()
        const controller = new AbortController()
        lab.onCall = call => call.operation === operation && controller.abort(new Error('worker stopped'))
        await assert.rejects(session.probe(probeRequest('versioned'), controller.signal), /worker stopped/)
        lab.onCall = () => undefined
        assert.deepEqual(await traces('versioned'), [])
      })
    }
  })

  describe('granted credentials reach as far as they should', () => {
    const IN = 'prod/x'
    const expected: Record<Access, object> = {
      ReadWrite: { put: 200, get: 200, list: 200, remove: 204, missing: 404, folder: 404 },
      ReadOnly: { put: 403, get: 200, list: 200, remove: 403, missing: 404, folder: 404 },
      WriteOnly: { put: 200, get: 403, list: 403, remove: 403, missing: 403, folder: 403 },
    }
    // MinIO accepts the ARN of any role.
    const chain = { auth: accessKey, assumeRoles: [{ roleArn: 'arn:aws:iam::1:role/artifacts', sessionName: 'fixed' }] }
    const identities: [name: string, aws?: Partial<AwsSpec>][] = [
      ['web identity'],
      ['access key', { auth: accessKey }],
      ['access key and role', chain],
    ]

    before(async () => {
      await lab.setRole(allow('s3:*'))
      await lab.minio.admin.createBucket('shared')
      for (const key of [IN, 'prod2/x', 'x']) await lab.minio.admin.putObject('shared', key, 'x')
    })

    for (const [name, aws] of identities) {
      for (const access of ['ReadOnly', 'WriteOnly', 'ReadWrite'] as const) {
        test(`${access} by ${name}`, async () => {
          const session = await lab.session(aws)
          const location = { bucket: 'shared', prefix: 'prod/', uri: 's3://shared/prod' }
          const request = { location, access, encryption: { type: 'None' as const }, sessionName: 'ml.prod.step' }
          const grant = await session.grant({ ...request, durationMs: 20 * 60_000 }, none)
          assert.ok(!isFailure(grant), JSON.stringify(grant))
          assert.ok(Math.abs((grant.expiresAt?.getTime() ?? 0) - grant.issuedAt.getTime() - 20 * 60_000) < 5_000)

          const pod = consumer(awsMaterial(grant))
          const inside = {
            put: await pod.put(IN),
            get: await pod.get(IN),
            list: await pod.list('prod/'),
            remove: await pod.remove('prod/absent'),
            missing: await pod.head('prod/missing'),
            folder: await pod.head('prod'),
          }
          assert.deepEqual(inside, expected[access])
          for (const key of ['x', 'prod2/x']) {
            const outside = [
              await pod.put(key),
              await pod.get(key),
              await pod.remove(key),
              await pod.copy(key, 'prod/stolen'),
            ]
            assert.deepEqual(outside, [403, 403, 403, 403], key)
          }
          assert.deepEqual(
            [
              await pod.list(),
              await pod.list(''),
              await pod.list('prod2/'),
              await pod.list('prod'),
              await pod.list('p'),
            ],
            [403, 403, 403, 403, 403],
          )
          assert.equal(await pod.put('prod'), 403)
          pod.close()
        })
      }
    }
  })

  test('a store costs 6 calls at first, 5 later, and one for each grant', async () => {
    await lab.setRole(allow('s3:*'))
    const session = await lab.session()
    await probed(session, probeRequest('plain', { probeId: 'first' }))
    const counts: number[] = []
    for (let look = 1; look <= 3; look++) {
      lab.calls.length = 0
      await probed(session, probeRequest('plain', { probeId: 'second' }))
      counts.push(lab.calls.length)
    }
    // The second probe also searches for uploads that a crash has left.
    assert.deepEqual(counts, [6, 6, 5])
    lab.calls.length = 0
    const grant = await session.grant(
      { ...probeRequest('plain'), access: 'ReadWrite', sessionName: 's', durationMs: 900_000 },
      none,
    )
    assert.ok(!isFailure(grant))
    assert.deepEqual(lab.calls, ['AssumeRoleWithWebIdentity 200'])
  })
})
