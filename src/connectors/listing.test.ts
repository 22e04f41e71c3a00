import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { connector, fakeSession, KEY_SPEC, minutes, NOW } from '../../test/support/objects.ts'
import { type Failure, stalled, transient } from '../api/failures.ts'
import type { Identity, Resources, ResourcesRequest } from '../providers/provider.ts'
import { rejection } from '../providers/rejection.ts'
import { type ListContext, Listings, listResources } from './listing.ts'

const none = new AbortController().signal
const buckets: Resources = { kind: 'resources', resources: [{ uri: 's3://a' }], truncated: false }
const identity = (fingerprint = 'f'): Identity => ({
  provider: 'aws',
  fingerprint,
  connector: 'ml/minio',
  sessionDurationMs: 3_600_000,
  cautions: [],
})

let now: Date
let setBackMs: number
let asked: ResourcesRequest[]
let answer: (signal: AbortSignal) => Promise<Resources | Failure>
let context: ListContext
beforeEach(() => {
  now = NOW
  setBackMs = 0
  asked = []
  answer = async () => buckets
  context = { listings: new Listings(), now: () => now, monotonic: () => now.getTime() + setBackMs }
})

const session = fakeSession({
  resources(request, signal) {
    asked.push(request)
    return answer(signal)
  },
})
const look = (object = connector(), who = identity()) =>
  listResources(object, { identity: who, session }, context, none)

describe('the buckets of a connector are asked for', () => {
  test('for the entries of the spec, and for no more than status holds', async () => {
    const { answer } = await look(connector({ spec: { ...KEY_SPEC, resources: ['s3://a*'] } }))
    assert.deepEqual(asked, [{ patterns: ['s3://a*'], max: 100 }])
    assert.equal(answer, buckets)
  })

  test('once, whatever wakes the connector', async () => {
    const first = await look()
    now = minutes(8)
    assert.deepEqual(await look(), first)
    assert.equal(asked.length, 1)
  })

  const again: [name: string, change: () => Promise<unknown>][] = [
    [
      'after ten minutes, give or take one',
      () => {
        now = minutes(12)
        return look()
      },
    ],
    ['for other entries', () => look(connector({ spec: { ...KEY_SPEC, resources: ['s3://b'] } }))],
    ['as somebody else', () => look(connector(), identity('other'))],
    [
      'for a connector of the same name',
      () => look(connector({ metadata: { ...connector().metadata, uid: 'other' } })),
    ],
    [
      'when somebody wants another look',
      () => {
        const annotations = { 'artifactstore.dev/requested-at': 'now' }
        return look(connector({ metadata: { ...connector().metadata, annotations } }))
      },
    ],
    [
      'when the connector was forgotten',
      () => {
        context.listings.forget('ml/minio')
        return look()
      },
    ],
  ]
  for (const [name, change] of again) {
    test(`again ${name}`, async () => {
      await look()
      await change()
      assert.equal(asked.length, 2)
    })
  }
})

describe('a failure to list buckets', () => {
  const waits: [name: string, failure: Failure, aboutMinutes: number][] = [
    ['that passes: in a minute', transient('EndpointUnreachable', 'no answer'), 1],
    ['that a person must cure: in ten minutes', stalled('ListDenied', 'denied'), 10],
  ]
  for (const [name, failure, aboutMinutes] of waits) {
    test(`${name} it is asked again`, async () => {
      answer = async () => failure
      const { answer: got, nextAt } = await look()
      assert.equal(got, failure)
      const wait = (nextAt.getTime() - NOW.getTime()) / 60_000
      assert.ok(wait >= aboutMinutes * 0.9 && wait <= aboutMinutes * 1.1, `${wait}`)
    })
  }

  test('a refusal of the credentials is not remembered: the next session has others', async () => {
    answer = async () => rejection(transient('SessionExpired', 'refused'))
    await look()
    answer = async () => buckets
    assert.equal((await look()).answer, buckets)
  })

  test('a listing that takes too long is a failure that passes', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    answer = () => new Promise(() => {})
    const listing = look()
    t.mock.timers.tick(20_000)
    const { answer: got } = await listing
    assert.ok(got.kind === 'failure')
    assert.deepEqual([got.intent, got.reason], ['transient', 'ListingTimeout'])
  })

  test('a listing ends with the reconcile', async () => {
    const controller = new AbortController()
    answer = () => new Promise(() => {})
    const listing = listResources(connector(), { identity: identity(), session }, context, controller.signal)
    controller.abort(new Error('asked to stop'))
    await assert.rejects(listing, /asked to stop/)
  })
})
