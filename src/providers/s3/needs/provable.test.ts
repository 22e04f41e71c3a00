import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EXTRA_PERMISSIONS } from '../probe/extra-permissions.ts'
import { type Level, levelOf, PROVABLE_ACTIONS } from './provable.ts'
import { requiredPermissions } from './required.ts'
import { identityStatements } from './statements.ts'

const RESOURCE: Record<Level, string> = { bucket: 'arn:aws:s3:::ml', object: 'arn:aws:s3:::ml/team/*', account: '*' }
const AWS = { region: 'eu-west-1', account: '111111111111', aws: true }

const requiring = (required: string[]) => ({ location: { bucket: 'ml', prefix: 'team/' }, uses: [], required })
const actionsOf = (required: string[], where = AWS) =>
  identityStatements([requiring(required)], where).flatMap(({ statement }) => statement.Action)

describe('what a store requires by name', () => {
  for (const action of PROVABLE_ACTIONS) {
    const level = levelOf(action, true)
    assert.ok(level)
    test(`is allowed on the ${level}: ${action}`, () => {
      const found = identityStatements([requiring([action])], AWS).find(({ statement }) =>
        statement.Action.includes(action),
      )
      assert.equal(found?.statement.Resource, RESOURCE[level])
    })
  }

  for (const action of ['iam:CreateAccessKey', 'sts:AssumeRole', 's3:PutBucketPolicy', 's3:CreateJob', 'kms:Decrypt']) {
    test(`is not allowed where nobody can prove it, as any tenant may name it: ${action}`, () => {
      assert.ok(!actionsOf([action]).includes(action))
    })
  }

  test('is not allowed at another service than AWS where only AWS knows it', () => {
    const actions = ['s3:GetObjectAcl', 'cloudwatch:ListMetrics', 's3:GetBucketLocation']
    const found = actionsOf(actions, { ...AWS, aws: false })
    assert.deepEqual(
      actions.filter(action => found.includes(action)),
      ['s3:GetBucketLocation'],
    )
  })

  test('can be all that the operator probes', () => {
    for (const { action, awsOnly } of EXTRA_PERMISSIONS) {
      assert.ok(levelOf(action, true), action)
      assert.equal(levelOf(action, false) === undefined, awsOnly !== undefined, action)
    }
    const zenml = requiredPermissions([{ access: 'ReadWrite', formats: ['ZenML'] }])
    assert.deepEqual(
      zenml.filter(action => !levelOf(action, false)),
      [],
    )
  })
})
