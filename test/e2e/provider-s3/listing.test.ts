import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { isFailure } from '../../../src/api/failures.ts'
import type { Resources, Session, Usage, UsageRequest } from '../../../src/providers/provider.ts'
import { allow, deny, type Lab, none, startLab } from './lab.ts'

describe('S3 provider lists', () => {
  let lab: Lab
  let session: Session

  before(async () => {
    lab = await startLab()
    await lab.setRole(allow('s3:*'))
    session = await lab.session()
  })
  after(() => lab.stop())

  describe('usage', () => {
    /** Keys with characters that are escaped differently in a URL, in a form and in XML. */
    const keys = Array.from({ length: 2005 }, (_, n) => `team/run +%&é<>/${`${n}`.padStart(4, '0')}`)

    before(async () => {
      const { admin } = lab.minio
      await admin.createBucket('full')
      await putAll('full', keys)
      await admin.putObject('full', 'team2/other', 'other')
      await admin.createBucket('empty')
    })

    /** Writes objects as one tar archive, which MinIO unpacks: one request instead of thousands. */
    async function putAll(Bucket: string, names: string[]): Promise<void> {
      const Body = Buffer.concat([...names.map(name => tarEntry(name, '12')), Buffer.alloc(1024)])
      const Metadata = { 'snowball-auto-extract': 'true' }
      await lab.minio.admin.s3().send(new PutObjectCommand({ Bucket, Key: 'all.tar', Body, Metadata }))
    }

    async function measured(bucket: string, prefix: string, change: Partial<UsageRequest> = {}): Promise<Usage> {
      const location = { bucket, prefix, uri: `s3://${bucket}/${prefix}` }
      const usage = await session.measure({ location, source: 'List', ...change }, none)
      if (isFailure(usage)) throw new Error(`${usage.reason}: ${usage.message}`)
      return usage
    }

    test('of a prefix, one page with each call', async () => {
      lab.calls.length = 0
      assert.deepEqual(await measured('full', 'team/'), { kind: 'usage', objects: 2005, bytes: 4010, scope: 'Prefix' })
      assert.deepEqual(lab.calls, Array(3).fill('ListObjectsV2 200'))
    })

    test('of a prefix, from where an earlier call stopped', async () => {
      const progress = { objects: 1500, bytes: 3000, after: keys[1499] ?? '' }
      lab.calls.length = 0
      assert.deepEqual(await measured('full', 'team/', { progress }), {
        ...{ kind: 'usage', objects: 2005, bytes: 4010, scope: 'Prefix' },
      })
      assert.deepEqual(lab.calls, ['ListObjectsV2 200'])
    })

    test('of a whole bucket', async () => {
      assert.deepEqual(await measured('full', ''), { kind: 'usage', objects: 2006, bytes: 4015, scope: 'Bucket' })
      assert.deepEqual(await measured('empty', ''), { kind: 'usage', objects: 0, bytes: 0, scope: 'Bucket' })
    })

    test('usage is a failure if the identity may not list the bucket', async () => {
      await lab.setRole(allow('s3:*'), deny('s3:ListBucket'))
      const location = { bucket: 'full', prefix: '', uri: 's3://full' }
      const usage = await session.measure({ location, source: 'List' }, none)
      await lab.setRole(allow('s3:*'))
      assert.ok(isFailure(usage))
      assert.deepEqual([usage.intent, usage.reason], ['stalled', 'PermissionDenied'])
      assert.match(usage.message, /^s3:ListBucket denied on s3:\/\/full for /)
    })
  })

  describe('buckets', () => {
    before(async () => {
      for (const bucket of ['ml-b', 'ml-a', 'web']) await lab.minio.admin.createBucket(bucket)
    })
    after(() => lab.setRole(allow('s3:*')))

    async function listed(patterns: string[], max = 100): Promise<Resources> {
      const resources = await session.resources({ patterns, max }, none)
      if (isFailure(resources)) throw new Error(`${resources.reason}: ${resources.message}`)
      return resources
    }
    const uris = async (patterns: string[]) => (await listed(patterns)).resources.map(({ uri }) => uri)

    test('that the connector is for, sorted', async () => {
      assert.deepEqual(await uris(['s3://ml-*', 's3://nowhere']), ['s3://ml-a', 's3://ml-b'])
      assert.deepEqual(await listed(['s3://ml-*'], 1), {
        kind: 'resources',
        resources: [{ uri: 's3://ml-a' }],
        truncated: true,
      })
    })

    test('that the connector names, one by one, where it may not list all', async () => {
      const only = { ...allow('s3:ListBucket'), Resource: 'arn:aws:s3:::ml-b' }
      const objects = { ...allow('s3:GetObject'), Resource: 'arn:aws:s3:::ml-a/*' }
      await lab.setRole(only, objects)
      // MinIO lists the buckets that the caller may list. Only without any of these it refuses, as other services do.
      lab.calls.length = 0
      assert.deepEqual(await uris([]), ['s3://ml-b'])
      await lab.setRole(objects)
      const refused = await session.resources({ patterns: ['s3://ml-*'], max: 9 }, none)
      assert.ok(isFailure(refused))
      assert.match(refused.message, /^s3:ListAllMyBuckets denied for /)
      lab.calls.length = 0
      assert.deepEqual(await uris(['s3://ml-a', 's3://ml-b', 's3://ml-*']), [])
      assert.deepEqual(lab.calls, ['ListBuckets 403', 'ListObjectsV2 403', 'ListObjectsV2 403'])
    })
  })
})

/** The bytes of one file in a tar archive. */
function tarEntry(name: string, content: string): Buffer {
  const header = Buffer.alloc(512)
  const field = (text: string, at: number) => header.write(text, at)
  const octal = (value: number, at: number, length: number) =>
    field(`${value.toString(8).padStart(length - 1, '0')}\0`, at)
  field(name, 0)
  for (const [value, at, length] of [
    [0o644, 100, 8],
    [0, 108, 8],
    [0, 116, 8],
    [content.length, 124, 12],
    [0, 136, 12],
  ] as const) {
    octal(value, at, length)
  }
  field('        ', 148)
  field('0', 156)
  field('ustar\x0000', 257)
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  )
  const body = Buffer.alloc(512)
  body.write(content)
  return Buffer.concat([header, body])
}
