import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { atAws, WHO } from '../../../../test/support/s3-context.ts'
import { isFailure } from '../../../api/failures.ts'
import type { Answer } from '../answers/answer.ts'
import type { BucketPage } from '../calls/listing-calls.ts'
import { listResources } from './resources.ts'

const DENIED: Answer<never> = { status: 403, code: 'AccessDenied' }
const signal = new AbortController().signal

/** A service with pages by the token that asks for them; the token of the first is `''`. */
function service(pages: Record<string, BucketPage> | Answer<never>, buckets: Record<string, Answer> = {}) {
  const looked: string[] = []
  let atOnce = 0
  let mostAtOnce = 0
  return {
    looked,
    mostAtOnce: () => mostAtOnce,
    async listBuckets(_signal?: AbortSignal, page = ''): Promise<Answer<BucketPage>> {
      if ('status' in pages) return pages as Answer<never>
      const value = pages[page]
      assert.ok(value, `page ${page}`)
      return { status: 200, value }
    },
    async listObjects(bucket: string): Promise<Answer> {
      looked.push(bucket)
      mostAtOnce = Math.max(mostAtOnce, ++atOnce)
      await Promise.resolve()
      atOnce--
      return buckets[bucket] ?? DENIED
    },
  }
}

const list = (calls: ReturnType<typeof service>, patterns: string[] = [], max = 100) =>
  listResources(calls, { patterns, max }, atAws(), signal)

describe('listResources', () => {
  const pages = {
    '': { buckets: [{ name: 'ml-b', region: 'eu-west-1' }, { name: 'web' }], next: '2' },
    2: { buckets: [{ name: 'ml-a' }] },
  }

  test('a list of buckets has those of all pages, sorted', async () => {
    assert.deepEqual(await list(service(pages)), {
      kind: 'resources',
      resources: [{ uri: 's3://ml-a' }, { uri: 's3://ml-b', region: 'eu-west-1' }, { uri: 's3://web' }],
      truncated: false,
    })
  })

  test('a list of buckets has only those that match a pattern of the connector', async () => {
    const found = await list(service(pages), ['s3://ml-*', 's3://other'])
    assert.ok(!isFailure(found))
    assert.deepEqual(
      found.resources.map(({ uri }) => uri),
      ['s3://ml-a', 's3://ml-b'],
    )
  })

  test('a list of buckets has no more than were asked for, and says so', async () => {
    const found = await list(service(pages), [], 2)
    assert.ok(!isFailure(found))
    assert.deepEqual([found.resources.map(({ uri }) => uri), found.truncated], [['s3://ml-a', 's3://ml-b'], true])
    const exact = await list(service(pages), [], 3)
    assert.ok(!isFailure(exact) && !exact.truncated)
  })

  test('a list of buckets ends although the pages of the service never do', async () => {
    const ever = service({ '': { buckets: [{ name: 'a' }], next: '1' } })
    let asked = 0
    const page = async () => ({ status: 200, value: { buckets: [{ name: 'a' }], next: `${++asked}` } })
    const found = await list(Object.assign(ever, { listBuckets: page }))
    assert.deepEqual(found, { kind: 'resources', resources: [{ uri: 's3://a' }], truncated: true })
  })

  test('a list of buckets whose pages lead to themselves is refused, or made of the named buckets', async () => {
    const pages = { '': { buckets: [{ name: 'a' }], next: 'n' }, n: { buckets: [], next: 'n' } }
    const found = await list(service(pages))
    assert.ok(isFailure(found))
    assert.match(found.message, /lists its buckets without end: .* spec\.resources$/)
    const named = await list(service(pages, { b: { status: 200 } }), ['s3://b'])
    assert.deepEqual(named, { kind: 'resources', resources: [{ uri: 's3://b' }], truncated: false })
  })

  test('without the right to list all, the named buckets are asked about, a few at once', async () => {
    const names = Array.from({ length: 20 }, (_, n) => `ml-${`${n}`.padStart(2, '0')}`)
    const gone = { status: 404, code: 'NoSuchBucket' }
    const calls = service(DENIED, { ...Object.fromEntries(names.map(name => [name, { status: 200 }])), gone })
    const uris = [...names, 'gone', 'denied'].map(name => `s3://${name}`)
    const found = await list(calls, [...uris.toReversed(), 's3://other-*'])
    assert.deepEqual(found, {
      kind: 'resources',
      resources: names.map(name => ({ uri: `s3://${name}` })),
      truncated: false,
    })
    assert.equal(calls.looked.length, uris.length)
    assert.equal(calls.mostAtOnce(), 4)
  })

  const failures: [
    name: string,
    calls: ReturnType<typeof service>,
    patterns: string[],
    reason: string,
    message: RegExp,
  ][] = [
    [
      'it is denied, and the connector names no bucket',
      service(DENIED),
      ['s3://ml-*'],
      'PermissionDenied',
      new RegExp(`^s3:ListAllMyBuckets denied for ${WHO}: allow it .*, or name buckets without "\\*"`),
    ],
    ['the service is throttled', service({ status: 503, code: 'SlowDown' }), [], 'Throttled', /amazonaws/],
    [
      'the service does not know the call',
      service({ status: 501, code: 'NotImplemented' }),
      [],
      'ListingFailed',
      /HTTP 501/,
    ],
    [
      'no answer came for a named bucket',
      service(DENIED, { a: { status: 200 }, b: { status: 0, code: 'ECONNRESET' } }),
      ['s3://a', 's3://b'],
      'EndpointUnreachable',
      /amazonaws/,
    ],
    [
      'the key is refused at a named bucket',
      service(DENIED, { a: { status: 403, code: 'InvalidAccessKeyId' } }),
      ['s3://a'],
      'CredentialsRejected',
      /ml\/key/,
    ],
  ]
  for (const [name, calls, patterns, reason, message] of failures) {
    test(`a list of buckets fails: ${name}`, async () => {
      const failure = await list(calls, patterns)
      assert.ok(isFailure(failure))
      assert.equal(failure.reason, reason)
      assert.match(failure.message, message)
    })
  }
})
