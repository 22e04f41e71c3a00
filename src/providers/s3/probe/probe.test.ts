import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { FakeBucket } from '../../../../test/support/clouds/fake-bucket.ts'
import { atMinio } from '../../../../test/support/s3-context.ts'
import { isFailure } from '../../../api/failures.ts'
import type { ProbeRequest } from '../../provider.ts'
import { BucketMemory } from './bucket-memory.ts'
import { concludeProbe } from './conclude.ts'
import { probe } from './probe.ts'
import { ProbedKeys } from './probed-keys.ts'

const KEY = 'prod/.artifactstore-probe-uid'
const SHARED = ['s3:GetBucketLocation', 's3:ListAllMyBuckets', 's3:ListBucketMultipartUploads']
const request = (change: Partial<ProbeRequest> = {}): ProbeRequest => ({
  location: { bucket: 'ml', prefix: 'prod/', uri: 's3://ml/prod' },
  encryption: { type: 'None' },
  writeProbe: 'Multipart',
  probeId: 'uid',
  required: [],
  ...change,
})

describe('probe', () => {
  let bucket: FakeBucket
  let memory: BucketMemory
  let now: number
  const none = new AbortController().signal

  beforeEach(() => {
    bucket = new FakeBucket()
    now = 0
    memory = newMemory()
  })

  const newMemory = (keys = new ProbedKeys()) =>
    new BucketMemory({
      calls: bucket,
      monotonic: () => now,
      probed: { keys, identity: { fingerprint: 'i', connector: 'ml/minio' } },
    })
  const look = (change?: Partial<ProbeRequest>) => {
    bucket.calls.length = 0
    return probe({ calls: bucket, memory }, request(change), none)
  }
  const calledSorted = () => [...bucket.calls].sort()

  test('a probe asks for an object that is there when the service does not say that one is absent', async () => {
    bucket.hidesAbsent = true
    const hidden = await look()
    assert.deepEqual([hidden.head.status, hidden.headOfObject], [403, undefined])
    bucket.objects = ['prod/a']
    const there = await look()
    assert.deepEqual([there.head.status, there.headOfObject], [200, true])
    bucket.denied.add('headObject')
    const denied = await look()
    assert.deepEqual([denied.head.status, denied.headOfObject], [403, undefined])
    bucket.denied.delete('headObject')
    bucket.denied.add('listObjects')
    assert.equal((await look()).head.status, 403)
  })

  test('a probe does not ask AWS for an object that is there: others may still not be readable', async () => {
    bucket.hidesAbsent = true
    bucket.objects = ['prod/public/a']
    const unasked = async () => ({ status: 500 })
    const aws = await probe(
      { calls: bucket, memory, cloudWatch: { storageTypes: unasked, newest: unasked } },
      request(),
      none,
    )
    assert.deepEqual([aws.head.status, aws.headOfObject], [403, undefined])
  })

  test('a session asks once about versions of the bucket, whether uploads end, and for leftovers', async () => {
    const always = ['abortUpload', 'createUpload', 'deleteObject', 'headObject', 'listObjects']
    await look()
    assert.deepEqual(calledSorted(), [...always, 'abortUpload', 'versioning'].sort())
    await look()
    assert.deepEqual(calledSorted(), [...always, 'listUploads'].sort())
    await look()
    assert.deepEqual(calledSorted(), always)
    now += 5 * 60_000
    await look()
    assert.deepEqual(calledSorted(), [...always, 'versioning'].sort())
  })

  type Change = Partial<Pick<FakeBucket, 'mode' | 'conditions' | 'checksDigests'>> & { denied?: string[] }
  const versions: [name: string, change: Change, asked: boolean, request?: Partial<ProbeRequest>][] = [
    ['has no versions', {}, false],
    ['has no versions, and gets an object', {}, false, { writeProbe: 'Object' }],
    ['has no versions, with a permission for them required', {}, true, { required: ['s3:ListBucketVersions'] }],
    ['has no versions, with one required that takes that to judge', {}, true, { required: ['s3:GetObjectVersion'] }],
    ['has versions', { mode: 'Enabled' }, true],
    ['had versions', { mode: 'Suspended' }, true],
    ['may have versions', { denied: ['versioning'] }, true],
  ]
  for (const [name, { denied = [], ...change }, asked, more] of versions) {
    test(`permissions for versions are ${asked ? '' : 'not '}asked for in a bucket that ${name}`, async () => {
      Object.assign(bucket, change)
      for (const call of denied) bucket.denied.add(call)
      const answers = await look(more)
      const calls = bucket.calls.filter(call => call === 'listVersions' || call === 'deleteVersion')
      assert.equal(calls.length > 0, asked, calls.join())
      assert.deepEqual([answers.versions !== undefined, answers.deleteVersion !== undefined], [asked, asked])
    })
  }

  test('probes of many stores share the calls about their bucket', async () => {
    await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        probe({ calls: bucket, memory }, request({ probeId: `${n}`, required: SHARED }), none),
      ),
    )
    for (const shared of ['versioning', 'location', 'listBuckets', 'listUploads']) {
      assert.equal(bucket.calls.filter(call => call === shared).length, 1, shared)
    }
  })

  const traceless: [name: string, change: Change, request?: Partial<ProbeRequest>][] = [
    ['in a bucket without versions', {}],
    ['in a versioned bucket', { mode: 'Enabled' }],
    ['in a versioned bucket, without conditions', { mode: 'Enabled', conditions: false }],
    ['with suspended versioning, without conditions', { mode: 'Suspended', conditions: false }],
    [
      'in a versioned bucket, when no version may be deleted',
      { mode: 'Enabled', conditions: false, denied: ['deleteVersion'] },
    ],
    [
      'in a versioned bucket that nobody may know to be one',
      { mode: 'Enabled', conditions: false, denied: ['versioning'] },
    ],
    ['when uploads may not be aborted', { denied: ['abortUpload'] }],
    [
      'when uploads may not be aborted, and digests are not checked',
      { mode: 'Enabled', denied: ['abortUpload'], checksDigests: false },
    ],
    ['with an object', {}, { writeProbe: 'Object' }],
    ['with an object in a versioned bucket', { mode: 'Enabled' }, { writeProbe: 'Object' }],
    ['with an object that may not be removed', { denied: ['deleteObject', 'deleteVersion'] }, { writeProbe: 'Object' }],
    [
      'with an object of which no version may be deleted',
      { mode: 'Enabled', conditions: false, denied: ['deleteVersion'] },
      { writeProbe: 'Object' },
    ],
    [
      'with an object that may not be put, in a versioned bucket',
      { mode: 'Enabled', denied: ['putObject'] },
      { writeProbe: 'Object' },
    ],
    ['without writing, in a versioned bucket', { mode: 'Enabled', conditions: false }, { writeProbe: 'None' }],
  ]
  for (const [name, { denied = [], ...change }, requested] of traceless) {
    test(`a probe leaves nothing behind: ${name}`, async () => {
      Object.assign(bucket, change)
      for (const operation of denied) bucket.denied.add(operation)
      for (let n = 0; n < 3; n++) await look(requested)
      assert.deepEqual(bucket.traces, [])
    })
  }

  const KEPT = ['deleteObject', 'deleteVersion']
  const left: [name: string, change: Change & { locked?: boolean }, writeProbe: ProbeRequest['writeProbe']][] = [
    [
      'of an identity that may write but not delete, at a service that takes any digest',
      { denied: [...KEPT, 'abortUpload'], checksDigests: false },
      'Multipart',
    ],
    ['where objects are locked', { mode: 'Enabled', locked: true }, 'Object'],
  ]
  for (const [name, { denied = [], ...change }, writeProbe] of left) {
    test(`a probe says each time that its object is left behind: ${name}`, async () => {
      Object.assign(bucket, change)
      for (const operation of denied) bucket.denied.add(operation)
      for (let n = 0; n < 3; n++) {
        const found = concludeProbe(await look({ writeProbe }), request({ writeProbe }), atMinio())
        assert.ok(!isFailure(found))
        assert.match(
          found.leftBehind ?? '',
          /^object "prod\/\.artifactstore-probe-[^"]+" of a probe is left behind: remove it/,
        )
      }
      assert.equal(bucket.traces.length, change.mode ? 1 : 3)
    })
  }

  test('a probe with writeProbe None writes nothing', async () => {
    bucket.mode = 'Enabled'
    const answers = await look({ writeProbe: 'None' })
    assert.deepEqual([answers.put, answers.abort, answers.delete], [undefined, undefined, undefined])
    const always = ['deleteVersion', 'headObject', 'listObjects', 'listVersions']
    assert.deepEqual(calledSorted(), [...always, 'versioning'].sort())
  })

  const puts: [name: string, denied: string[], put: number, abort: number][] = [
    ['both allowed', [], 200, 204],
    ['put denied', ['createUpload'], 403, 404],
    ['abort denied: a refused body shows that put is allowed', ['abortUpload'], 200, 403],
    ['both denied', ['abortUpload', 'putObject'], 403, 403],
  ]
  for (const [name, denied, put, abort] of puts) {
    test(`a probe shows whether put and abort are allowed: ${name}`, async () => {
      for (const operation of denied) bucket.denied.add(operation)
      const answers = await look()
      assert.deepEqual([answers.put?.status, answers.abort?.status], [put, abort])
      assert.equal(bucket.calls.includes('createUpload'), !denied.includes('abortUpload'))
    })
  }

  test('a probe puts one object and no more where objects are locked', async () => {
    Object.assign(bucket, { mode: 'Enabled', locked: true })
    const answers = []
    for (let n = 0; n < 3; n++) answers.push((await look({ writeProbe: 'Object' })).putWith)
    assert.deepEqual(answers, ['object', 'refusedBody', 'refusedBody'])
    assert.deepEqual(bucket.traces, [`${KEY} v1`])
  })

  test('an upload that could not be aborted is looked for by the next probe that can', async () => {
    for (let n = 0; n < 3; n++) await look()
    bucket.denied.add('abortUpload')
    await look()
    assert.equal(bucket.uploads.length, 1)
    await look()
    bucket.denied.clear()
    await look()
    assert.deepEqual(bucket.traces, [])
  })

  test('an upload whose start got no answer is looked for by the next probe', async () => {
    for (let n = 0; n < 3; n++) await look()
    const { createUpload } = bucket
    bucket.createUpload = async () => {
      await createUpload()
      return { status: 0, code: 'DeadlineExceeded' }
    }
    await look()
    bucket.createUpload = createUpload
    await look()
    assert.deepEqual(bucket.traces, [])
  })

  test('a probe does not ask a service in trouble to write', async () => {
    bucket.abortUpload = () => Promise.resolve({ status: 503, code: 'SlowDown' })
    const answers = await look()
    assert.equal(answers.put, undefined)
    assert.deepEqual(
      bucket.calls.filter(call => /createUpload|putObject/.test(call)),
      [],
    )
  })

  test('a probe removes what a crash has left, and nothing else', async () => {
    bucket.mode = 'Enabled'
    bucket.versions = [`${KEY} v-old`, `${KEY}0 v-other`, 'prod/model v-user']
    bucket.uploads = ['upload-old']
    await look()
    await look()
    assert.deepEqual(bucket.traces, [`${KEY}0 v-other`, 'prod/model v-user'])
  })

  for (const mode of ['Disabled', 'Enabled'] as const) {
    for (const writeProbe of ['Multipart', 'Object'] as const) {
      test(`an abort at any call of a probe leaves nothing behind: versioning ${mode}, writeProbe ${writeProbe}`, async () => {
        Object.assign(bucket, { mode, conditions: false })
        await look({ writeProbe })
        const operations = [...bucket.calls]
        for (let stop = 1; stop <= operations.length; stop++) {
          const controller = new AbortController()
          let count = 0
          bucket.onCall = () => ++count === stop && controller.abort(new Error('worker stopped'))
          await assert.rejects(
            probe({ calls: bucket, memory: newMemory() }, request({ writeProbe }), controller.signal),
            /worker stopped/,
          )
          bucket.onCall = () => undefined
          assert.deepEqual(bucket.traces, [], `after call ${stop}`)
        }
      })
    }
  }
})
