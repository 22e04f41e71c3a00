import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { atAws, atMinio, WHO } from '../../../../test/support/s3-context.ts'
import { isFailure } from '../../../api/failures.ts'
import type { BucketRequest } from '../../provider.ts'
import type { Answer } from '../answers/answer.ts'
import type { ProbeContext } from '../answers/judge.ts'
import type { BucketCalls, LifecycleDocument } from '../calls/bucket-calls.ts'
import type { Versioning } from '../calls/call.ts'
import { prepareBucket } from './bucket.ts'

const OK: Answer<never> = { status: 200 }
const DENIED: Answer<never> = { status: 403, code: 'AccessDenied' }
const NO_BUCKET: Answer<never> = { status: 404, code: 'NoSuchBucket' }

/** A service with one bucket at most. */
class FakeService implements BucketCalls {
  readonly calls: string[] = []
  bucket: { region?: string; owner: string; versioning: Versioning } | undefined
  /** Answers to give instead, by operation. */
  readonly answers: Record<string, Answer<never>> = {}

  async #call<T>(call: string, run: () => Answer<T>): Promise<Answer<T>> {
    this.calls.push(call)
    return this.answers[call.split(' ')[0] ?? ''] ?? run()
  }

  headBucket = (_bucket: string, owner: string | undefined) =>
    this.#call(owner ? `headBucket ${owner}` : 'headBucket', () => {
      if (!this.bucket) return { status: 404 }
      if (owner && owner !== this.bucket.owner) return { status: 403 }
      return { status: 200, value: this.bucket.region ? { region: this.bucket.region } : {} }
    })
  createBucket = (_bucket: string, region: string | undefined) =>
    this.#call(`createBucket ${region ?? 'anywhere'}`, () => {
      this.bucket = { owner: '123456789012', versioning: 'Disabled' }
      return OK
    })
  versioning = () =>
    this.#call('versioning', () => (this.bucket ? { status: 200, value: this.bucket.versioning } : NO_BUCKET))
  putVersioning = (_bucket: string, status: 'Enabled' | 'Suspended') =>
    this.#call(`putVersioning ${status}`, () => {
      if (this.bucket) this.bucket.versioning = status
      return OK
    })
  lifecycle = () =>
    this.#call<LifecycleDocument>('lifecycle', () => ({ status: 404, code: 'NoSuchLifecycleConfiguration' }))
  putLifecycle = () => this.#call('putLifecycle', () => OK)
  deleteLifecycle = () => this.#call('deleteLifecycle', () => OK)
}

const request = (change: Partial<BucketRequest> = {}): BucketRequest => ({
  location: { bucket: 'ml', prefix: 'prod/', uri: 's3://ml/prod' },
  ...{ create: false, ruleId: 'rule' },
  ...change,
})

describe('prepareBucket', () => {
  let service: FakeService
  let forgotten: string[]
  beforeEach(() => {
    service = new FakeService()
    forgotten = []
  })

  const prepare = (change: Partial<BucketRequest>, context: ProbeContext = atAws()) => {
    const memory = { forget: (bucket: string) => forgotten.push(bucket), unseen: () => undefined }
    const { signal } = new AbortController()
    return prepareBucket({ calls: service, request: request(change), context, signal }, memory)
  }
  const exists = (change: Partial<NonNullable<FakeService['bucket']>> = {}) => {
    service.bucket = { owner: '123456789012', versioning: 'Disabled', ...change }
  }

  type Setup = () => void
  type Expected = { changes: string[] } | { reason: string; intent?: string; message?: RegExp }
  const cases: [
    name: string,
    change: Partial<BucketRequest>,
    setup: Setup,
    expected: Expected,
    context?: ProbeContext,
  ][] = [
    ['creates what is missing', { create: true }, () => undefined, { changes: ['created the bucket'] }],
    ['leaves what is there', { create: true }, () => exists(), { changes: [] }],
    ['creates nothing unasked', { region: 'eu-west-1' }, () => undefined, { reason: 'BucketNotFound' }],
    [
      'somebody else has created it meanwhile, in the same account',
      { create: true },
      () => Object.assign(service.answers, { createBucket: { status: 409, code: 'BucketAlreadyOwnedByYou' } }),
      { changes: [] },
    ],
    [
      'the name is taken',
      { create: true },
      () => Object.assign(service.answers, { createBucket: { status: 409, code: 'BucketAlreadyExists' } }),
      { reason: 'BucketNameTaken', message: /^bucket "ml" belongs to another account: choose another name/ },
    ],
    [
      'the name is taken, and the bucket is shared with us',
      { create: true },
      () => exists({ owner: '999999999999' }),
      { reason: 'BucketNameTaken' },
    ],
    [
      'the key is refused, which HEAD has no words for',
      { create: true },
      () =>
        Object.assign(service.answers, {
          headBucket: { status: 403 },
          versioning: { status: 403, code: 'InvalidAccessKeyId' },
        }),
      { reason: 'CredentialsRejected' },
    ],
    [
      'a bucket that nobody asked to create may belong to anybody',
      { versioning: 'Enabled' },
      () => exists({ owner: '999999999999', versioning: 'Enabled' }),
      { changes: [] },
    ],
    [
      'the account may have no more buckets',
      { create: true },
      () => Object.assign(service.answers, { createBucket: { status: 400, code: 'TooManyBuckets' } }),
      { reason: 'BucketQuotaExceeded' },
    ],
    [
      'the identity may not create it',
      { create: true },
      () => Object.assign(service.answers, { createBucket: DENIED }),
      {
        reason: 'PermissionDenied',
        message: new RegExp(
          `^s3:CreateBucket denied on s3://ml for ${WHO}: allow it .*, or remove spec.bucket.create$`,
        ),
      },
    ],
    [
      'somebody else changes it at the same time',
      { create: true },
      () => Object.assign(service.answers, { createBucket: { status: 409, code: 'OperationAborted' } }),
      { reason: 'BucketBusy', intent: 'transient' },
    ],
    [
      'AWS hides nothing: a bucket that may not be seen is there',
      { create: true },
      () => Object.assign(service.answers, { headBucket: { status: 403 } }),
      { reason: 'BucketNameTaken', message: /exists, and either belongs to another account or may not be seen/ },
    ],
    [
      'a store that does not want to create it need not be able to see it',
      { region: 'eu-west-1' },
      () => Object.assign(service.answers, { headBucket: { status: 403 } }),
      { changes: [] },
    ],
    [
      'elsewhere, a bucket that may not be seen may be missing',
      { create: true },
      () => Object.assign(service.answers, { headBucket: { status: 403 } }),
      { changes: ['created the bucket'] },
      atMinio(),
    ],
    [
      'elsewhere, without the right to see or create it, the probe tells what is wrong',
      { create: true },
      () => Object.assign(service.answers, { headBucket: { status: 403 }, createBucket: DENIED }),
      { changes: [] },
      atMinio(),
    ],
    [
      'it is in another region than asked for',
      { region: 'eu-west-1' },
      () => exists({ region: 'us-west-2' }),
      { reason: 'WrongRegion', message: /in region "us-west-2", not in "eu-west-1"/ },
    ],
    [
      'it is in another region, as a refusal says',
      { create: true, region: 'eu-west-1' },
      () => Object.assign(service.answers, { headBucket: { status: 301, region: 'us-west-2' } }),
      { reason: 'WrongRegion', message: /in region "us-west-2", not in "eu-west-1"/ },
    ],
    ['it is in the region asked for', { region: 'eu-west-1' }, () => exists({ region: 'eu-west-1' }), { changes: [] }],
    [
      'it is asked for in a region that the session is not in',
      { create: true, region: 'us-west-2' },
      () => undefined,
      { reason: 'WrongRegion' },
    ],
    [
      'it is asked for in a region that the service does not have',
      { create: true, region: 'mars-1' },
      () => Object.assign(service.answers, { createBucket: { status: 400, code: 'InvalidLocationConstraint' } }),
      { reason: 'InvalidRegion', message: /^minio:9000 creates no bucket in region "mars-1"/ },
      atMinio(),
    ],
    [
      'the service can’t be reached',
      { create: true },
      () => Object.assign(service.answers, { headBucket: { status: 0, code: 'ECONNREFUSED' } }),
      { reason: 'EndpointUnreachable', intent: 'transient' },
    ],
    ['turns versioning on', { versioning: 'Enabled' }, () => exists(), { changes: ['enabled versioning'] }],
    [
      'suspends versioning',
      { versioning: 'Suspended' },
      () => exists({ versioning: 'Enabled' }),
      { changes: ['suspended versioning'] },
    ],
    ['versioning is as asked for', { versioning: 'Enabled' }, () => exists({ versioning: 'Enabled' }), { changes: [] }],
    [
      'the identity may not change versioning',
      { versioning: 'Enabled' },
      () => {
        exists()
        service.answers['putVersioning'] = DENIED
      },
      { reason: 'PermissionDenied', message: /^s3:PutBucketVersioning denied on s3:\/\/ml / },
    ],
    [
      'the identity may not see versioning',
      { versioning: 'Enabled' },
      () => {
        exists()
        service.answers['versioning'] = DENIED
      },
      { reason: 'PermissionDenied', message: /^s3:GetBucketVersioning denied on s3:\/\/ml / },
    ],
    [
      'object lock forbids to suspend versioning',
      { versioning: 'Suspended' },
      () => {
        exists({ versioning: 'Enabled' })
        service.answers['putVersioning'] = { status: 409, code: 'InvalidBucketState' }
      },
      { reason: 'BucketChangeRefused', intent: 'stalled', message: /HTTP 409 InvalidBucketState/ },
    ],
    ['there is no bucket to change', { versioning: 'Enabled' }, () => undefined, { reason: 'BucketNotFound' }],
    [
      'a new bucket is not known everywhere at once',
      { create: true, versioning: 'Enabled' },
      () => Object.assign(service.answers, { versioning: NO_BUCKET }),
      { reason: 'BucketNotReady', intent: 'transient' },
    ],
  ]
  for (const [name, change, setup, expected, context] of cases) {
    test(`preparing a bucket: ${name}`, async () => {
      setup()
      const result = await prepare(change, context)
      if ('changes' in expected) {
        assert.deepEqual(result, { kind: 'prepared', changes: expected.changes })
        return
      }
      assert.ok(isFailure(result), JSON.stringify(result))
      assert.deepEqual([result.reason, result.intent], [expected.reason, expected.intent ?? 'stalled'])
      assert.match(result.message, expected.message ?? /./)
    })
  }

  const isCreate = (call: string) => call.startsWith('createBucket')
  const locations: [name: string, context: ProbeContext, region: string | undefined, asked: string][] = [
    ['AWS, the oldest region', atAws('us-east-1'), undefined, 'anywhere'],
    ['AWS, any other', atAws('eu-west-1'), undefined, 'eu-west-1'],
    ['another service, by default', atMinio(), undefined, 'anywhere'],
    ['another service, as asked', atMinio(), 'eu-1', 'eu-1'],
    ['another service, as the connector', atMinio('eu-1'), undefined, 'eu-1'],
  ]
  for (const [name, context, region, asked] of locations) {
    test(`a bucket is created in region ${asked}: ${name}`, async () => {
      await prepare({ create: true, ...(region ? { region } : {}) }, context)
      assert.deepEqual(service.calls.filter(isCreate), [`createBucket ${asked}`])
    })
  }

  test('a service that does not know the connector’s region decides where to create a bucket', async () => {
    service.createBucket = async (_bucket, region) => {
      service.calls.push(`createBucket ${region ?? 'anywhere'}`)
      return region ? { status: 400, code: 'InvalidRegion' } : OK
    }
    const result = await prepare({ create: true }, atMinio('home'))
    assert.deepEqual(result, { kind: 'prepared', changes: ['created the bucket'] })
    assert.deepEqual(service.calls.filter(isCreate), ['createBucket home', 'createBucket anywhere'])
  })

  test('when a bucket is as asked for, each part of it is looked at once, and nothing is written', async () => {
    exists({ versioning: 'Enabled', region: 'eu-west-1' })
    await prepare({ create: true, region: 'eu-west-1', versioning: 'Enabled' })
    assert.deepEqual(service.calls, ['headBucket 123456789012', 'versioning', 'lifecycle'])
    assert.deepEqual(forgotten, [])
  })

  test('the session forgets the versioning of a bucket when it changes', async () => {
    exists()
    await prepare({ versioning: 'Enabled' })
    assert.deepEqual(forgotten, ['ml'])
  })
})
