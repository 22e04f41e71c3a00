/** Suite: projected credentials work for what they are meant for, and everything else is tried and refused. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import type { Tenant } from '../../support/world.ts'
import { entriesOf, ROLES, surprises } from './attempts.ts'
import { attempts, outcomeOf } from './s3-attempts.ts'
import type { ConsumersWorld } from './world.ts'

const BUCKET = 'access'
const OTHER_BUCKET = 'access-other'
/** Objects that are in the bucket before the attempts. */
const OBJECTS = ['top', 'team/a', 'team/runs/a', 'team/runs/today/a', 'team/runs/today2/a', 'teams/a', 'other/a']

export function access(world: () => ConsumersWorld): void {
  describe('projected credentials', () => {
    let tenant: Tenant
    before(async () => {
      tenant = await world().tenant(BUCKET)
      const { admin } = world().minio
      await admin.createBucket(OTHER_BUCKET)
      for (const key of OBJECTS) await admin.putObject(BUCKET, key, 'theirs')
      for (const key of ['team/a', 'team/runs/today/a']) await admin.putObject(OTHER_BUCKET, key, 'theirs')
      await tenant.connector('minio')
      await tenant.store('store', { path: `s3://${BUCKET}/team`, credentials: entriesOf('AwsProfile') })
      await tenant.storeReady('store')
    })

    for (const { name, access, prefix } of ROLES) {
      test(`do what ${access} of ${prefix} is for, and nothing else`, async () => {
        const s3 = world().s3(await tenant.credentials(`store-${name}`))
        const all = attempts({
          ...{ bucket: BUCKET, otherBucket: OTHER_BUCKET, prefix },
          outside: OBJECTS.filter(key => !key.startsWith(prefix)),
        })
        assert.deepEqual(await surprises(all, access, s3, outcomeOf), [])
        assert.ok(all.length > 50)
        const { Buckets = [] } = await s3.listBuckets()
        assert.deepEqual(
          Buckets.map(({ Name }) => Name).filter(name => name !== BUCKET),
          [],
        )
        s3.destroy()
      })
    }

    test('are no way to others that live longer or reach further', async () => {
      const credentials = await tenant.credentials('store-readwrite-prefix')
      const sts = world().sts(credentials)
      const assumption = { RoleArn: 'arn:aws:iam::000000000000:role/any', RoleSessionName: 'any' }
      await assert.rejects(sts.send(new AssumeRoleCommand(assumption)), /Access ?Denied/)
      sts.destroy()
      const mc = await world().mc('holder', credentials)
      await assert.rejects(mc(['admin', 'accesskey', 'create', 'holder/']), /denied/i)
      await assert.rejects(mc(['admin', 'user', 'add', 'holder/', 'mallory', 'secret-of-mallory']), /denied/i)
    })

    test('have changed nothing of others', async () => {
      const { admin } = world().minio
      const inBucket = await admin.listObjects(BUCKET)
      assert.deepEqual(inBucket.filter(key => !key.includes('/mine')).sort(), [...OBJECTS].sort())
      assert.deepEqual(await admin.listObjects(OTHER_BUCKET), ['team/a', 'team/runs/today/a'])
      assert.deepEqual(await admin.listUploads(BUCKET), [])
      for (const key of OBJECTS) {
        const { Body } = await admin.s3().send(new GetObjectCommand({ Bucket: BUCKET, Key: key }))
        assert.equal(await Body?.transformToString(), 'theirs')
      }
    })
  })
}
