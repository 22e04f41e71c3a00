import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { atMinio, WHO } from '../../../../test/support/s3-context.ts'
import { isFailure } from '../../../api/failures.ts'
import type { ListedPage } from '../../count-pages.ts'
import type { UsageRequest } from '../../provider.ts'
import type { Answer } from '../answers/answer.ts'
import { measureByListing } from './by-listing.ts'

const location = { bucket: 'ml', prefix: 'prod/', uri: 's3://ml/prod' }
const signal = new AbortController().signal

/** A bucket of keys `0000`, `0001`, ... of 10 bytes each, with ten keys in a page. */
function bucketOf(keys: number) {
  const asked: (string | undefined)[] = []
  const objectPage = async (_bucket: string, _prefix: string, after?: string): Promise<Answer<ListedPage>> => {
    asked.push(after)
    const start = after === undefined ? 0 : Number(after) + 1
    const objects = Math.min(10, keys - start)
    const last = `${start + objects - 1}`.padStart(4, '0')
    const next = start + objects < keys ? { next: last } : {}
    return { status: 200, value: { objects, bytes: objects * 10, ...next } }
  }
  return { asked, objectPage }
}

const measure = (calls: Pick<ReturnType<typeof bucketOf>, 'objectPage'>, change: Partial<UsageRequest> = {}) =>
  measureByListing(calls, { location, source: 'List', ...change }, atMinio(), signal)

describe('measureByListing', () => {
  test('a measurement by listing sums up pages', async () => {
    const bucket = bucketOf(25)
    assert.deepEqual(await measure(bucket), { kind: 'usage', objects: 25, bytes: 250, scope: 'Prefix' })
    assert.deepEqual(bucket.asked, [undefined, '0009', '0019'])
  })

  test('a measurement by listing of an empty prefix is 0', async () => {
    assert.deepEqual(await measure(bucketOf(0)), { kind: 'usage', objects: 0, bytes: 0, scope: 'Prefix' })
  })

  test('a measurement by listing without a prefix is of the whole bucket', async () => {
    const usage = await measure(bucketOf(1), { location: { ...location, prefix: '' } })
    assert.ok(!isFailure(usage))
    assert.equal(usage.scope, 'Bucket')
  })

  test('a measurement by listing stops after 20 pages, and goes on from there', async () => {
    const bucket = bucketOf(455)
    let usage = await measure(bucket)
    const pages: number[] = [bucket.asked.length]
    while (!isFailure(usage) && usage.progress) {
      assert.deepEqual(usage.progress, { objects: usage.objects, bytes: usage.bytes, after: usage.progress.after })
      usage = await measure(bucket, { progress: usage.progress })
      pages.push(bucket.asked.length)
    }
    assert.deepEqual(usage, { kind: 'usage', objects: 455, bytes: 4550, scope: 'Prefix' })
    assert.deepEqual(pages, [20, 40, 46])
  })

  test('a measurement by listing keeps what was counted before trouble', async () => {
    const bucket = bucketOf(100)
    const objectPage: typeof bucket.objectPage = async (...asked) =>
      bucket.asked.length === 3 ? { status: 503, code: 'SlowDown' } : bucket.objectPage(...asked)
    const usage = await measure({ objectPage })
    assert.ok(!isFailure(usage))
    assert.deepEqual(usage.progress, { objects: 30, bytes: 300, after: '0029' })
    const again = await measure(
      { objectPage: async () => ({ status: 503, code: 'SlowDown' }) },
      { progress: usage.progress },
    )
    assert.ok(isFailure(again))
    assert.equal(again.reason, 'Throttled')
  })

  const failures: [name: string, answer: Answer<ListedPage>, intent: string, reason: string, message: RegExp][] = [
    [
      'the list is denied',
      { status: 403, code: 'AccessDenied' },
      'stalled',
      'PermissionDenied',
      new RegExp(`^s3:ListBucket denied on s3://ml/prod for ${WHO}: allow it .*, or set spec.usage.source: None$`),
    ],
    ['there is no bucket', { status: 404, code: 'NoSuchBucket' }, 'stalled', 'BucketNotFound', /"ml"/],
    ['no answer came', { status: 0, code: 'ECONNRESET' }, 'transient', 'EndpointUnreachable', /minio:9000/],
    [
      'the service does not know the call',
      { status: 501, code: 'NotImplemented' },
      'stalled',
      'ListingFailed',
      /HTTP 501 NotImplemented/,
    ],
  ]
  for (const [name, answer, intent, reason, message] of failures) {
    test(`a measurement by listing fails: ${name}`, async () => {
      const result = await measure({ objectPage: async () => answer })
      assert.ok(isFailure(result))
      assert.deepEqual([result.intent, result.reason], [intent, reason])
      assert.match(result.message, message)
    })
  }
})
