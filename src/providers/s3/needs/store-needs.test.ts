import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FORMATS } from '../../../api/credentials-entry.ts'
import type { Access } from '../../provider.ts'
import { VERSION_PERMISSIONS } from '../answers/version-permissions.ts'
import { requiredPermissions } from './required.ts'
import { identityStatements, keyStatements } from './statements.ts'
import { needsOf, type StoreAsks } from './store-needs.ts'

const ACCESSES: Access[] = ['ReadWrite', 'ReadOnly', 'WriteOnly']
const asks = (change: Partial<StoreAsks> = {}): StoreAsks => ({
  location: { bucket: 'ml', prefix: 'team/' },
  uses: [{ access: 'ReadOnly', formats: ['Env'] }],
  ...change,
})
const actionsOf = (change: Partial<StoreAsks>, aws = true) =>
  needsOf(asks(change), aws).map(({ place, action }) => `${place} ${action}`)

describe('what a store needs', () => {
  for (const format of FORMATS) {
    for (const access of ACCESSES) {
      test(`has what is required of a store with format ${format} and access ${access}`, () => {
        const uses = [{ access, formats: [format] }]
        const actions = new Set(needsOf(asks({ uses, versioning: 'Enabled' }), true).map(({ action }) => action))
        assert.deepEqual(
          requiredPermissions(uses).filter(action => !actions.has(action)),
          [],
        )
      })
    }
  }

  const READ = ['listing s3:ListBucket', 'objects s3:GetObject']
  const cases: [what: string, change: Partial<StoreAsks>, expected: string[]][] = [
    ['only reads', {}, READ],
    [
      'writes and deletes in a bucket without versions',
      { uses: [], versioning: 'Disabled' },
      [
        ...READ,
        ...['objects s3:PutObject', 'objects s3:DeleteObject', 'objects s3:AbortMultipartUpload'],
        'bucket s3:GetBucketVersioning',
      ],
    ],
    [
      'only writes',
      { uses: [{ access: 'WriteOnly', formats: ['Env'] }] },
      ['objects s3:PutObject', 'objects s3:AbortMultipartUpload'],
    ],
    [
      'counts its objects',
      { uses: [{ access: 'WriteOnly', formats: ['Env'] }], usage: 'List' },
      [...['objects s3:PutObject', 'objects s3:AbortMultipartUpload', 'listing s3:ListBucket']],
    ],
    [
      'reads metrics',
      { usage: 'CloudWatch' },
      [...READ, 'account cloudwatch:ListMetrics', 'account cloudwatch:GetMetricData'],
    ],
    [
      'requires more by name',
      { required: ['s3:ListAllMyBuckets', 's3:GetBucketLocation'] },
      [...READ, 'account s3:ListAllMyBuckets', 'bucket s3:GetBucketLocation'],
    ],
    [
      'creates its bucket, which it must see as a whole',
      { setup: { create: true } },
      ['objects s3:GetObject', 'bucket s3:CreateBucket', 'bucket s3:ListBucket'],
    ],
    [
      'sets versioning and a lifecycle rule',
      { setup: { versioning: 'Enabled', expirationDays: 1 } },
      [
        ...READ,
        ...['bucket s3:GetBucketVersioning', 'bucket s3:PutBucketVersioning'],
        ...['bucket s3:GetLifecycleConfiguration', 'bucket s3:PutLifecycleConfiguration'],
      ],
    ],
    [
      'reads what is encrypted with a key',
      { encryption: { type: 'SSE-KMS', kmsKeyId: 'k' } },
      [...READ, 'key kms:Decrypt'],
    ],
    [
      'writes with a key and an ACL',
      {
        uses: [{ access: 'WriteOnly', formats: ['Env'] }],
        encryption: { type: 'SSE-KMS', kmsKeyId: 'k' },
        acl: 'bucket-owner-full-control',
      },
      [
        ...['objects s3:PutObject', 'objects s3:AbortMultipartUpload', 'ownAcl s3:PutObjectAcl'],
        ...['key kms:GenerateDataKey', 'key kms:Decrypt'],
      ],
    ],
  ]
  for (const [what, change, expected] of cases) {
    test(`is this for a store that ${what}`, () => assert.deepEqual(actionsOf(change), expected))
  }

  test('has no keys, metrics or ACLs at services other than AWS', () => {
    const change: Partial<StoreAsks> = {
      uses: [],
      ...{ usage: 'CloudWatch', acl: 'private', encryption: { type: 'SSE-KMS', kmsKeyId: 'k' } },
    }
    assert.deepEqual(
      actionsOf(change, false).filter(need => /kms|cloudwatch|Acl/.test(need)),
      [],
    )
  })

  for (const [versioning, wanted] of [
    ['Disabled', []],
    ['Enabled', VERSION_PERMISSIONS],
    ['Suspended', VERSION_PERMISSIONS],
    [undefined, VERSION_PERMISSIONS],
  ] as const) {
    test(`has permissions on versions for ZenML where versioning of the bucket is ${versioning ?? 'not known'}`, () => {
      const needs = needsOf(asks({ uses: [{ access: 'ReadWrite', formats: ['ZenML'] }], versioning }), true)
      assert.deepEqual(
        needs.map(({ action }) => action).filter(action => VERSION_PERMISSIONS.includes(action)),
        wanted,
      )
    })
  }
})

/** A character as policies take it literally. */
const LITERAL = (character: string) => `\${${character}}`

const WHERE = { region: 'eu-west-1', account: '111111111111', aws: true }
const VIA = { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' }

describe('statements for an identity', () => {
  test('are one for each thing, and each action says what it is for', () => {
    const [first, second, ...rest] = identityStatements([asks()], WHERE)
    assert.deepEqual(first, {
      statement: {
        ...{ Effect: 'Allow', Action: ['s3:ListBucket'], Resource: 'arn:aws:s3:::ml' },
        Condition: { StringLike: { 's3:prefix': 'team/*' } },
      },
      because: ['lists what is below the prefix'],
    })
    assert.deepEqual(second?.statement, {
      Effect: 'Allow',
      Action: ['s3:GetObject'],
      Resource: 'arn:aws:s3:::ml/team/*',
    })
    assert.deepEqual(rest, [])
  })

  test('are merged where stores need the same on several things', () => {
    const other = asks({ location: { bucket: 'ml', prefix: 'other/' } })
    const [list, read, ...rest] = identityStatements([asks(), other, asks()], WHERE).map(({ statement }) => statement)
    assert.deepEqual(list, {
      ...{ Effect: 'Allow', Action: ['s3:ListBucket'], Resource: 'arn:aws:s3:::ml' },
      Condition: { StringLike: { 's3:prefix': ['team/*', 'other/*'] } },
    })
    assert.deepEqual(read?.Resource, ['arn:aws:s3:::ml/team/*', 'arn:aws:s3:::ml/other/*'])
    assert.deepEqual(rest, [])
  })

  test('on one bucket as a whole and on a part of it stay two', () => {
    const whole = asks({ location: { bucket: 'ml', prefix: '' } })
    const lists = identityStatements([whole, asks()], WHERE).filter(({ statement }) =>
      statement.Action.includes('s3:ListBucket'),
    )
    assert.deepEqual(
      lists.map(({ statement }) => statement.Condition),
      [undefined, { StringLike: { 's3:prefix': 'team/*' } }],
    )
  })

  test('are those of the partition of the region', () => {
    const [first] = identityStatements([asks()], { ...WHERE, region: 'cn-north-1' })
    assert.equal(first?.statement.Resource, 'arn:aws-cn:s3:::ml')
  })

  test('take characters of a name literally that policies would take for wildcards and variables', () => {
    const location = { bucket: 'm*l', prefix: `${'$'}{aws:username}/?` }
    const [list, read] = identityStatements([asks({ location })], WHERE)
    assert.equal(list?.statement.Resource, `arn:aws:s3:::m${LITERAL('*')}l`)
    assert.equal(
      read?.statement.Resource,
      `arn:aws:s3:::m${LITERAL('*')}l/${LITERAL('$')}{aws:username}/${LITERAL('?')}*`,
    )
  })

  const keys: [what: string, kmsKeyId: string, resource: string, condition: object][] = [
    ['an ARN', 'arn:aws:kms:eu-west-1:2:key/abc', 'arn:aws:kms:eu-west-1:2:key/abc', { StringEquals: VIA }],
    ['an id', 'abc', 'arn:aws:kms:eu-west-1:111111111111:key/abc', { StringEquals: VIA }],
    [
      'an alias',
      'alias/ml',
      'arn:aws:kms:eu-west-1:111111111111:key/*',
      { StringEquals: VIA, 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/ml' } },
    ],
    [
      'the ARN of an alias',
      'arn:aws:kms:eu-west-1:2:alias/ml',
      'arn:aws:kms:eu-west-1:2:key/*',
      { StringEquals: VIA, 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/ml' } },
    ],
  ]
  for (const [what, kmsKeyId, resource, condition] of keys) {
    test(`name a KMS key by ${what}`, () => {
      const found = identityStatements([asks({ encryption: { type: 'SSE-KMS', kmsKeyId } })], WHERE).at(-1)
      assert.deepEqual([found?.statement.Resource, found?.statement.Condition], [resource, condition])
    })
  }

  test('of a key name the key itself, and who uses it', () => {
    const encryption = { type: 'SSE-KMS' as const, kmsKeyId: 'alias/ml' }
    const [found] = keyStatements([asks({ encryption })], 'arn:aws:iam::1:role/x', WHERE)
    assert.deepEqual(found?.statement, {
      ...{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::1:role/x' }, Action: ['kms:Decrypt'], Resource: '*' },
      Condition: { StringEquals: VIA },
    })
  })
})
