/** Suite: what the operator promises, at one service, by its provider and by a whole store. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isFailure } from '../../src/api/failures.ts'
import type { BucketRequest, Prepared } from '../../src/providers/provider.ts'
import type { S3Service } from '../cluster/services/service.ts'
import { none } from '../e2e/provider-s3/lab.ts'
import { until } from '../support/until.ts'
import { type Found, record, recorded, WAYS } from './found.ts'
import { BUCKET, createLab, type Lab, location, PREFIX, probeRequest } from './lab.ts'
import { type Field, OUTSIDE, opens } from './narrowing.ts'
import { refusals } from './refusals.suite.ts'
import type { Row } from './rows.ts'
import { stores } from './stores.suite.ts'
import type { ServicesWorld } from './world.ts'

export interface Running {
  world(): ServicesWorld
  service(): S3Service
}

/** What the tests at one service have in common. */
export interface At {
  row: Row
  running: Running
  found: Found
  lab(): Lab
}

/** A bucket of which events are told. */
const TOLD = `${BUCKET}-told`

export function conformance(row: Row, running: Running): void {
  describe(row.service, () => {
    const field: Field = { bucket: BUCKET, otherBucket: `${BUCKET}-other`, prefix: PREFIX }
    const found = { service: row.service, notes: row.notes, ways: {} } as unknown as Found
    let lab: Lab
    let watch: ReturnType<NonNullable<S3Service['watch']>> | undefined
    before(async () => {
      const [service, world] = [running.service(), running.world()]
      lab = createLab({ service, token: world.token })
      found.version = service.version
      for (const name of [field.bucket, field.otherBucket]) await lab.admin.createBucket(name)
      if (service.watch) {
        await lab.admin.createBucket(TOLD)
        // Events arrive late, so listening begins early.
        watch = service.watch(TOLD)
      }
      await lab.admin.put(field.bucket, `${PREFIX}a`)
      await lab.admin.put(field.bucket, `${OUTSIDE}a`)
      await lab.admin.put(field.otherBucket, `${PREFIX}a`)
    })
    after(async () => {
      lab?.stop()
      await watch?.stop()
    })

    for (const way of WAYS) {
      test(`credentials by ${way}: ${row.ways[way]}`, async () => {
        const session = await lab.open(way)
        const { outcome, details } = isFailure(session)
          ? { outcome: session.reason, details: [session.message] }
          : await opens(field, row.gaps ?? [], access => lab.consumer(session, field.bucket, access))
        if (!isFailure(session)) session.close()
        found.ways[way] = outcome
        assert.equal(outcome, row.ways[way], details.join('\n'))
        assert.match(details.join('\n'), row.says?.[way] ?? /^/)
      })
    }

    refusals({ row, running, found, lab: () => lab })

    stores({ row, running, found, lab: () => lab })

    test('objects are counted', async () => {
      const session = await lab.session(row.store)
      const usage = await session.measure({ location: location(BUCKET), source: 'List' }, none)
      session.close()
      found.usage = isFailure(usage) ? usage.reason : 'List'
      assert.equal(found.usage, row.usage)
      assert.ok(!isFailure(usage) && usage.objects >= 1 && usage.bytes >= 'theirs'.length)
    })

    test('buckets are created, versioned, and cleaned by a rule that goes with the store', async () => {
      const session = await lab.session(row.store)
      const reasonOf = async (bucket: string, change: Partial<BucketRequest>): Promise<string> => {
        const ruleId = 'artifactstore.dev/services/prod/1b9d6bcd'
        const result = await session.prepare({ location: location(bucket), create: false, ruleId, ...change }, none)
        return isFailure(result) ? result.reason : `done: ${(result satisfies Prepared).changes.join(', ')}`
      }
      assert.equal(await reasonOf(`${BUCKET}-made`, { create: true }), 'done: created the bucket')
      const versions = await reasonOf(BUCKET, { versioning: 'Enabled' })
      found.versions = versions === 'done: enabled versioning' ? 'Enabled' : versions
      const expiration = await reasonOf(BUCKET, { expirationDays: 5 })
      found.expiration = expiration === 'done: set expiration of 5 days' ? 'kept' : expiration
      // Without the field, a store must be well again, whether there was a rule or never one.
      const removed = await reasonOf(BUCKET, {})
      session.close()
      const withRules = found.expiration === 'kept'
      assert.deepEqual(
        [found.versions, found.expiration, removed],
        [row.versions, row.expiration, withRules ? 'done: removed its expiration rule' : 'done: '],
      )
    })

    test('probes leave no trace, in a bucket with versions where there are any', async () => {
      const session = await lab.session(row.store)
      // An upload that SeaweedFS has begun, although it refused to encrypt it, is removed by the next probe.
      const before = (await lab.admin.traces(BUCKET)).filter(trace => !trace.includes('.artifactstore-probe'))
      for (const writeProbe of ['Multipart', 'Object', 'None'] as const) {
        const probe = await session.probe(probeRequest(BUCKET, { writeProbe }), none)
        assert.ok(!isFailure(probe), JSON.stringify(probe))
      }
      assert.deepEqual(await lab.admin.traces(BUCKET), before)
      session.close()
    })

    test('probes change nothing for who listens to events, where the service tells of them', async () => {
      if (!watch) return
      const { seen } = watch
      const heard = async (key: string) => {
        // MinIO sends events when many kilobytes of them have come together.
        await Promise.all(Array.from({ length: 32 }, (_, index) => lab.admin.put(TOLD, `${key}/${index}`)))
        return seen().some(event => event.includes(`${key}/`))
      }
      await until('events to arrive', () => heard('sentinel/before'))
      const session = await lab.session('accessKey, Static')
      for (const writeProbe of ['Multipart', 'None'] as const) {
        await session.probe(probeRequest(TOLD, { writeProbe }), none)
      }
      session.close()
      await until('the events to be through', () => heard('sentinel/after'))
      // MinIO tells of the deletion of what was never there by a type of its own.
      const events = seen().filter(event => !event.includes('sentinel/') && !event.startsWith('s3:ObjectRemoved:NoOP'))
      assert.deepEqual(events, [])
    })

    test('what was found is on record, of which docs/services.md is made', async () => {
      if (process.env['RECORD_SERVICES']) await record(found)
      const hint = 'run "npm run services:record" and "npm run generate", and commit what they write'
      assert.deepEqual(found, await recorded(row.service), hint)
    })
  })
}
