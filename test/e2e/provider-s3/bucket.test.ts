import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { GetBucketVersioningCommand } from '@aws-sdk/client-s3'
import { isFailure } from '../../../src/api/failures.ts'
import type { BucketRequest, Prepared, Session } from '../../../src/providers/provider.ts'
import { accessKey, allow, deny, type Lab, none, probed, probeRequest, startLab } from './lab.ts'

const location = (bucket: string, prefix = 'team/') => ({ bucket, prefix, uri: `s3://${bucket}/${prefix}` })
const request = (bucket: string, change: Partial<BucketRequest> = {}): BucketRequest => ({
  location: location(bucket),
  ...{ create: false, ruleId: 'artifactstore.dev/ml/prod/1b9d6bcd' },
  ...change,
})

describe('S3 provider prepares buckets', () => {
  let lab: Lab
  let session: Session

  before(async () => {
    lab = await startLab()
    await lab.setRole(allow('s3:*'))
    session = await lab.session()
  })
  after(() => lab.stop())

  async function prepared(change: BucketRequest, as = session): Promise<string[]> {
    const result = await as.prepare(change, none)
    if (isFailure(result)) throw new Error(`${result.reason}: ${result.message}`)
    return (result satisfies Prepared).changes
  }
  const operations = () => lab.calls.map(call => call.split(' ')[0])
  const versioning = async (Bucket: string) =>
    (await lab.minio.admin.s3().send(new GetBucketVersioningCommand({ Bucket }))).Status
  /** Rules as `mc` reads and writes them: with members that the SDK of AWS doesn't know. */
  const rules = async (bucket: string) => {
    const { config } = JSON.parse(await lab.minio.admin.mc('ilm', 'rule', 'ls', `test/${bucket}`))
    return (config?.Rules ?? []) as { ID: string; [member: string]: unknown }[]
  }

  test('that do not exist, once, and changes nothing a second time', async () => {
    const wanted = request('fresh', { create: true, versioning: 'Enabled', expirationDays: 30 })
    const changes = ['created the bucket', 'enabled versioning', 'set expiration of 30 days']
    assert.deepEqual(await prepared(wanted), changes)
    assert.equal(await versioning('fresh'), 'Enabled')

    lab.calls.length = 0
    assert.deepEqual(await prepared(wanted), [])
    assert.deepEqual(operations(), ['HeadBucket', 'GetBucketVersioning', 'GetBucketLifecycleConfiguration'])
  })

  test('that two stores create at once, for both', async () => {
    const both = await Promise.all([1, 2].map(n => prepared(request('race', { create: true, ruleId: `rule-${n}` }))))
    assert.equal(both.flat().includes('created the bucket'), true)
    assert.deepEqual((await probed(session, probeRequest('race'))).bucket.name, 'race')
  })

  test('whose versioning is to be suspended, and the next probe knows', async () => {
    await lab.minio.admin.createBucket('suspended', { versioning: true })
    assert.equal((await probed(session, probeRequest('suspended'))).bucket.versioning, 'Enabled')
    assert.deepEqual(await prepared(request('suspended', { versioning: 'Suspended' })), ['suspended versioning'])
    assert.equal(await versioning('suspended'), 'Suspended')
    assert.equal((await probed(session, probeRequest('suspended'))).bucket.versioning, 'Suspended')
  })

  describe('lifecycle rules', () => {
    const seed = async (bucket: string) => {
      const { admin } = lab.minio
      await admin.createBucket(bucket, { versioning: true })
      // This rule has members of MinIO's own, which the SDK of AWS would drop.
      await admin.mc(
        'ilm',
        'rule',
        'add',
        `test/${bucket}`,
        '--prefix',
        'x/',
        '--expire-days',
        '9',
        '--expire-all-object-versions',
      )
      await admin.mc(
        'ilm',
        'rule',
        'add',
        `test/${bucket}`,
        '--prefix',
        'y/',
        '--noncurrent-expire-days',
        '3',
        '--noncurrent-expire-newer',
        '2',
        '--tags',
        'a=b&c=d',
      )
      return rules(bucket)
    }

    test('of one store are added, changed and removed, and those of others stay to the letter', async () => {
      const theirs = await seed('rules')
      assert.match(JSON.stringify(theirs), /ExpiredObjectAllVersions|AllVersions/i)
      const wanted = request('rules', { expirationDays: 30 })
      assert.deepEqual(await prepared(wanted), ['set expiration of 30 days'])
      const [ours, ...others] = (await rules('rules')).toSorted(({ ID }) => (ID === wanted.ruleId ? -1 : 1))
      assert.deepEqual(ours, {
        ID: wanted.ruleId,
        Status: 'Enabled',
        Filter: { Prefix: 'team/' },
        Expiration: { Days: 30 },
        NoncurrentVersionExpiration: { NoncurrentDays: 30 },
      })
      assert.deepEqual(others, theirs)

      assert.deepEqual(await prepared({ ...wanted, expirationDays: 7 }), ['set expiration of 7 days'])
      assert.deepEqual(await prepared({ ...wanted, expirationDays: 7 }), [])
      assert.deepEqual(await prepared(request('rules')), ['removed its expiration rule'])
      assert.deepEqual(await rules('rules'), theirs)
      assert.deepEqual(await prepared(request('rules')), [])
    })

    test('go with their configuration when the last one is removed', async () => {
      await lab.minio.admin.createBucket('last')
      await prepared(request('last', { expirationDays: 1 }))
      assert.deepEqual(await prepared(request('last')), ['removed its expiration rule'])
      lab.calls.length = 0
      assert.deepEqual(await prepared(request('last')), [])
      assert.deepEqual(lab.calls, ['GetBucketLifecycleConfiguration 404'])
    })

    test('of several stores and sessions do not overwrite each other', async () => {
      const theirs = await seed('crowd')
      const sessions = [session, await lab.session(), await lab.session({ auth: accessKey })]
      const stores = Array.from({ length: 8 }, (_, n) => `store-${n}`)
      await Promise.all(
        stores.map((ruleId, n) =>
          prepared(
            request('crowd', { location: location('crowd', `${ruleId}/`), ruleId, expirationDays: n + 1 }),
            sessions[n % sessions.length],
          ),
        ),
      )
      const all = await rules('crowd')
      assert.deepEqual(all.map(({ ID }) => ID).sort(), [...theirs.map(({ ID }) => ID), ...stores].sort())
      assert.deepEqual(
        all.filter(({ ID }) => !stores.includes(ID)),
        theirs,
      )
    })
  })

  describe('says which permission is missing or what is wrong', () => {
    const cases: [name: string, denied: string, change: Partial<BucketRequest>, bucket: string][] = [
      ['creating', 's3:CreateBucket', { create: true }, 'absent'],
      ['versioning', 's3:PutBucketVersioning', { versioning: 'Enabled' }, 'denied'],
      ['seeing rules', 's3:GetLifecycleConfiguration', { expirationDays: 3 }, 'denied'],
      ['changing rules', 's3:PutLifecycleConfiguration', { expirationDays: 3 }, 'denied'],
    ]
    before(() => lab.minio.admin.createBucket('denied'))
    after(() => lab.setRole(allow('s3:*')))
    for (const [name, action, change, bucket] of cases) {
      test(`for ${name}`, async () => {
        await lab.setRole(allow('s3:*'), deny(action))
        const result = await session.prepare(request(bucket, change), none)
        assert.ok(isFailure(result))
        assert.deepEqual([result.intent, result.reason], ['stalled', 'PermissionDenied'])
        assert.ok(
          result.message.startsWith(`${action} denied on s3://${bucket} for ${lab.minio.roleArn}: `),
          result.message,
        )
      })
    }

    test('for a bucket that is missing and not to be created', async () => {
      const result = await session.prepare(request('missing', { expirationDays: 3 }), none)
      assert.ok(isFailure(result))
      assert.equal(result.reason, 'BucketNotFound')
    })

    test('for a locked bucket, whose versioning can’t be suspended', async () => {
      await lab.setRole(allow('s3:*'))
      await lab.minio.admin.mc('mb', '--with-lock', 'test/locked')
      const result = await session.prepare(request('locked', { versioning: 'Suspended' }), none)
      assert.ok(isFailure(result))
      assert.deepEqual([result.intent, result.reason], ['stalled', 'BucketChangeRefused'])
      assert.match(result.message, /InvalidBucketState.*remove spec\.bucket\.versioning/)
    })
  })
})
