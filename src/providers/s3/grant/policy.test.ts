import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isFailure } from '../../../api/failures.ts'
import type { Access } from '../../provider.ts'
import { type PolicyRequest, sessionPolicy } from './policy.ts'

const request = (change: Partial<PolicyRequest> & { prefix?: string } = {}): PolicyRequest => {
  const { prefix = 'prod/', ...rest } = change
  return {
    location: { bucket: 'ml', prefix, uri: `s3://ml/${prefix}` },
    access: 'ReadWrite',
    encryption: { type: 'None' },
    region: 'eu-west-1',
    aws: false,
    ...rest,
  }
}

interface Statement {
  Action: string[]
  Resource: string
  Condition?: { StringLike?: { 's3:prefix': string[] }; StringEquals?: { 'kms:ViaService': string } }
}

function statements(change: Parameters<typeof request>[0]): Statement[] {
  const policy = sessionPolicy(request(change))
  assert.ok(!isFailure(policy))
  return JSON.parse(policy).Statement
}

const withAction = (all: Statement[], action: string) => all.filter(({ Action }) => Action.includes(action))

describe('sessionPolicy', () => {
  const rights: Record<Access, { may: string[]; mayNot: string[] }> = {
    ReadWrite: {
      may: [
        'GetObject',
        'PutObject',
        'DeleteObject',
        'DeleteObjectVersion',
        'ListBucket',
        'ListBucketVersions',
        'GetBucketVersioning',
      ],
      mayNot: ['GetObjectAcl', 'PutObjectAcl', 'ListBucketMultipartUploads', 'DeleteBucket', 'PutBucketVersioning'],
    },
    ReadOnly: {
      may: ['GetObject', 'GetObjectVersion', 'ListBucket', 'ListBucketVersions', 'GetBucketVersioning'],
      mayNot: ['PutObject', 'DeleteObject', 'DeleteObjectVersion', 'AbortMultipartUpload'],
    },
    WriteOnly: {
      may: ['PutObject', 'AbortMultipartUpload', 'ListMultipartUploadParts'],
      mayNot: ['GetObject', 'GetObjectVersion', 'ListBucket', 'ListBucketVersions', 'DeleteObject'],
    },
  }
  for (const [access, { may, mayNot }] of Object.entries(rights) as [Access, { may: string[]; mayNot: string[] }][]) {
    test(`the policy of ${access} has the rights that it needs, and no more`, () => {
      const actions = new Set(statements({ access }).flatMap(({ Action }) => Action))
      for (const action of may) assert.ok(actions.has(`s3:${action}`), action)
      for (const action of mayNot) assert.ok(!actions.has(`s3:${action}`), action)
    })
  }

  test('the policy limits objects and listings to the prefix', () => {
    const all = statements({})
    assert.deepEqual(
      withAction(all, 's3:PutObject').map(({ Resource }) => Resource),
      ['arn:aws:s3:::ml/prod/*'],
    )
    assert.deepEqual(
      withAction(all, 's3:ListBucket').map(({ Resource, Condition }) => [Resource, Condition]),
      [['arn:aws:s3:::ml', { StringLike: { 's3:prefix': ['prod/*'] } }]],
    )
    assert.deepEqual(
      withAction(all, 's3:GetObject').map(({ Resource }) => Resource),
      ['arn:aws:s3:::ml/prod/*', 'arn:aws:s3:::ml/prod'],
    )
  })

  test('only services other than AWS get the key of the prefix without its slash, and only to read', () => {
    const named = (change: Parameters<typeof request>[0]) =>
      statements(change)
        .filter(({ Resource }) => Resource === 'arn:aws:s3:::ml/prod')
        .map(({ Action }) => Action)
    assert.deepEqual(named({ aws: true }), [])
    assert.deepEqual(named({}), [['s3:GetObject']])
    assert.deepEqual(named({ access: 'ReadOnly' }), [['s3:GetObject']])
    assert.deepEqual(named({ access: 'WriteOnly' }), [])
  })

  test('the policy of a whole bucket has no condition on the prefix', () => {
    const all = statements({ prefix: '' })
    assert.deepEqual(
      withAction(all, 's3:GetObject').map(({ Resource }) => Resource),
      ['arn:aws:s3:::ml/*'],
    )
    assert.equal(withAction(all, 's3:ListBucket')[0]?.Condition, undefined)
  })

  const partitions: [region: string, arn: string, viaService: string][] = [
    ['eu-west-1', 'arn:aws:s3:::ml', 's3.eu-west-1.amazonaws.com'],
    ['cn-north-1', 'arn:aws-cn:s3:::ml', 's3.cn-north-1.amazonaws.com.cn'],
    ['us-gov-west-1', 'arn:aws-us-gov:s3:::ml', 's3.us-gov-west-1.amazonaws.com'],
  ]
  for (const [region, arn, viaService] of partitions) {
    test(`the policy has the partition of ${region}`, () => {
      const all = statements({ region, aws: true, prefix: '' })
      assert.equal(withAction(all, 's3:ListBucket')[0]?.Resource, arn)
      assert.equal(withAction(all, 'kms:Decrypt')[0]?.Condition?.StringEquals?.['kms:ViaService'], viaService)
    })
  }

  test('the policy for an S3-compatible service has one partition and no KMS actions', () => {
    const all = statements({ region: 'cn-north-1', encryption: { type: 'SSE-KMS', kmsKeyId: 'my-key' } })
    assert.equal(withAction(all, 's3:ListBucket')[0]?.Resource, 'arn:aws:s3:::ml')
    assert.deepEqual(
      all.flatMap(({ Action }) => Action).filter(action => action.startsWith('kms:')),
      [],
    )
  })

  const arn = 'arn:aws:kms:eu-west-1:1:key/abc'
  const keys: [name: string, encryption: PolicyRequest['encryption'], resource: string][] = [
    ['the key of the spec', { type: 'SSE-KMS', kmsKeyId: arn }, arn],
    ['an alias can’t be a resource', { type: 'SSE-KMS', kmsKeyId: 'alias/ml' }, '*'],
    ['the bucket’s own key is not known', { type: 'None' }, '*'],
  ]
  for (const [name, encryption, resource] of keys) {
    test(`the policy on AWS allows KMS keys: ${name}`, () =>
      assert.equal(withAction(statements({ aws: true, encryption }), 'kms:GenerateDataKey')[0]?.Resource, resource))
  }

  for (const prefix of ['a*/', 'a?/', '$' + '{aws:username}/']) {
    test(`there is no policy for the prefix ${prefix}`, () => {
      const result = sessionPolicy(request({ prefix }))
      assert.ok(isFailure(result))
      assert.deepEqual([result.intent, result.reason], ['stalled', 'UnsupportedPrefix'])
    })
  }

  test('the longest prefix of a spec fits into the policy, a longer one is refused', () => {
    const whole = {
      aws: true,
      region: 'us-gov-west-1',
      encryption: { type: 'SSE-KMS' as const, kmsKeyId: arn.padEnd(120, 'x') },
    }
    const longest = sessionPolicy(request({ ...whole, prefix: `${'p'.repeat(200)}/` }))
    assert.ok(!isFailure(longest))
    assert.ok(longest.length <= 2048)
    const result = sessionPolicy(request({ prefix: `${'p'.repeat(511)}/` }))
    assert.ok(isFailure(result))
    assert.deepEqual([result.intent, result.reason], ['stalled', 'PolicyTooLong'])
  })
})

describe('permissions that the store requires by name', () => {
  const ACL = 's3:PutObjectAcl'
  const UPLOADS = 's3:ListBucketMultipartUploads'
  const METRICS = 'cloudwatch:GetMetricData'
  const cases: [name: string, change: Parameters<typeof request>[0], action: string, resource: string | undefined][] = [
    ['an ACL', { aws: true, required: [ACL] }, ACL, 'arn:aws:s3:::ml/prod/*'],
    ['an ACL that nobody requires', { aws: true }, ACL, undefined],
    ['an ACL on a service that refuses to read of it', { required: [ACL] }, ACL, undefined],
    ['a right to write, for readers', { aws: true, required: [ACL], access: 'ReadOnly' }, ACL, undefined],
    ['uploads of the whole bucket', { required: [UPLOADS], prefix: '' }, UPLOADS, 'arn:aws:s3:::ml'],
    ['uploads below a prefix', { required: [UPLOADS] }, UPLOADS, undefined],
    ['metrics', { aws: true, required: [METRICS], access: 'ReadOnly' }, METRICS, '*'],
    ['metrics, for who only writes', { aws: true, required: [METRICS], access: 'WriteOnly' }, METRICS, undefined],
    [
      'one that the operator knows nothing of',
      { aws: true, required: ['s3:DeleteBucket'] },
      's3:DeleteBucket',
      undefined,
    ],
  ]
  for (const [name, change, action, resource] of cases) {
    test(`a required permission gets into the policy where the access fits: ${name}, ${resource ?? 'not granted'}`, () => {
      assert.deepEqual(
        withAction(statements(change), action).map(({ Resource }) => Resource),
        resource ? [resource] : [],
      )
    })
  }

  test('a policy with all permissions that can be required is short enough for STS', () => {
    const names = ['GetObjectAcl', 'GetObjectVersionAcl', 'PutObjectAcl', 'PutObjectVersionAcl', 'ListAllMyBuckets']
    const required = [...names.map(name => `s3:${name}`), UPLOADS, METRICS, 'cloudwatch:ListMetrics']
    assert.equal(
      typeof sessionPolicy(request({ aws: true, required, prefix: 'a/long/enough/prefix/for/a/team/' })),
      'string',
    )
  })
})

describe('the one ACL that consumers are told to write', () => {
  const acl = 'bucket-owner-full-control'
  const cases: [name: string, change: Partial<PolicyRequest>, granted: boolean][] = [
    ['AWS', { aws: true, acl }, true],
    ['AWS, lent: it gives rights to nobody but the owner of the bucket', { aws: true, acl, lent: true }, true],
    ['AWS, for readers', { aws: true, acl, access: 'ReadOnly' }, false],
    ['another service, which would refuse the policy', { acl }, false],
    ['none', { aws: true }, false],
  ]
  for (const [name, change, granted] of cases) {
    test(`is allowed, and no other, where it must be: ${name}`, () => {
      assert.deepEqual(
        withAction(statements(change), 's3:PutObjectAcl').map(({ Condition }) => Condition),
        granted ? [{ StringEquals: { 's3:x-amz-acl': acl } }] : [],
      )
    })
  }
})

describe('a policy for credentials that leave the namespace of the connector', () => {
  const account = ['s3:ListAllMyBuckets', 'cloudwatch:GetMetricData', 'cloudwatch:ListMetrics']
  const withheld = [
    ...account.map(action => [action, 'shows the whole account']),
    ...['s3:PutObjectAcl', 's3:PutObjectVersionAcl'].map(action => [action, 'gives objects to other accounts']),
  ] as [action: string, why: string][]
  for (const [action, why] of withheld) {
    test(`does not have ${action}, though the store requires it: it ${why}`, () => {
      const required = [action]
      const failure = sessionPolicy(request({ required, aws: true, lent: true }))
      assert.ok(isFailure(failure))
      assert.equal(failure.reason, 'NotLent')
      assert.ok(failure.message.includes(`${action} (${why})`), failure.message)
      assert.ok(!isFailure(sessionPolicy(request({ required, aws: true }))))
    })
  }
  test('does not have ACLs for who only writes, either', () => {
    const failure = sessionPolicy(
      request({ required: ['s3:PutObjectAcl'], aws: true, lent: true, access: 'WriteOnly' }),
    )
    assert.ok(isFailure(failure) && failure.reason === 'NotLent')
  })
  test('has what the store requires of the prefix', () => {
    const required = ['s3:GetObjectAcl']
    assert.ok(withAction(statements({ required, aws: true, lent: true }), 's3:GetObjectAcl').length > 0)
  })
})

test('the policy for a bucket of a tenant of Ceph has the tenant in the place of the account', () => {
  const location = { bucket: 'acme:ml', prefix: 'prod/', uri: 's3://acme:ml/prod/' }
  const resources = new Set(statements({ location }).map(({ Resource }) => Resource))
  assert.deepEqual([...resources].sort(), [
    'arn:aws:s3::acme:ml',
    'arn:aws:s3::acme:ml/prod',
    'arn:aws:s3::acme:ml/prod/*',
  ])
})
