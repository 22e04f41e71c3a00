/** What provider.ts promises of buckets and what is in them, tried on each cloud by its contract.test.ts. */
import assert from 'node:assert/strict'
import { isFailure } from '../api/failures.ts'
import {
  bucketRequest,
  type Contract,
  fakeBucket,
  labTest,
  none,
  open,
  PREFIX,
  type ProviderLab,
  succeeded,
  type Way,
} from './lab.contract.ts'
import type { Usage } from './provider.ts'

/** `prepare`, `resources` and `measure`. */
export function describeBuckets(contract: Contract, way: Way): void {
  describePrepare(contract, way)
  describeResources(contract, way)
  describeMeasure(contract, way)
}

function describePrepare(contract: Contract, way: Way): void {
  labTest(
    { contract, way },
    'a bucket is made what is asked for once, and the second time nothing changes',
    async lab => {
      for (const wish of lab.wishes) {
        lab.service.buckets.clear()
        const session = await open(lab)
        const request = bucketRequest(lab, { create: true, ...wish })
        const { changes } = succeeded(await session.prepare(request, none))
        assert.equal(changes.length, Object.keys(wish).length + 1, `${changes}`)
        for (const change of changes) assert.match(change, /^\w+/)
        assert.ok(lab.service.buckets.has('data'))

        lab.service.requests.length = 0
        assert.deepEqual(succeeded(await session.prepare(request, none)).changes, [])
        assert.deepEqual(changing(lab), [])
      }
    },
  )

  labTest({ contract, way }, 'without wishes nothing is changed, and nothing is created', async lab => {
    const session = await open(lab)
    lab.service.requests.length = 0
    const prepared = await session.prepare(bucketRequest(lab), none)
    // Whether a bucket that is not there is a Failure, or only for the probe to say, is up to the cloud.
    if (!isFailure(prepared)) assert.deepEqual(prepared.changes, [])
    assert.equal(lab.service.buckets.size, 0)
    lab.service.buckets.set('data', fakeBucket())
    assert.deepEqual(succeeded(await session.prepare(bucketRequest(lab), none)).changes, [])
    assert.deepEqual(changing(lab), [])
  })

  labTest({ contract, way }, 'what others have in a bucket stays, and what a wish has set goes with it', async lab => {
    const objects = { [`${PREFIX}model`]: 10, other: 10 }
    const bucket = fakeBucket(objects)
    lab.service.buckets.set('data', bucket)
    for (const [name, setting] of Object.entries(lab.settings)) bucket.settings.set(name, setting)
    const session = await open(lab)
    for (const wish of lab.wishes) {
      succeeded(await session.prepare(bucketRequest(lab, wish), none))
      const { changes } = succeeded(await session.prepare(bucketRequest(lab), none))
      assert.equal(changes.length, wish.expirationDays ? 1 : 0, `${changes}`)
      assert.deepEqual(Object.fromEntries(bucket.objects), objects)
      for (const [name, setting] of Object.entries(lab.settings)) {
        const kept = bucket.settings.get(name) ?? ''
        assert.ok(kept.includes(setting.replace(/^<[^>]*>|<[^>]*>$/g, '')), kept)
        assert.ok(!kept.includes(bucketRequest(lab).ruleId), kept)
      }
    }
    assert.ok(lab.service.buckets.get('data') === bucket)
  })

  labTest({ contract, way }, 'a bucket that may not be made is a Failure', async lab => {
    const session = await open(lab)
    lab.service.mood = 'Denies'
    const request = bucketRequest(lab, { create: true, ...lab.wishes.at(-1) })
    const prepared = await session.prepare(request, none)
    if (!isFailure(prepared)) assert.deepEqual(prepared.changes, [], 'it is for the probe to say so')
  })
}

/** Requests that change a bucket. */
const changing = ({ service }: ProviderLab): string[] =>
  service.requests.filter(request => !/^(GET|HEAD) /.test(request))

function describeResources(contract: Contract, way: Way): void {
  const names = ['ml-b', 'web', 'ml-c', 'ml-a']

  labTest(
    { contract, way },
    'buckets are sorted, no more than asked for, and it is said that there are more',
    async lab => {
      for (const name of names) lab.service.buckets.set(name, fakeBucket())
      const session = await open(lab)
      for (const max of [1, 3, 4, 100]) {
        const { resources, truncated } = succeeded(await session.resources({ patterns: [], max }, none))
        assert.deepEqual(
          resources.map(({ uri }) => uri),
          names
            .map(name => lab.locationOf(name, '').uri)
            .sort()
            .slice(0, max),
        )
        assert.equal(truncated, max < names.length)
      }
    },
  )

  labTest({ contract, way }, 'only buckets that a pattern of the connector names count', async lab => {
    for (const name of names) lab.service.buckets.set(name, fakeBucket())
    const session = await open(lab)
    const patterns = ['ml-*', 'absent'].map(name => lab.locationOf(name, '').uri)
    const list = async (max: number) => succeeded(await session.resources({ patterns, max }, none))
    const expected = ['ml-a', 'ml-b', 'ml-c'].map(name => lab.locationOf(name, '').uri)
    const { resources, truncated } = await list(3)
    assert.deepEqual([resources.map(({ uri }) => uri), truncated], [expected, false])
    assert.equal((await list(2)).truncated, true)
  })
}

function describeMeasure(contract: Contract, way: Way): void {
  labTest({ contract, way }, 'usage is the sum of what is below the prefix', async lab => {
    lab.service.buckets.set(
      'data',
      fakeBucket({ [`${PREFIX}a`]: 1, [`${PREFIX}b`]: 20, [`${PREFIX}c`]: 300, other: 4000 }),
    )
    const session = await open(lab)
    const measure = async (prefix: string) =>
      succeeded(await session.measure({ location: lab.locationOf('data', prefix), source: 'List' }, none))
    assert.deepEqual(await measure(PREFIX), { kind: 'usage', objects: 3, bytes: 321, scope: 'Prefix' })
    assert.deepEqual(await measure(''), { kind: 'usage', objects: 4, bytes: 4321, scope: 'Bucket' })
    assert.deepEqual(await measure('absent/'), { kind: 'usage', objects: 0, bytes: 0, scope: 'Prefix' })
  })

  labTest({ contract, way }, 'a count goes on where the call before it stopped, also in another session', async lab => {
    const keys = Array.from({ length: 101 }, (_, index) => `${PREFIX}${`${index}`.padStart(4, '0')}`)
    lab.service.buckets.set('data', fakeBucket(Object.fromEntries(keys.map((key, index) => [key, index]))))
    const counts: number[] = []
    let usage: Usage | undefined
    do {
      const session = await open(lab)
      const progress = usage?.progress
      const request = { location: lab.locationOf('data', PREFIX), source: 'List' as const, progress }
      usage = succeeded(await session.measure(request, none))
      counts.push(usage.objects)
      assert.ok(counts.length < 10, `it goes round: ${counts}`)
      if (usage.progress) {
        assert.deepEqual([usage.progress.objects, usage.progress.bytes], [usage.objects, usage.bytes])
        assert.equal(JSON.stringify(structuredClone(usage.progress)), JSON.stringify(usage.progress))
      }
      session.close()
    } while (usage.progress)
    assert.ok(counts.length > 1)
    assert.deepEqual(
      counts,
      counts.toSorted((one, other) => one - other),
    )
    assert.deepEqual([usage.objects, usage.bytes], [101, 5050])
  })
}
