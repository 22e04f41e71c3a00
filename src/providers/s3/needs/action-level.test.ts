import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Level, levelOf } from './action-level.ts'
import { identityStatements } from './statements.ts'

const LEVELS: Record<Level, string[]> = {
  bucket: [
    ...['s3:ListBucket', 's3:GetBucketPolicy', 's3:GetEncryptionConfiguration', 's3:GetBucketObjectLockConfiguration'],
    ...['s3:PutInventoryConfiguration', 's3:GetBucketNotification', 's3:ListBucketMultipartUploads'],
  ],
  object: [
    ...['s3:GetObject', 's3:PutObjectRetention', 's3:BypassGovernanceRetention', 's3:ListMultipartUploadParts'],
    ...['s3:RestoreObject', 's3:ReplicateTags', 's3:getobjecttagging'],
  ],
  account: [
    's3:ListAllMyBuckets',
    's3:CreateJob',
    's3:GetAccessPoint',
    'cloudwatch:ListMetrics',
    'sts:GetSessionToken',
  ],
}
const RESOURCE: Record<Level, string> = { bucket: 'arn:aws:s3:::ml', object: 'arn:aws:s3:::ml/team/*', account: '*' }
const WHERE = { region: 'eu-west-1', account: '111111111111', aws: true }

for (const [level, actions] of Object.entries(LEVELS) as [Level, string[]][]) {
  for (const action of actions) {
    test(`${action} is allowed on the ${level}, also where a store requires it by name`, () => {
      assert.equal(levelOf(action), level)
      const store = { location: { bucket: 'ml', prefix: 'team/' }, uses: [], required: [action] }
      const found = identityStatements([store], WHERE).find(({ statement }) => statement.Action.includes(action))
      assert.equal(found?.statement.Resource, RESOURCE[level])
    })
  }
}

test('an action of KMS that a store requires by name is allowed on its key, through S3', () => {
  const store = { location: { bucket: 'ml', prefix: '' }, uses: [], required: ['kms:DescribeKey'] }
  const keyed = { ...store, encryption: { type: 'SSE-KMS' as const, kmsKeyId: 'k' } }
  for (const [asks, key] of [
    [store, '*'],
    [keyed, 'k'],
  ] as const) {
    const found = identityStatements([asks], WHERE).find(({ statement }) =>
      statement.Action.includes('kms:DescribeKey'),
    )
    assert.equal(found?.statement.Resource, `arn:aws:kms:eu-west-1:111111111111:key/${key}`)
    assert.ok(found.statement.Condition?.['StringEquals']?.['kms:ViaService'])
  }
})
