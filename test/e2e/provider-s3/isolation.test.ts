import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isFailure } from '../../../src/api/failures.ts'
import type { Isolation } from '../../../src/providers/isolation.ts'
import type { Access, Session } from '../../../src/providers/provider.ts'
import { type PolicyStripper, startPolicyStripper } from '../../cluster/policy-stripper.ts'
import { accessKey, allow, type Lab, none, probeRequest, startLab } from './lab.ts'

const ACCESSES: Access[] = ['ReadWrite', 'ReadOnly', 'WriteOnly']

describe('trials of credentials at MinIO', () => {
  let lab: Lab
  let stripper: PolicyStripper

  before(async () => {
    lab = await startLab()
    stripper = await startPolicyStripper(lab.minio)
    await lab.minio.admin.createBucket('plain')
    await lab.minio.admin.createBucket('versioned', { versioning: true })
    await lab.setRole(allow('s3:*'))
  })
  after(async () => {
    await stripper.close()
    await lab.stop()
  })

  async function tried(
    session: Session,
    bucket: string,
    access: Access,
    { prefix = 'team/', webIdentity = false } = {},
  ): Promise<Isolation> {
    const { encryption } = probeRequest(bucket)
    const location = { bucket, prefix, uri: `s3://${bucket}/${prefix}` }
    const request = { location, encryption, access, durationMs: 3_600_000, sessionName: 'ml.prod.step', webIdentity }
    const grant = await session.grant(request, none)
    assert.ok(!isFailure(grant), JSON.stringify(grant))
    const proven = ['s3:ListBucket', 's3:PutObject']
    const found = await session.tryIssued({ ...request, grant, proven, trialId: 'uid-1', mayWrite: true }, none)
    assert.ok(!isFailure(found), JSON.stringify(found))
    const traces = [...(await lab.minio.admin.listVersions(bucket)), ...(await lab.minio.admin.listUploads(bucket))]
    assert.deepEqual(traces, [])
    return found
  }

  for (const bucket of ['plain', 'versioned']) {
    for (const access of ACCESSES) {
      test(`find credentials for ${access} of a ${bucket} bucket isolated, and leave no trace`, async () => {
        const { result, detail, holdsFor, identityReaches } = await tried(await lab.session(), bucket, access)
        assert.deepEqual([result, detail, holdsFor], ['True', undefined, 'bucket'])
        assert.equal(identityReaches.bucket, bucket)
        assert.ok(identityReaches.elsewhere, 'the role opens all buckets')
      })

      test(`find credentials for ${access} of a ${bucket} bucket not isolated behind a proxy that strips the policy`, async () => {
        const before = stripper.stripped
        const session = await lab.session({ stsEndpoint: stripper.endpoint })
        const { result, detail = '' } = await tried(session, bucket, access)
        assert.ok(stripper.stripped > before)
        assert.equal(result, 'False')
        assert.match(detail, /list outside of their prefix/)
        assert.match(detail, /write outside of their prefix/)
        assert.match(detail, /list other buckets/)
      })
    }
  }

  test('find a copy of the key not isolated', async () => {
    const session = await lab.session({ auth: accessKey, issue: 'Static' })
    assert.equal((await tried(session, 'plain', 'ReadOnly')).result, 'False')
  })

  for (const access of ACCESSES) {
    test(`find credentials for ${access} not isolated beside an identity that is handed on`, async () => {
      const { result, detail = '' } = await tried(await lab.session(), 'plain', access, { webIdentity: true })
      assert.equal(result, 'False')
      assert.match(detail, /list outside of their prefix, read outside .*, write outside .*, list other buckets/)
    })
  }

  test('find credentials of a role that opens the prefix only isolated, and that says nothing of other prefixes', async () => {
    const objects = { Effect: 'Allow', Action: ['s3:*'], Resource: 'arn:aws:s3:::plain/team/*' }
    const list = {
      ...{ Effect: 'Allow', Action: ['s3:ListBucket', 's3:ListBucketVersions'], Resource: 'arn:aws:s3:::plain' },
      Condition: { StringLike: { 's3:prefix': ['team/*'] } },
    }
    await lab.setRole(objects, list)
    try {
      const session = await lab.session({ stsEndpoint: stripper.endpoint })
      const { result, holdsFor, identityReaches } = await tried(session, 'plain', 'ReadWrite')
      assert.deepEqual([result, holdsFor, identityReaches], ['True', 'prefix', {}])
      assert.equal((await tried(session, 'plain', 'ReadWrite', { prefix: 'team/run/' })).result, 'False')
    } finally {
      await lab.setRole(allow('s3:*'))
    }
  })
})
