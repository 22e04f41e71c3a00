import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { atAws, atMinio, WHO } from '../../../../test/support/s3-context.ts'
import { isFailure } from '../../../api/failures.ts'
import type { ProbeRequest } from '../../provider.ts'
import type { Answer } from '../answers/answer.ts'
import type { ProbeContext } from '../answers/judge.ts'
import { concludeExtra } from './conclude-extra.ts'
import { EXTRA_PERMISSIONS } from './extra-permissions.ts'
import type { ProbeAnswers } from './probe.ts'

const OK: Answer<never> = { status: 200 }
const DENIED: Answer<never> = { status: 403, code: 'AccessDenied' }

const AWS = atAws()
const MINIO = atMinio()

interface Circumstances {
  where?: ProbeContext
  /** Answers to the calls that list, which show other permissions. */
  lists?: Partial<Pick<ProbeAnswers, 'list' | 'versions'>>
  /** Default: the store requires the permission. */
  required?: string[]
}

const conclude = (
  action: string,
  answer: Answer | undefined,
  { where = AWS, lists = {}, required = [action] }: Circumstances = {},
) => {
  const extra = EXTRA_PERMISSIONS.find(permission => permission.action === action)
  assert.ok(extra)
  const answers: ProbeAnswers = {
    ...{ list: OK, head: { status: 404 }, versioning: OK, versions: OK, deleteVersion: OK },
    extras: new Map(answer ? [[action, answer]] : []),
    ...lists,
  }
  const request: ProbeRequest = {
    location: { bucket: 'ml', prefix: 'prod/', uri: 's3://ml/prod' },
    ...{ encryption: { type: 'None' }, writeProbe: 'Multipart', probeId: 'x', required },
  }
  return concludeExtra(extra, answers, request, where)
}

describe('concludeExtra', () => {
  const absent = (code: string): Answer => ({ status: 404, code })
  const shown: [action: string, allowed: Answer][] = [
    ['s3:GetBucketLocation', OK],
    ['s3:ListAllMyBuckets', OK],
    ['s3:ListBucketMultipartUploads', OK],
    ['s3:ListMultipartUploadParts', absent('NoSuchUpload')],
    ['s3:GetObjectVersion', { status: 404 }],
    ['s3:GetObjectAcl', absent('NoSuchKey')],
    ['s3:PutObjectAcl', absent('NoSuchKey')],
    ['s3:GetObjectVersionAcl', absent('NoSuchVersion')],
    ['s3:PutObjectVersionAcl', absent('NoSuchVersion')],
    ['cloudwatch:GetMetricData', OK],
    ['cloudwatch:ListMetrics', OK],
  ]
  for (const [action, allowed] of shown) {
    test(`the answer for ${action} shows whether it is allowed or denied`, () => {
      assert.deepEqual(conclude(action, allowed), { result: 'Allowed' })
      const judgement = conclude(action, DENIED)
      assert.ok(!isFailure(judgement))
      assert.equal(judgement.result, 'Denied')
      assert.match(judgement.detail ?? '', new RegExp(`^${action} denied (on s3://ml/prod )?for ${WHO}$`))
    })
  }

  test('the tests of extra permissions cover all of them', () =>
    assert.deepEqual(
      shown.map(([action]) => action),
      EXTRA_PERMISSIONS.map(({ action }) => action),
    ))

  const unknown: [name: string, judgement: () => ReturnType<typeof conclude>, detail: RegExp][] = [
    [
      'it was not asked for',
      () => conclude('s3:GetObjectVersion', undefined, { required: [] }),
      /^s3:GetObjectVersion: not probed: name it in spec\.verification\.require$/,
    ],
    [
      'ACLs at another service',
      () => conclude('s3:PutObjectAcl', undefined, { where: MINIO }),
      /^s3:PutObjectAcl: not probed: S3-compatible services check other permissions for ACLs/,
    ],
    [
      'CloudWatch at another service, even when not required',
      () => conclude('cloudwatch:ListMetrics', undefined, { where: MINIO, required: [] }),
      /^cloudwatch:ListMetrics: not probed: only AWS has CloudWatch$/,
    ],
    [
      'an absent version, without a list of keys',
      () => conclude('s3:GetObjectVersion', { status: 403 }, { lists: { list: DENIED } }),
      /without s3:ListBucket the service does not tell/,
    ],
    [
      'an absent version, without a list of versions',
      () => conclude('s3:GetObjectVersion', { status: 403 }, { lists: { versions: DENIED } }),
      /without s3:ListBucketVersions the service does not tell/,
    ],
    [
      'an absent key, without a list of keys',
      () => conclude('s3:GetObjectAcl', DENIED, { lists: { list: DENIED } }),
      /without s3:ListBucket the service does not tell/,
    ],
    [
      'a bucket without ACLs',
      () => conclude('s3:PutObjectAcl', { status: 400, code: 'AccessControlListNotSupported' }),
      /amazonaws\.com answered HTTP 400 AccessControlListNotSupported$/,
    ],
    [
      'the service is throttled, and nothing depends on it',
      () => conclude('s3:ListAllMyBuckets', { status: 503, code: 'SlowDown' }, { where: MINIO, required: [] }),
      /^s3:ListAllMyBuckets: minio:9000 asks for fewer requests/,
    ],
  ]
  for (const [name, judgement, detail] of unknown) {
    test(`an extra permission is unknown: ${name}`, () => {
      const found = judgement()
      assert.ok(!isFailure(found))
      assert.equal(found.result, 'Unknown')
      assert.match(found.detail ?? '', detail)
    })
  }

  test('the right to list keys is enough to judge a key, without that to list versions', () => {
    const judgement = conclude('s3:GetObjectAcl', DENIED, { lists: { versions: DENIED } })
    assert.ok(!isFailure(judgement))
    assert.equal(judgement.result, 'Denied')
  })

  test('a store that requires an extra permission waits for an answer', () => {
    const failure = conclude('s3:ListAllMyBuckets', { status: 503, code: 'SlowDown' })
    assert.ok(isFailure(failure))
    assert.deepEqual([failure.intent, failure.reason], ['transient', 'Throttled'])
  })

  test('a failure of CloudWatch names CloudWatch, not S3', () => {
    const failure = conclude('cloudwatch:ListMetrics', { status: 0, code: 'ECONNREFUSED' })
    assert.ok(isFailure(failure))
    assert.match(failure.message, /^monitoring\.eu-west-1\.amazonaws\.com /)
  })
})
