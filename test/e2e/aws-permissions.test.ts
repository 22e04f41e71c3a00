import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isFailure } from '../../src/api/failures.ts'
import { EXTRA_PERMISSIONS } from '../../src/providers/s3/extra-permissions.ts'
import { may } from '../cluster/motoadmin.ts'
import { type AwsLab, startAwsLab } from './aws-lab.ts'
import { none, probed, probeRequest } from './s3-lab.ts'

const EXTRAS = EXTRA_PERMISSIONS.map(({ action }) => action)

describe('S3 provider at AWS: permissions that some consumers want', () => {
  let lab: AwsLab

  before(async () => {
    lab = await startAwsLab()
    for (const [bucket, versioning] of [
      ['plain', false],
      ['versioned', true],
    ] as const) {
      await lab.admin.createBucket(bucket, { versioning })
      await lab.admin.putObject(bucket, 'team/model', 'x')
    }
  })
  after(() => lab.stop())

  for (const denied of [undefined, ...EXTRAS]) {
    test(denied ? `no ${denied}` : 'everything', async () => {
      const statements = denied ? [{ ...may(denied), Effect: 'Deny' }] : []
      const user = await lab.admin.createUser(`${denied}`.replace(':', '-'), [may('*'), ...statements])
      const session = await lab.session(user)
      for (const bucket of ['plain', 'versioned']) {
        const { permissions } = await probed(session, probeRequest(bucket, { required: EXTRAS }))
        const lacking = permissions.filter(({ result }) => result !== 'Allowed')
        assert.deepEqual(
          lacking.map(({ action, result }) => [action, result]),
          denied ? [[denied, 'Denied']] : [],
        )
        assert.deepEqual(await lab.admin.traces(bucket), ['team/model'])
      }
    })
  }

  test('buckets of who may not list all of them are found by their names', async () => {
    const user = await lab.admin.createUser('lister', [may('s3:ListBucket', 'arn:aws:s3:::plain')])
    const session = await lab.session(user)
    const patterns = ['s3://plain', 's3://versioned', 's3://absent', 's3://p*']
    const found = await session.resources({ patterns, max: 9 }, none)
    assert.ok(!isFailure(found))
    assert.deepEqual(found.resources, [{ uri: 's3://plain' }])
  })
})
