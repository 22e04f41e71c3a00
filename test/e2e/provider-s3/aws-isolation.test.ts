/** What trials of credentials show at AWS, and at a service that issues credentials and narrows none. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isFailure } from '../../../src/api/failures.ts'
import type { Access, Session } from '../../../src/providers/provider.ts'
import { may } from '../../cluster/moto-admin.ts'
import { type AwsLab, granted, grantRequest, startAwsLab, userArn } from './aws-lab.ts'
import { none } from './lab.ts'

const ACCESSES: Access[] = ['ReadWrite', 'ReadOnly', 'WriteOnly']

async function tried(session: Session, access: Access) {
  const request = grantRequest({ access })
  const grant = await granted(session, { access })
  const proven = ['s3:ListBucket', 's3:PutObject']
  const found = await session.tryIssued({ ...request, grant, proven, trialId: 'uid-1', mayWrite: true }, none)
  assert.ok(!isFailure(found), JSON.stringify(found))
  return found
}

for (const lenient of [false, true]) {
  const service = lenient ? 'a service that narrows nothing' : 'AWS'
  describe(`trials of credentials at ${service}`, () => {
    let lab: AwsLab
    let session: Session

    before(async () => {
      lab = await startAwsLab({ lenient })
      const { admin } = lab
      for (const bucket of ['data', 'other']) await admin.createBucket(bucket)
      for (const key of ['prod/x', 'x']) await admin.putObject('data', key, 'x')
      const alice = await admin.createUser('alice', [may('s3:*', 'arn:aws:s3:::*'), may('sts:*')])
      const trust = [{ Principal: { AWS: userArn('alice') } }]
      const roleArn = await admin.createRole('wide', { trust, may: [may('s3:*')] })
      session = await lab.session(alice, { assumeRoles: [{ roleArn }] })
    })
    after(() => lab?.stop())

    for (const access of ACCESSES) {
      test(`find those for ${access} ${lenient ? 'not isolated' : 'isolated'}, and leave no trace`, async () => {
        const before = await lab.admin.traces('data')
        const { result, detail = '', holdsFor, identityReaches } = await tried(session, access)
        assert.deepEqual([result, holdsFor], [lenient ? 'False' : 'True', 'bucket'], detail)
        assert.deepEqual(identityReaches, { bucket: 'data', elsewhere: 'other' })
        if (lenient) assert.match(detail, /list outside of their prefix, read outside .*, write outside .*, list other/)
        assert.deepEqual(await lab.admin.traces('data'), before)
      })
    }
  })
}
