import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { Answer } from '../answers/answer.ts'
import type { ProbeKey } from '../calls/call.ts'
import type { CloudWatchCalls } from '../calls/cloudwatch-calls.ts'
import { BucketMemory } from './bucket-memory.ts'
import { type Asking, askExtras } from './extra-permissions.ts'
import { ProbedKeys } from './probed-keys.ts'

/** Permissions that one call shows for all stores of a session. */
const SHARED = ['s3:GetBucketLocation', 's3:ListAllMyBuckets', 's3:ListBucketMultipartUploads']
const EXTRAS = [
  ...SHARED,
  ...['s3:ListMultipartUploadParts', 's3:GetObjectVersion', 's3:GetObjectAcl', 's3:PutObjectAcl'],
  ...['s3:GetObjectVersionAcl', 's3:PutObjectVersionAcl', 'cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'],
]

describe('askExtras', () => {
  let called: string[]
  let answer: Answer
  let memory: BucketMemory

  beforeEach(() => {
    called = []
    answer = { status: 200 }
    memory = new BucketMemory({
      calls: { versioning: () => Promise.reject(new Error('not asked')) },
      monotonic: () => 0,
      probed: { keys: new ProbedKeys(), identity: { fingerprint: 'i', connector: 'ml/minio' } },
    })
  })

  const note = async (call: string): Promise<Answer<never>> => {
    called.push(call)
    return answer as Answer<never>
  }
  const nameOf = ({ bucket, key }: ProbeKey) => `${bucket}/${key}`
  const calls: Asking['calls'] = {
    location: bucket => note(`location ${bucket}`),
    listBuckets: () => note('listBuckets'),
    listUploads: key => note(`listUploads ${nameOf(key)}`),
    headVersion: (key, id) => note(`headVersion ${nameOf(key)} ${id}`),
    listParts: (key, id) => note(`listParts ${nameOf(key)} ${id}`),
    getAcl: (key, id) => note(`getAcl ${nameOf(key)} ${id}`),
    putAcl: (key, id) => note(`putAcl ${nameOf(key)} ${id}`),
  }
  const cloudWatch: CloudWatchCalls = {
    storageTypes: bucket => note(`storageTypes ${bucket}`),
    newest: bucket => note(`newest ${bucket}`),
  }
  const asking = (change: Partial<Asking> = {}): Asking => ({
    ...{ calls, memory, cloudWatch, required: [], signal: new AbortController().signal },
    absent: { bucket: 'ml', key: 'prod/absent' },
    ...change,
  })
  const ask = async (change?: Partial<Asking>) => [...(await askExtras(asking(change))).keys()].sort()

  test('a permission is asked for only where it is required', async () => {
    assert.deepEqual(await ask(), [])
    assert.deepEqual(called, [])
    assert.deepEqual(await ask({ required: EXTRAS }), EXTRAS.toSorted())
    assert.deepEqual(called.toSorted(), [
      'getAcl ml/prod/absent null',
      'getAcl ml/prod/absent undefined',
      'headVersion ml/prod/absent null',
      'listBuckets',
      'listParts ml/prod/absent none',
      'listUploads ml/prod/absent',
      'location ml',
      'newest ml',
      'putAcl ml/prod/absent null',
      'putAcl ml/prod/absent undefined',
      'storageTypes ml',
    ])
  })

  test('a service other than AWS is not asked for ACLs and CloudWatch', async () => {
    const expected = [...SHARED, 's3:ListMultipartUploadParts', 's3:GetObjectVersion'].sort()
    assert.deepEqual(await ask({ required: EXTRAS, cloudWatch: undefined }), expected)
  })

  test('for another bucket the service is asked about the bucket, not again about the account', async () => {
    await ask({ required: SHARED })
    called = []
    await ask({ required: SHARED, absent: { bucket: 'other', key: 'absent' } })
    assert.deepEqual(called.toSorted(), ['listUploads other/absent', 'location other'])
  })

  for (const [name, refusal] of [
    ['a refused permission', { status: 403, code: 'AccessDenied' }],
    ['a permission of a service in trouble', { status: 503, code: 'SlowDown' }],
  ] as const) {
    test(`${name} is asked for again`, async () => {
      answer = refusal
      for (let look = 0; look < 3; look++) await ask({ required: ['s3:ListAllMyBuckets'] })
      assert.equal(called.filter(call => call === 'listBuckets').length, 3)
    })
  }

  test('an allowed permission is asked for once a session', async () => {
    for (let look = 0; look < 3; look++) await ask({ required: ['s3:ListAllMyBuckets', 'cloudwatch:ListMetrics'] })
    assert.equal(called.filter(call => call === 'listBuckets').length, 1)
    assert.equal(called.filter(call => call === 'storageTypes ml').length, 1)
  })
})
