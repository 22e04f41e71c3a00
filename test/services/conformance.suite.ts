/** Suite: what the operator promises, at one service, by its provider and by a whole store. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { findCondition } from '../../src/api/conditions.ts'
import { isFailure } from '../../src/api/failures.ts'
import type { BucketRequest, Prepared } from '../../src/providers/provider.ts'
import type { S3Service } from '../cluster/services/service.ts'
import { pythonWithBoto3 } from '../cluster/tools.ts'
import { none } from '../e2e/provider-s3/lab.ts'
import { run } from '../support/client-process.ts'
import { until } from '../support/until.ts'
import { type Found, record, recorded, WAYS } from './found.ts'
import { BUCKET, createLab, type Lab, location, PREFIX, probeRequest } from './lab.ts'
import { type Field, OUTSIDE, opens } from './narrowing.ts'
import { refusals } from './refusals.suite.ts'
import type { Row } from './rows.ts'
import type { ServicesWorld } from './world.ts'

export interface Running {
  world: ServicesWorld
  service: S3Service
}

export function conformance(row: Row, running: () => Running): void {
  describe(row.service, () => {
    const field: Field = { bucket: BUCKET, otherBucket: `${BUCKET}-other`, prefix: PREFIX }
    const found = { service: row.service, notes: row.notes, ways: {} } as unknown as Found
    let lab: Lab
    /** A test that the engine may not pass yet. */
    const promise = (name: string, run: () => Promise<void>) => {
      const todo = row.todo?.[name]
      test(name, todo ? { todo } : {}, run)
    }

    before(async () => {
      const { service, world } = running()
      lab = createLab({ service, token: world.token })
      found.version = service.version
      for (const name of [field.bucket, field.otherBucket]) await lab.admin.createBucket(name)
      await lab.admin.put(field.bucket, `${PREFIX}a`)
      await lab.admin.put(field.bucket, `${OUTSIDE}a`)
      await lab.admin.put(field.otherBucket, `${PREFIX}a`)
    })
    after(() => lab?.stop())

    for (const way of WAYS) {
      promise(`credentials by ${way}: ${row.ways[way]}`, async () => {
        const session = await lab.open(way)
        if (isFailure(session)) {
          found.ways[way] = session.reason
          assert.equal(session.reason, row.ways[way], session.message)
          return
        }
        const opened = await opens(field, access => lab.consumer(session, field.bucket, access))
        session.close()
        found.ways[way] = opened.outcome
        assert.deepEqual([opened.outcome, row.surprises?.[way] ?? []], [row.ways[way], missing(opened.surprises)])
      })
    }

    refusals(row, () => lab, promise)

    promise('probes leave no trace', async () => {
      const session = await lab.session(row.store)
      const before = await lab.admin.traces(BUCKET)
      for (const writeProbe of ['Multipart', 'Object', 'None'] as const) {
        const probe = await session.probe(probeRequest(BUCKET, { writeProbe }), none)
        assert.ok(!isFailure(probe), JSON.stringify(probe))
      }
      assert.deepEqual(await lab.admin.traces(BUCKET), before)
      session.close()
    })

    promise('a store gives pods what boto3 and another SDK work with', async () => {
      const { world, service } = running()
      found.store = { way: row.store, ready: 'unknown', isolated: 'Unknown' }
      await world.apply(storeName(row), service, lab.aws(row.store))
      const store = await until('the store to settle', async () => {
        const now = await world.tenant.getStore(storeName(row))
        const ready = findCondition(now.status?.conditions, 'Ready')
        return ready && ready.status !== 'Unknown' && ready.reason !== 'Progressing' && now
      })
      const ready = findCondition(store.status?.conditions, 'Ready')
      found.store.ready = ready?.status === 'True' ? 'Ready' : (ready?.reason ?? '')
      found.store.isolated = findCondition(store.status?.conditions, 'Isolated')?.status ?? 'Unknown'
      assert.equal(ready?.status, 'True', ready?.message)
      const env = await world.mount(storeName(row), service)
      const scripts = join(import.meta.dirname, 'clients')
      const clients = [
        [await pythonWithBoto3(), 'boto3_client.py'],
        [process.execPath, 'sdk-client.ts'],
      ] as const
      for (const [command, script] of clients) {
        const output = await run({ command, args: [join(scripts, script), BUCKET, PREFIX], env })
        assert.deepEqual(JSON.parse(output), { loaded: 'weights', size: 9 * 1024 * 1024, listed: 3, left: 0 }, script)
      }
    })

    promise('objects are counted', async () => {
      const session = await lab.session(row.store)
      const usage = await session.measure({ location: location(BUCKET), source: 'List' }, none)
      session.close()
      found.usage = isFailure(usage) ? usage.reason : 'List'
      assert.equal(found.usage, row.usage)
      assert.ok(!isFailure(usage) && usage.objects >= 1 && usage.bytes >= 'theirs'.length)
    })

    promise('buckets are created, versioned, and cleaned by a rule that goes with the store', async () => {
      const bucket = `${BUCKET}-made`
      const session = await lab.session(row.store)
      const request = (change: Partial<BucketRequest>): BucketRequest => ({
        ...{ location: location(bucket), create: false, ruleId: 'artifactstore.dev/services/prod/1b9d6bcd' },
        ...change,
      })
      const reasonOf = async (change: Partial<BucketRequest>): Promise<string> => {
        const result = await session.prepare(request(change), none)
        return isFailure(result) ? result.reason : `done: ${(result satisfies Prepared).changes.join(', ')}`
      }
      assert.equal(await reasonOf({ create: true }), 'done: created the bucket')
      const versions = await reasonOf({ versioning: 'Enabled' })
      found.versions = versions === 'done: enabled versioning' ? 'Enabled' : versions
      const expiration = await reasonOf({ expirationDays: 5 })
      found.expiration = expiration === 'done: set expiration of 5 days' ? 'kept' : expiration
      // Without the field, a store must be well again, whether there was a rule or never one.
      const removed = await reasonOf({})
      session.close()
      const withRules = found.expiration === 'kept'
      assert.deepEqual(
        [found.versions, found.expiration, removed],
        [row.versions, row.expiration, withRules ? 'done: removed expiration' : 'done: '],
      )
    })

    test('what was found is on record, of which docs/services.md is made', async () => {
      if (process.env['RECORD_SERVICES']) await record(found)
      const hint = 'run "npm run services:record" and "npm run generate", and commit what they write'
      assert.deepEqual(found, await recorded(row.service), hint)
    })
  })
}

const storeName = ({ service }: Row): string =>
  service
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/-$/, '')

/** Of what came out otherwise than it should, what consumers miss: how far credentials of a key reach is no news. */
const missing = (surprises: string[]): string[] => surprises.filter(text => text.endsWith('instead of done'))
