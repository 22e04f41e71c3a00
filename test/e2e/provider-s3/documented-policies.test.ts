/** A policy that a consumer documents, or that lists what it calls, makes a store for it Ready, and leaves no trace. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Key } from '../../cluster/moto-admin.ts'
import { type AwsLab, startAwsLab } from './aws-lab.ts'
import { DOCUMENTED, requiredBy, verdictOn, withoutAcls } from './documented-policies.ts'
import { type Lab, probed, probeRequest, startLab } from './lab.ts'

const BUCKETS = ['plain', 'versioned']

/** At AWS, who may neither know the versioning of the bucket nor delete versions can't prove that it may delete. */
const UNPROVEN: Record<string, RegExp[]> = { Turborepo: [/^s3:DeleteObject: .*: allow s3:GetBucketVersioning/] }

function assertReady({ failure, cautions }: ReturnType<typeof verdictOn>, expected: RegExp[] = []): void {
  assert.equal(failure, undefined)
  assert.equal(cautions.length, expected.length, cautions.join())
  for (const [index, words] of expected.entries()) assert.match(cautions[index] ?? '', words)
}

describe('at AWS, a policy of what one consumer documents or calls is enough', () => {
  let lab: AwsLab
  let user: Key
  before(async () => {
    lab = await startAwsLab()
    for (const bucket of BUCKETS) await lab.admin.createBucket(bucket, { versioning: bucket === 'versioned' })
    user = await lab.admin.createUser('consumer', [])
  })
  after(() => lab.stop())

  for (const documented of DOCUMENTED) {
    for (const bucket of BUCKETS) {
      test(`for ${documented.consumer}, with a ${bucket} bucket`, async () => {
        await lab.admin.setUserPolicy('consumer', documented.statements(bucket))
        const session = await lab.session(user)
        const probe = await probed(session, probeRequest(bucket, { required: requiredBy(documented) }))
        session.close()
        assertReady(verdictOn(documented, bucket, probe), UNPROVEN[documented.consumer])
        assert.deepEqual(await lab.admin.traces(bucket), [])
      })
    }
  }
})

describe('at MinIO, a policy of what one consumer documents or calls is enough', () => {
  let lab: Lab
  before(async () => {
    lab = await startLab()
    for (const bucket of BUCKETS) await lab.minio.admin.createBucket(bucket, { versioning: bucket === 'versioned' })
  })
  after(() => lab.stop())

  for (const documented of DOCUMENTED) {
    for (const bucket of BUCKETS) {
      test(`for ${documented.consumer}, with a ${bucket} bucket`, async () => {
        await lab.setRole(...withoutAcls(documented.statements(bucket)))
        const session = await lab.session()
        const probe = await probed(session, probeRequest(bucket, { required: requiredBy(documented) }))
        session.close()
        assertReady(verdictOn(documented, bucket, probe))
        assert.deepEqual(await lab.minio.admin.listVersions(bucket), [])
        assert.deepEqual(await lab.minio.admin.listUploads(bucket), [])
      })
    }
  }
})
