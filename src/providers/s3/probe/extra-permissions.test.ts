import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { Answer } from '../answers/answer.ts'
import type { ProbeKey } from '../calls/call.ts'
import type { CloudWatchCalls } from '../calls/cloudwatch-calls.ts'
import { BucketMemory } from './bucket-memory.ts'
import { type Asking, askExtras } from './extra-permissions.ts'
import { ProbedKeys } from './probed-keys.ts'

const SHARED = ['s3:GetBucketLocation', 's3:ListAllMyBuckets', 's3:ListBucketMultipartUploads']
const COSTLY = [
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
      probed: { keys: new ProbedKeys(), identity: 'i' },
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

  test('a permission that costs each store a call is asked for only where it is required', async () => {
    assert.deepEqual(await ask(), [...SHARED].sort())
    assert.deepEqual(called.toSorted(), ['listBuckets', 'listUploads ml/prod/absent', 'location ml'])
    called = []
    assert.deepEqual(await ask({ required: COSTLY }), [...SHARED, ...COSTLY].sort())
    assert.deepEqual(called.toSorted(), [
      'getAcl ml/prod/absent null',
      'getAcl ml/prod/absent undefined',
      'headVersion ml/prod/absent null',
      'listParts ml/prod/absent none',
      'newest ml',
      'putAcl ml/prod/absent null',
      'putAcl ml/prod/absent undefined',
      'storageTypes ml',
    ])
  })

  test('a service other than AWS is not asked for ACLs and CloudWatch', async () => {
    const expected = [...SHARED, 's3:ListMultipartUploadParts', 's3:GetObjectVersion'].sort()
    assert.deepEqual(await ask({ required: COSTLY, cloudWatch: undefined }), expected)
  })

  test('for another bucket the service is asked about the bucket, not again about the account', async () => {
    await ask()
    called = []
    await ask({ absent: { bucket: 'other', key: 'absent' } })
    assert.deepEqual(called.toSorted(), ['listUploads other/absent', 'location other'])
  })

  const refusals: [name: string, required: string[], times: number][] = [
    ['is kept where it is only shown', [], 1],
    ['is asked about again where it is required', ['s3:ListAllMyBuckets'], 3],
  ]
  for (const [name, required, times] of refusals) {
    test(`a refused permission ${name}`, async () => {
      answer = { status: 403, code: 'AccessDenied' }
      for (let look = 0; look < 3; look++) await ask({ required })
      assert.equal(called.filter(call => call === 'listBuckets').length, times)
    })
  }

  test('an allowed permission is not asked for again, even where it is required', async () => {
    for (let look = 0; look < 3; look++) await ask({ required: ['s3:ListAllMyBuckets', 'cloudwatch:ListMetrics'] })
    assert.equal(called.filter(call => call === 'listBuckets').length, 1)
    assert.equal(called.filter(call => call === 'storageTypes ml').length, 1)
  })

  test('an answer of a service in trouble is not remembered', async () => {
    answer = { status: 503, code: 'SlowDown' }
    for (let look = 0; look < 2; look++) await ask()
    assert.equal(called.filter(call => call === 'listBuckets').length, 2)
  })
})
