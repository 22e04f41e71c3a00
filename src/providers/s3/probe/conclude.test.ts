import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isFailure } from '../../../api/failures.ts'
import type { ProbeRequest } from '../../provider.ts'
import type { Answer } from '../answers/answer.ts'
import { concludeProbe, type ProbeContext } from './conclude.ts'
import type { ProbeAnswers } from './probe.ts'

const OK: Answer<never> = { status: 200 }
const NOT_FOUND: Answer = { status: 404 }
const DENIED: Answer<never> = { status: 403, code: 'AccessDenied', message: 'Access Denied' }
const WHO = 'arn:aws:sts::1:assumed-role/ml/x'

const context: ProbeContext = {
  who: WHO,
  endpoint: { url: 'https://minio:9000', host: 'minio:9000', field: 'spec.aws.endpoint' },
  identity: {
    region: 'eu-west-1',
    auth: { kind: 'webIdentity', roleArn: WHO, audience: 'a', subject: 's', token: () => Promise.reject(new Error()) },
  },
}

const request = (change: Partial<ProbeRequest> = {}): ProbeRequest => ({
  location: { bucket: 'ml', prefix: 'prod/', uri: 's3://ml/prod' },
  encryption: { type: 'None' },
  writeProbe: 'Multipart',
  probeId: 'x',
  required: [],
  ...change,
})

const allowed: ProbeAnswers = {
  ...{ list: OK, head: NOT_FOUND, versions: OK, put: OK },
  versioning: { status: 200, value: 'Disabled' },
  ...{ abort: { status: 204 }, deleteVersion: { status: 204 }, delete: { status: 204 } },
  extras: new Map(),
}

const without = (...members: (keyof ProbeAnswers)[]): ProbeAnswers =>
  Object.fromEntries(
    Object.entries(allowed).filter(([member]) => !members.includes(member as keyof ProbeAnswers)),
  ) as unknown as ProbeAnswers

function conclude(answers: ProbeAnswers, change?: Partial<ProbeRequest>) {
  const probe = concludeProbe(answers, request(change), context)
  assert.ok(!isFailure(probe), JSON.stringify(probe))
  return probe
}

describe('concludeProbe', () => {
  test('a probe in which everything is allowed says so of each permission', () => {
    const { permissions, ...rest } = conclude(allowed)
    assert.deepEqual(rest, {
      kind: 'probe',
      bucket: { name: 'ml', prefix: 'prod/', region: 'eu-west-1', versioning: 'Disabled' },
    })
    assert.deepEqual(permissions.slice(0, 8), [
      { action: 's3:ListBucket', result: 'Allowed', probe: 'ListObjectsV2' },
      { action: 's3:GetObject', result: 'Allowed', probe: 'HeadObject of an absent key' },
      { action: 's3:PutObject', result: 'Allowed', probe: 'CreateMultipartUpload, aborted' },
      { action: 's3:AbortMultipartUpload', result: 'Allowed', probe: 'AbortMultipartUpload' },
      { action: 's3:DeleteObject', result: 'Allowed', probe: 'DeleteObject of an absent key' },
      { action: 's3:DeleteObjectVersion', result: 'Allowed', probe: 'DeleteObject of an absent version' },
      { action: 's3:GetBucketVersioning', result: 'Allowed', probe: 'GetBucketVersioning' },
      { action: 's3:ListBucketVersions', result: 'Allowed', probe: 'ListObjectVersions' },
    ])
  })

  test('a probe tells each permission that is required, once, and of others what it found out', () => {
    const required = [
      ...['ListBucket', 'GetObject', 'PutObject', 'DeleteObject', 'GetBucketVersioning', 'ListBucketVersions'],
      ...['DeleteObjectVersion', 'GetObjectVersion', 'GetObjectAcl', 'PutObjectAcl', 'GetObjectVersionAcl'],
      ...['PutObjectVersionAcl', 'ListBucketMultipartUploads', 'ListMultipartUploadParts', 'AbortMultipartUpload'],
      ...['GetBucketLocation', 'ListAllMyBuckets'],
    ].map(name => `s3:${name}`)
    const told = (change?: Partial<ProbeRequest>) => conclude(allowed, change).permissions.map(({ action }) => action)
    assert.deepEqual(told({ required }).toSorted(), required.toSorted())
    assert.deepEqual(told().length, 8)
  })

  const probes: [name: string, answers: ProbeAnswers, writeProbe: ProbeRequest['writeProbe'], probes: string[]][] = [
    [
      'an object',
      { ...allowed, putWith: 'object' },
      'Object',
      ['PutObject, deleted', 'DeleteObject of what PutObject made', 'DeleteObject of the version that PutObject made'],
    ],
    [
      'a body that is refused',
      { ...allowed, putWith: 'refusedBody' },
      'Multipart',
      [
        'PutObject of a body that does not fit its digest',
        'DeleteObject of an absent key',
        'DeleteObject of an absent version',
      ],
    ],
    ['nothing', without('put', 'abort', 'delete'), 'None', ['', '', 'DeleteObject of an absent version']],
  ]
  for (const [name, answers, writeProbe, expected] of probes) {
    test(`a probe names the calls that it made to write ${name}`, () => {
      const { permissions } = conclude(answers, { writeProbe })
      const shown = ['s3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'].map(
        action => permissions.find(permission => permission.action === action)?.probe ?? '',
      )
      assert.deepEqual(shown, expected)
    })
  }

  type Case = [
    name: string,
    answers: ProbeAnswers,
    action: string,
    result: string,
    detail?: RegExp,
    change?: Partial<ProbeRequest>,
  ]
  const kms: Partial<ProbeRequest> = { encryption: { type: 'SSE-KMS', kmsKeyId: 'my-key' } }
  const because = (message: string): Answer<never> => ({ ...DENIED, message })
  const cases: Case[] = [
    ['an object that is there', { ...allowed, head: OK }, 's3:GetObject', 'Allowed'],
    [
      'absent or forbidden, with list',
      { ...allowed, head: { status: 403 } },
      's3:GetObject',
      'Denied',
      /^s3:GetObject denied on s3:\/\/ml\/prod for arn:/,
    ],
    [
      'absent or forbidden, without list',
      { ...allowed, head: { status: 403 }, list: DENIED },
      's3:GetObject',
      'Unknown',
      /without s3:ListBucket/,
    ],
    [
      'list denied',
      { ...allowed, list: DENIED },
      's3:ListBucket',
      'Denied',
      /^s3:ListBucket denied on s3:\/\/ml\/prod for arn:[^ ]*$/,
    ],
    [
      'list not implemented',
      { ...allowed, list: { status: 501, code: 'NotImplemented' } },
      's3:ListBucket',
      'Unknown',
      /minio:9000 answered HTTP 501 NotImplemented/,
    ],
    [
      'no upload to abort',
      { ...allowed, abort: { status: 404, code: 'NoSuchUpload' } },
      's3:AbortMultipartUpload',
      'Allowed',
    ],
    ['abort denied', { ...allowed, abort: DENIED }, 's3:AbortMultipartUpload', 'Denied'],
    [
      'put denied',
      { ...allowed, put: DENIED },
      's3:PutObject',
      'Denied',
      /^s3:PutObject denied on s3:\/\/ml\/prod for arn:[^ ]*$/,
    ],
    [
      'put denied, with a reason',
      {
        ...allowed,
        put: because(
          `User: ${WHO} is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::ml/prod/x" because no session policy allows the s3:PutObject action`,
        ),
      },
      's3:PutObject',
      'Denied',
      /x because no session policy allows the s3:PutObject action$/,
    ],
    [
      'put denied explicitly',
      { ...allowed, put: because('User: x with an explicit deny in a resource-based policy, RequestId: 1') },
      's3:PutObject',
      'Denied',
      /x with an explicit deny in a resource-based policy$/,
    ],
    [
      'put denied, perhaps for the key',
      { ...allowed, put: DENIED },
      's3:PutObject',
      'Denied',
      /\(or kms:GenerateDataKey or kms:Decrypt on KMS key "my-key"\)$/,
      kms,
    ],
    [
      'put denied for the key',
      { ...allowed, put: because('not authorized to perform: kms:GenerateDataKey on resource: arn') },
      's3:PutObject',
      'Denied',
      /^kms:GenerateDataKey on KMS key "my-key" denied for arn:.*s3:\/\/ml\/prod$/,
      kms,
    ],
    [
      'put denied for the bucket’s key',
      { ...allowed, put: because('not authorized to perform: kms:GenerateDataKey on resource: arn') },
      's3:PutObject',
      'Denied',
      /^kms:GenerateDataKey on the KMS key of the bucket/,
    ],
    [
      'the key is not there (MinIO)',
      { ...allowed, put: { status: 404, code: 'kms:KeyNotFound' } },
      's3:PutObject',
      'Denied',
      /KMS key "my-key": kms:KeyNotFound$/,
      kms,
    ],
    [
      'the key is disabled (AWS)',
      { ...allowed, put: { status: 400, code: 'KMS.DisabledException' } },
      's3:PutObject',
      'Denied',
      /KMS\.DisabledException$/,
      kms,
    ],
    ['put not probed', without('put', 'abort'), 's3:PutObject', 'Unknown', /writeProbe: None/, { writeProbe: 'None' }],
    [
      'abort not probed',
      without('abort'),
      's3:AbortMultipartUpload',
      'Unknown',
      /writeProbe: Object/,
      { writeProbe: 'Object' },
    ],
    [
      'delete with a condition that fails',
      { ...allowed, delete: { status: 412, code: 'PreconditionFailed' } },
      's3:DeleteObject',
      'Allowed',
    ],
    ['delete of nothing', { ...allowed, delete: { status: 404, code: 'NoSuchKey' } }, 's3:DeleteObject', 'Allowed'],
    ['delete denied', { ...allowed, delete: DENIED }, 's3:DeleteObject', 'Denied'],
    [
      'delete not probed: it would leave a marker',
      { ...without('delete'), deleteVersion: DENIED },
      's3:DeleteObject',
      'Unknown',
      /delete marker.*s3:DeleteObjectVersion/,
    ],
    [
      'delete not probed: not asked for',
      without('delete'),
      's3:DeleteObject',
      'Unknown',
      /writeProbe: None/,
      { writeProbe: 'None' },
    ],
    ['delete of versions denied', { ...allowed, deleteVersion: DENIED }, 's3:DeleteObjectVersion', 'Denied'],
    ['versioning denied', { ...allowed, versioning: DENIED }, 's3:GetBucketVersioning', 'Denied'],
    ['list of versions denied', { ...allowed, versions: DENIED }, 's3:ListBucketVersions', 'Denied'],
  ]
  for (const [name, answers, action, result, detail, change] of cases) {
    test(`an answer of a probe is judged: ${name}: ${action} ${result}`, () => {
      const found = conclude(answers, { required: [action], ...change }).permissions.find(
        permission => permission.action === action,
      )
      assert.equal(found?.result, result)
      if (result === 'Allowed') assert.equal(found?.detail, undefined)
      else assert.match(found?.detail ?? '', detail ?? /./)
    })
  }

  test('a probe leaves out versioning that may not be seen', () => {
    assert.equal('versioning' in conclude({ ...allowed, versioning: DENIED }).bucket, false)
  })

  const failures: [name: string, answers: ProbeAnswers, reason: string][] = [
    [
      'there is no bucket, though HEAD can’t say so',
      { ...allowed, list: { status: 404, code: 'NoSuchBucket' } },
      'BucketNotFound',
    ],
    [
      'there is no bucket, as only the write says',
      { ...allowed, list: DENIED, put: { status: 404, code: 'NoSuchBucket' } },
      'BucketNotFound',
    ],
    ['one call got no answer', { ...allowed, versions: { status: 0, code: 'ECONNRESET' } }, 'EndpointUnreachable'],
    ['HEAD got no answer', { ...allowed, head: { status: 0, code: 'ECONNRESET' } }, 'EndpointUnreachable'],
    ['one call is throttled', { ...allowed, delete: { status: 503, code: 'SlowDown' } }, 'Throttled'],
    [
      'the session has ended',
      { ...allowed, list: { status: 400, code: 'ExpiredToken' }, head: { status: 400 } },
      'SessionExpired',
    ],
  ]
  for (const [name, answers, reason] of failures) {
    test(`a bucket can’t be judged: ${name}`, () => {
      const result = concludeProbe(answers, request(), context)
      assert.ok(isFailure(result))
      assert.equal(result.reason, reason)
    })
  }
})
