/** Buckets at AWS: followed to their regions, created, set up, listed and measured. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type BucketLifecycleConfiguration,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3'
import { isFailure } from '../../../src/api/failures.ts'
import type { BucketRequest, Prepared, Session } from '../../../src/providers/provider.ts'
import { FULL_ACCOUNT, type Key, may, OTHER_ACCOUNT } from '../../cluster/moto-admin.ts'
import { type AwsLab, attempts, granted, location, startAwsLab, withBoto3 } from './aws-lab.ts'
import { none, probed, probeRequest, results } from './lab.ts'

describe('buckets of AWS', () => {
  let lab: AwsLab
  let alice: Key
  let session: Session

  before(async () => {
    lab = await startAwsLab()
    await lab.admin.createBucket('virginia')
    await lab.admin.createBucket('ireland', { region: 'eu-west-1' })
    await lab.admin.createBucket('milan', { region: 'eu-south-1' })
    await lab.admin.createBucket('theirs', { account: OTHER_ACCOUNT })
    alice = await lab.admin.createUser('alice', [may('s3:*'), may('sts:*'), may('cloudwatch:*')])
    session = await lab.session(alice)
  })
  after(async () => {
    session.close()
    await lab.stop()
  })

  describe('that are in another region than the connector', () => {
    // One region answers requests for other regions with 301, the other one with 400.
    for (const [bucket, region] of [
      ['ireland', 'eu-west-1'],
      ['milan', 'eu-south-1'],
    ] as const) {
      test(`are found there: ${bucket} in ${region}`, async () => {
        const { permissions, bucket: found } = await probed(session, probeRequest(bucket))
        assert.equal(found.region, region)
        assert.equal(results(permissions)['PutObject'], 'Allowed')
        assert.deepEqual(await lab.admin.traces(bucket), [])

        // moto accepts no signature for another region.
        const { material } = await granted(session, { location: location(bucket) })
        assert.equal(material.region, region)
        assert.deepEqual(await attempts(material, 'prod/x'), { put: 200, get: 200, list: 200, remove: 204 })
        assert.equal(await withBoto3(material, 'prod/boto3'), 'by boto3')
      })
    }

    test('are looked for once', async () => {
      await probed(session, probeRequest('ireland'))
      lab.calls.length = 0
      await probed(session, probeRequest('ireland'))
      assert.deepEqual(
        lab.calls.filter(call => / (301|400)$/.test(call)),
        [],
      )
    })

    test('have credentials for their region, even if nothing was probed before', async () => {
      const fresh = await lab.session(alice)
      const { material } = await granted(fresh, { location: location('ireland') })
      assert.equal(material.region, 'eu-west-1')
      fresh.close()
    })
  })

  const request = (bucket: string, change: Partial<BucketRequest> = {}): BucketRequest => ({
    location: location(bucket),
    create: false,
    ruleId: 'artifact-store-operator.ml.prod',
    ...change,
  })
  async function prepared(change: BucketRequest, by: Session = session): Promise<Prepared> {
    const result = await by.prepare(change, none)
    if (isFailure(result)) throw new Error(`${result.reason}: ${result.message}`)
    return result
  }
  async function refusal(change: BucketRequest, by: Session = session): Promise<string> {
    const result = await by.prepare(change, none)
    assert.ok(isFailure(result), JSON.stringify(result))
    return result.reason
  }

  describe('that do not exist yet', () => {
    for (const [bucket, region] of [
      ['made-here', undefined],
      ['made-in-frankfurt', 'eu-central-1'],
    ] as const) {
      test(`are created once: ${bucket}`, async () => {
        const wanted = request(bucket, { create: true, region })
        assert.deepEqual((await prepared(wanted)).changes, ['created the bucket'])
        assert.deepEqual((await prepared(wanted)).changes, [])
        const s3 = await lab.admin.s3(region)
        const { LocationConstraint } = await s3.send(new GetBucketLocationCommand({ Bucket: bucket }))
        assert.equal(LocationConstraint, region)
        assert.equal((await probed(session, probeRequest(bucket))).bucket.region, region ?? 'us-east-1')
      })
    }

    test('are not created when the account has as many as it may have', async () => {
      const user = await lab.admin.createUser('full', [may('s3:*')], FULL_ACCOUNT)
      const other = await lab.session(user)
      assert.equal(await refusal(request('one-more', { create: true }), other), 'BucketQuotaExceeded')
      other.close()
    })

    test('are not created when somebody else has the name', async () => {
      const Policy = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ ...may('s3:*', 'arn:aws:s3:::theirs*'), Principal: '*' }],
      })
      const s3 = await lab.admin.s3('us-east-1', OTHER_ACCOUNT)
      await s3.send(new PutBucketPolicyCommand({ Bucket: 'theirs', Policy }))
      assert.equal(await refusal(request('theirs', { create: true })), 'BucketNameTaken')
      // The bucket can be used nevertheless.
      assert.deepEqual((await prepared(request('theirs'))).changes, [])
      assert.equal(results((await probed(session, probeRequest('theirs'))).permissions)['PutObject'], 'Allowed')
    })

    test('are not created in a second region', async () => {
      assert.equal(await refusal(request('ireland', { create: true, region: 'eu-central-1' })), 'WrongRegion')
    })

    test('are not created without the permission', async () => {
      const user = await lab.admin.createUser('reader', [may(['s3:ListBucket'])])
      const other = await lab.session(user)
      assert.equal(await refusal(request('not-for-me', { create: true }), other), 'PermissionDenied')
      other.close()
    })
  })

  describe('that exist', () => {
    const theirs: BucketLifecycleConfiguration = {
      Rules: [
        {
          ID: 'archive',
          Status: 'Enabled',
          Filter: { And: { Prefix: 'logs/', Tags: [{ Key: 'class', Value: 'cold' }] } },
          Transitions: [{ Days: 30, StorageClass: 'GLACIER' }],
        },
      ],
    }
    const rules = async (bucket: string) => {
      const s3 = await lab.admin.s3()
      const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }))
      return Rules ?? []
    }

    test('get their versioning set once', async () => {
      await lab.admin.createBucket('to-version')
      const wanted = request('to-version', { versioning: 'Enabled' })
      assert.deepEqual((await prepared(wanted)).changes, ['enabled versioning'])
      assert.deepEqual((await prepared(wanted)).changes, [])
      const s3 = await lab.admin.s3()
      const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket: 'to-version' }))
      assert.equal(Status, 'Enabled')
    })

    test('get one lifecycle rule beside those of others', async () => {
      await lab.admin.createBucket('to-expire')
      const s3 = await lab.admin.s3()
      const before = { Bucket: 'to-expire', LifecycleConfiguration: theirs }
      await s3.send(new PutBucketLifecycleConfigurationCommand(before))
      const ours = { ...request('to-expire'), expirationDays: 30 }

      for (const days of [30, 7]) {
        assert.equal((await prepared({ ...ours, expirationDays: days })).changes.length, 1)
        assert.deepEqual((await prepared({ ...ours, expirationDays: days })).changes, [])
        const [archive, rule, ...more] = await rules('to-expire')
        assert.deepEqual([archive, more], [theirs.Rules?.[0], []])
        assert.deepEqual(
          [rule?.ID, rule?.Filter?.Prefix, rule?.Expiration?.Days, rule?.Status],
          [ours.ruleId, 'prod/', days, 'Enabled'],
        )
      }
      const { expirationDays: _, ...noneWanted } = ours
      assert.equal((await prepared(noneWanted)).changes.length, 1)
      assert.deepEqual(await rules('to-expire'), theirs.Rules)
    })
  })

  test('are listed with their regions, by pages, as far as they are lent', async () => {
    const user = await lab.admin.createUser('lister', [may('s3:ListAllMyBuckets')], OTHER_ACCOUNT)
    const other = await lab.session(user)
    const list = async (patterns: string[], max = 100) => other.resources({ patterns, max }, none)
    const names = ['ml-a', 'ml-b', 'ml-c']
    for (const [index, name] of names.entries()) {
      await lab.admin.createBucket(name, {
        account: OTHER_ACCOUNT,
        region: index === 1 ? 'eu-west-1' : 'us-east-1',
      })
    }
    assert.deepEqual(await list(['s3://ml-*']), {
      kind: 'resources',
      resources: [
        { uri: 's3://ml-a', region: 'us-east-1' },
        { uri: 's3://ml-b', region: 'eu-west-1' },
        { uri: 's3://ml-c', region: 'us-east-1' },
      ],
      truncated: false,
    })
    const two = await list([], 2)
    assert.ok(!isFailure(two))
    assert.deepEqual([two.resources.length, two.truncated], [2, true])
    other.close()
  })

  describe('are measured', () => {
    before(async () => {
      await lab.admin.createBucket('genoa', { region: 'eu-south-1' })
      for (const bucket of ['virginia', 'genoa']) {
        for (const key of ['prod/a', 'prod/b', 'other/c']) await lab.admin.putObject(bucket, key, 'hello')
      }
    })
    const measure = (bucket: string, source: 'CloudWatch' | 'List', by: Session = session) =>
      by.measure({ location: location(bucket), source }, none)

    for (const bucket of ['virginia', 'genoa']) {
      test(`by CloudWatch as a whole: ${bucket}`, async () => {
        const usage = { kind: 'usage', objects: 3, bytes: 15, scope: 'Bucket' }
        assert.deepEqual(await measure(bucket, 'CloudWatch'), usage)
      })
    }

    test('by listing for the prefix only', async () => {
      assert.deepEqual(await measure('virginia', 'List'), { kind: 'usage', objects: 2, bytes: 10, scope: 'Prefix' })
    })

    test('not without the permission', async () => {
      const user = await lab.admin.createUser('no-metrics', [may('s3:*')])
      const other = await lab.session(user)
      const usage = await measure('virginia', 'CloudWatch', other)
      assert.ok(isFailure(usage))
      assert.equal(usage.reason, 'PermissionDenied')
      assert.match(usage.message, /cloudwatch:\w+ denied for .*user\/no-metrics/)
      other.close()
    })
  })
})
