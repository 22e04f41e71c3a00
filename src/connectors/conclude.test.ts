import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, fakeSession, minutes, NOW } from '../../test/support/objects.ts'
import { type Failure, stalled, transient, waiting } from '../api/failures.ts'
import type { ServiceConnector, ServiceConnectorStatus } from '../api/service-connector.ts'
import type { SharedSession } from '../providers/provider.ts'
import { concludeFailure, concludeProgress, concludeReady, concludeSuspended, type Seen } from './conclude.ts'

const STORES = 3
const SECOND = 1_000
const MINUTE = 60 * SECOND

const down = transient('EndpointUnreachable', 'no answer')
const refused = stalled('RequestRefused', 'the service refuses the key')
const absent = waiting('SecretNotFound', 'no Secret "keys"')

const summary = ({ conditions = [] }: ServiceConnectorStatus): string =>
  conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`).join(' ')

const statusOf = ({ status }: { status?: ServiceConnectorStatus }): ServiceConnectorStatus => {
  assert.ok(status)
  return status
}

const BUCKETS = [{ uri: 's3://a' }]
const seen = (session: Partial<SharedSession> = {}, overrides: Partial<Seen> = {}): Seen => ({
  session: fakeSession(session),
  cautions: [],
  listing: { answer: { kind: 'resources', resources: BUCKETS, truncated: false }, nextAt: minutes(8) },
  ...overrides,
})

/** Status of a connector that authenticated at `NOW` for an hour. */
const READY = statusOf(concludeReady(connector(), seen(), STORES, NOW))
const ready = connector({ status: READY })
const endless = connector({
  status: statusOf(concludeReady(connector(), seen({ expiresAt: undefined }), STORES, NOW)),
})
const changed = connector({ status: READY, metadata: { ...connector().metadata, generation: 2 } })
const WHO = { identity: { arn: 'arn:aws:iam::1:role/x', accountId: '1' }, principal: 'arn:aws:iam::1:role/x' }

describe('a connector that is Ready', () => {
  test('says as whom the service knows it, until when, and how many stores it has', () => {
    const { status, events } = concludeReady(connector(), seen(), STORES, NOW)
    assert.deepEqual(status, {
      observedGeneration: 1,
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          observedGeneration: 1,
          reason: 'Authenticated',
          message: 'authenticated as arn:aws:iam::1:role/x',
          lastTransitionTime: '2026-03-01T10:00:00Z',
        },
      ],
      stores: STORES,
      ...WHO,
      resources: BUCKETS,
      expiresAt: '2026-03-01T11:00:00Z',
    })
    assert.deepEqual(events, [])
  })

  test('does not say that it is authenticated where nothing has shown so', () => {
    const { conditions } = statusOf(
      concludeReady(connector(), seen({ unproven: 'it refused ListBuckets' }), STORES, NOW),
    )
    assert.equal(conditions?.[0]?.reason, 'KeyNotProven')
    assert.match(conditions?.[0]?.message ?? '', /^acting as .*; it refused ListBuckets/)
  })

  test('says only its principal where the service does not say more', () => {
    const look = seen({ caller: {}, principal: 'AKIA1', expiresAt: undefined })
    const { identity, principal, expiresAt } = statusOf(concludeReady(ready, look, STORES, NOW))
    assert.deepEqual(
      { identity, principal, expiresAt },
      { identity: undefined, principal: 'AKIA1', expiresAt: undefined },
    )
  })

  test('changes nothing and tells nobody when all is as before', () => {
    const again = concludeReady(ready, seen(), STORES, minutes(1))
    assert.deepEqual(again.status, READY)
    assert.deepEqual(again.events, [])
  })

  test('says that its session is the last one, and is looked at soon', () => {
    const { status, next, events } = concludeReady(ready, seen({ trouble: refused }), STORES, NOW)
    assert.equal(summary(status ?? {}), 'Ready=True/Authenticated Reconciling=True/RequestRefused')
    assert.deepEqual(
      events?.map(({ type, reason }) => `${type} ${reason}`),
      ['Warning RequestRefused'],
    )
    assert.ok(typeof next === 'object' && 'after' in next && next.after <= 66 * SECOND)
  })

  test('warns of what people must know, and is Ready all the same', () => {
    const cautions = ['issue Static: pods get a copy of the key', 'it is not narrowed']
    const { conditions } = statusOf(concludeReady(connector(), seen({}, { cautions }), STORES, NOW))
    assert.equal(conditions?.[0]?.status, 'True')
    assert.equal(
      conditions[0].message,
      'authenticated as arn:aws:iam::1:role/x; issue Static: pods get a copy of the key; it is not narrowed',
    )
  })

  test('comes back in time to list the buckets again', () => {
    assert.equal(concludeReady(connector(), seen(), STORES, minutes(2)).wakeWithin, 6 * MINUTE)
  })

  test('has no trouble any more', () => {
    const before = connector({ status: statusOf(concludeFailure(connector(), refused, STORES, NOW)) })
    assert.equal(summary(statusOf(concludeReady(before, seen(), STORES, NOW))), 'Ready=True/Authenticated')
  })

  const rechecks: [name: string, expiresAt: SharedSession['expiresAt'], aboutMs: number][] = [
    ['keys without an end: ten minutes', undefined, 10 * MINUTE],
    ['an hour left: ten minutes', minutes(60), 10 * MINUTE],
    ['six minutes left: half of them', minutes(6), 3 * MINUTE],
    ['ended: not in a tight loop', minutes(-1), 5 * SECOND],
  ]
  for (const [name, expiresAt, aboutMs] of rechecks) {
    test(`is looked at again, with a tenth of jitter: ${name}`, () => {
      const { next } = concludeReady(connector(), seen({ expiresAt }), STORES, NOW)
      assert.ok(typeof next === 'object' && 'after' in next)
      assert.ok(next.after >= aboutMs * 0.9 && next.after <= aboutMs * 1.1, `${next.after}`)
    })
  }
})

describe('a connector that fails', () => {
  const cases: [
    name: string,
    before: ServiceConnector,
    failure: Failure,
    now: Date,
    conditions: string,
    events: string[],
  ][] = [
    [
      'from the start',
      connector(),
      down,
      NOW,
      'Ready=False/EndpointUnreachable Reconciling=True/EndpointUnreachable',
      ['EndpointUnreachable'],
    ],
    [
      'that a person must cure',
      connector(),
      refused,
      NOW,
      'Ready=False/RequestRefused Stalled=True/RequestRefused',
      ['RequestRefused'],
    ],
    [
      'transient while the identity lasts: Ready holds',
      ready,
      down,
      minutes(59),
      'Ready=True/Authenticated Reconciling=True/EndpointUnreachable',
      ['EndpointUnreachable'],
    ],
    [
      'transient, of keys without an end: Ready holds',
      endless,
      down,
      minutes(600),
      'Ready=True/Authenticated Reconciling=True/EndpointUnreachable',
      ['EndpointUnreachable'],
    ],
    [
      'waiting while the identity lasts: Ready holds',
      ready,
      absent,
      NOW,
      'Ready=True/Authenticated Reconciling=True/SecretNotFound',
      ['SecretNotFound'],
    ],
    [
      'transient when the identity has ended',
      ready,
      down,
      minutes(60),
      'Ready=False/EndpointUnreachable Reconciling=True/EndpointUnreachable',
      ['EndpointUnreachable'],
    ],
    [
      'transient of a new spec, of which nothing is known',
      changed,
      down,
      NOW,
      'Ready=False/EndpointUnreachable Reconciling=True/EndpointUnreachable',
      ['EndpointUnreachable'],
    ],
    [
      'stalled, though the identity lasts',
      ready,
      refused,
      NOW,
      'Ready=False/RequestRefused Stalled=True/RequestRefused',
      ['RequestRefused'],
    ],
    [
      'the same as before',
      connector({ status: statusOf(concludeFailure(connector(), refused, STORES, NOW)) }),
      refused,
      minutes(5),
      'Ready=False/RequestRefused Stalled=True/RequestRefused',
      [],
    ],
  ]
  for (const [name, before, failure, now, conditions, reasons] of cases) {
    test(`has conditions and events: ${name}`, () => {
      const { status, events = [], next } = concludeFailure(before, failure, STORES, now)
      assert.equal(summary(status ?? {}), conditions)
      assert.equal(status?.observedGeneration, before.metadata.generation)
      assert.deepEqual(
        events.map(({ type, action, reason }) => `${type} ${action} ${reason}`),
        reasons.map(reason => `Warning Authenticate ${reason}`),
      )
      assert.equal(next, failure)
    })
  }

  test('keeps the buckets that were listed while Ready holds, and not longer', () => {
    assert.deepEqual(statusOf(concludeFailure(ready, down, STORES, NOW)).resources, BUCKETS)
    assert.equal(statusOf(concludeFailure(ready, refused, STORES, NOW)).resources, undefined)
    assert.equal(statusOf(concludeFailure(changed, down, STORES, NOW)).resources, undefined)
  })

  test('keeps the identity that was last seen', () => {
    const { identity, principal, expiresAt } = statusOf(concludeFailure(ready, refused, STORES, NOW))
    assert.deepEqual({ identity, principal, expiresAt }, { ...WHO, expiresAt: '2026-03-01T11:00:00Z' })
  })

  test('shows no identity when none was ever seen', () => {
    assert.deepEqual(Object.keys(statusOf(concludeFailure(connector(), refused, STORES, NOW))), [
      'observedGeneration',
      'conditions',
      'stores',
    ])
  })
})

test('a suspended connector is not looked at until its spec changes, and does not say how long its session lasts', () => {
  const { status, next } = concludeSuspended(ready, STORES, NOW)
  const { identity, principal, expiresAt, stores, observedGeneration } = status ?? {}
  assert.equal(summary(status ?? {}), 'Ready=Unknown/Suspended')
  assert.deepEqual({ identity, principal, expiresAt, stores }, { ...WHO, expiresAt: undefined, stores: STORES })
  assert.equal(status?.resources, undefined)
  assert.equal(observedGeneration, 1)
  assert.equal(next, 'await-change')
})

describe('a connector at work', () => {
  const cases: [name: string, before: ServiceConnector, conditions: string, observed: number][] = [
    ['with its first spec', connector(), 'Ready=Unknown/Progressing Reconciling=True/Progressing', -1],
    [
      'with a new spec, and the observed generation stays behind',
      changed,
      'Ready=True/Authenticated Reconciling=True/Progressing',
      1,
    ],
  ]
  for (const [name, before, conditions, observed] of cases) {
    test(`says that it is: ${name}`, () => {
      const status = concludeProgress(before, STORES, NOW)
      assert.equal(summary(status), conditions)
      assert.equal(status.observedGeneration, observed)
      assert.equal(status.expiresAt, before.status?.expiresAt)
      assert.deepEqual(status.identity, before.status?.identity)
    })
  }
})
