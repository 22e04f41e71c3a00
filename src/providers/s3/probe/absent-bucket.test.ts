import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeBucket } from '../../../../test/support/clouds/fake-bucket.ts'
import { atMinio } from '../../../../test/support/s3-context.ts'
import type { ProbeRequest } from '../../provider.ts'
import { BucketMemory } from './bucket-memory.ts'
import { concludeProbe } from './conclude.ts'
import { probe } from './probe.ts'
import { ProbedKeys } from './probed-keys.ts'

const none = new AbortController().signal
const request = (writeProbe: ProbeRequest['writeProbe']): ProbeRequest => ({
  location: { bucket: 'ml', prefix: 'prod/', uri: 's3://ml/prod' },
  encryption: { type: 'None' },
  writeProbe,
  probeId: 'uid',
  required: [],
})

/** Calls that are refused to identities: a service may tell them in other ways that the bucket is absent. */
const identities: [who: string, denied: string[]][] = [
  ['an identity that may do everything', []],
  ['one that may not list', ['listObjects', 'listVersions']],
  [
    'one that may only read and write objects',
    ['listObjects', 'listVersions', 'versioning', 'listUploads', 'location'],
  ],
]

describe('a bucket that is absent, at a service that creates buckets for writers', () => {
  for (const [who, denied] of identities) {
    for (const writeProbe of ['Multipart', 'Object', 'None'] as const) {
      test(`is not created by a probe of ${who} with writeProbe ${writeProbe}, and is said to be absent`, async () => {
        const bucket = new FakeBucket()
        bucket.absent = true
        for (const call of denied) bucket.denied.add(call)
        const memory = memoryOf(bucket)
        const answers = await probe({ calls: bucket, memory }, request(writeProbe), none)
        assert.equal(bucket.absent, true)
        assert.deepEqual(
          bucket.calls.filter(call => /^(create|put|delete|abort)/.test(call)),
          [],
        )
        const found = concludeProbe(answers, request(writeProbe), atMinio())
        assert.equal('reason' in found && found.reason, 'BucketNotFound')
      })
    }
  }

  test('is asked for again by each probe: it may have been deleted since the last one', async () => {
    const bucket = new FakeBucket()
    const memory = memoryOf(bucket)
    await probe({ calls: bucket, memory }, request('Multipart'), none)
    bucket.absent = true
    await probe({ calls: bucket, memory }, request('Multipart'), none)
    assert.equal(bucket.absent, true)
  })
})

test('a probe of an identity that may not list, in a bucket that is there, tries to write all the same', async () => {
  const bucket = new FakeBucket()
  for (const call of ['listObjects', 'versioning', 'headBucket']) bucket.denied.add(call)
  const { put } = await probe({ calls: bucket, memory: memoryOf(bucket) }, request('Multipart'), none)
  assert.equal(put?.status, 200)
})

test('a probe asks no more of a service that fails to list', async () => {
  const bucket = new FakeBucket()
  bucket.listObjects = async () => ({ status: 503 })
  await probe({ calls: bucket, memory: memoryOf(bucket) }, request('Object'), none)
  assert.deepEqual(
    bucket.calls.filter(call => /^(create|put|delete|abort)/.test(call)),
    [],
  )
})

const memoryOf = (calls: FakeBucket) =>
  new BucketMemory({
    calls,
    monotonic: () => 0,
    probed: { keys: new ProbedKeys(), identity: { fingerprint: 'i', connector: 'ml/minio' } },
  })
