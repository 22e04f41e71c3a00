/** What a probe says about an identity that may do only one thing, or all but one. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isFailure } from '../../../src/api/failures.ts'
import type { Permission } from '../../../src/providers/provider.ts'
import { EXTRA_PERMISSIONS } from '../../../src/providers/s3/probe/extra-permissions.ts'
import { type Key, may } from '../../cluster/moto-admin.ts'
import { type AwsLab, startAwsLab } from './aws-lab.ts'
import { none, probed, probeRequest } from './lab.ts'

/** Permissions without which AWS does not say that an object is absent, and a probe can't tell what else is allowed. */
const LOOKING = ['s3:ListBucket', 's3:ListBucketVersions', 's3:GetBucketVersioning']
const OBJECT = ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:DeleteObject', 's3:DeleteObjectVersion']
const ALL = [...LOOKING, ...OBJECT, ...EXTRA_PERMISSIONS.map(({ action }) => action)].sort()

/** Permissions that a probe can't see without another one. */
const HIDDEN: Record<string, string[]> = {
  's3:ListBucket': ['s3:GetObject', 's3:GetObjectAcl', 's3:GetObjectVersion', 's3:GetObjectVersionAcl'],
  // A plain delete would leave a marker that nothing could remove.
  's3:DeleteObjectVersion': ['s3:DeleteObject'],
}

describe('the S3 provider sees at AWS what an identity may do', () => {
  let lab: AwsLab
  let user: Key

  before(async () => {
    lab = await startAwsLab()
    for (const bucket of ['plain', 'versioned']) {
      await lab.admin.createBucket(bucket, { versioning: bucket === 'versioned' })
      await lab.admin.putObject(bucket, 'team/model', 'x')
    }
    user = await lab.admin.createUser('probed', [])
  })
  after(() => lab.stop())

  /** What a probe sees of a user with these statements, by action. */
  async function seen(bucket: string, ...statements: object[]): Promise<Record<string, Permission['result']>> {
    await lab.admin.setUserPolicy('probed', statements)
    const session = await lab.session(user)
    const { permissions } = await probed(session, probeRequest(bucket, { required: ALL }))
    session.close()
    assert.deepEqual(await lab.admin.traces(bucket), ['team/model'])
    return Object.fromEntries(permissions.map(({ action, result }) => [action, result]))
  }
  const allowedIn = (results: Record<string, Permission['result']>): string[] =>
    Object.keys(results)
      .filter(action => results[action] === 'Allowed')
      .sort()

  for (const bucket of ['plain', 'versioned']) {
    test(`which may do all, or nothing, with a ${bucket} bucket`, async () => {
      assert.deepEqual(allowedIn(await seen(bucket, may(['s3:*', 'cloudwatch:*']))), ALL)
      assert.deepEqual(allowedIn(await seen(bucket, may('s3:None'))), [])
    })
  }

  for (const action of ALL) {
    test(`which may do only ${action}`, async () => {
      const some = [...new Set([...LOOKING, action])].sort()
      assert.deepEqual(allowedIn(await seen('plain', may(some))), some)
    })

    test(`which may do all but ${action}`, async () => {
      const deny = { ...may(action), Effect: 'Deny' }
      const results = await seen('versioned', may(['s3:*', 'cloudwatch:*']), deny)
      const { [action]: result, ...others } = results
      assert.equal(result, 'Denied')
      const lacking = Object.entries(others).filter(([, other]) => other !== 'Allowed')
      assert.deepEqual(lacking.sort(), (HIDDEN[action] ?? []).map(other => [other, 'Unknown']).sort())
    })
  }

  test('which may not list all buckets: it finds them by their names', async () => {
    const lister = await lab.admin.createUser('lister', [may('s3:ListBucket', 'arn:aws:s3:::plain')])
    const session = await lab.session(lister)
    const patterns = ['s3://plain', 's3://versioned', 's3://absent', 's3://p*']
    const found = await session.resources({ patterns, max: 9 }, none)
    session.close()
    assert.ok(!isFailure(found))
    assert.deepEqual(found.resources, [{ uri: 's3://plain', region: 'us-east-1' }])
  })
})
