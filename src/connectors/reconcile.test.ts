import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, fakeProvider, fakeSession, minutes, NOW } from '../../test/support/objects.ts'
import { type Failure, stalled, transient } from '../api/failures.ts'
import type { ServiceConnector, ServiceConnectorStatus } from '../api/service-connector.ts'
import type { Session } from '../providers/provider.ts'
import { rejection } from '../providers/rejection.ts'
import { noTracer } from '../telemetry/tracer.ts'
import { Listings } from './listing.ts'
import type { Presence } from './look-up.ts'
import { type ConnectorContext, reconcileConnector } from './reconcile.ts'

const context = (session: Session | Failure, overrides: Partial<ConnectorContext> = {}): ConnectorContext => ({
  view: {
    keyValues: () => ({ values: { id: 'AKIA' } }),
    serviceAccount: () => undefined,
    allowedAudiences: [],
    token: async () => 'a-token',
    tokenRefused: () => undefined,
    operatorIdentity: () => undefined,
  },
  providers: { aws: fakeProvider },
  sessions: { get: async () => session },
  storesUsing: () => 2,
  reachOf: () => undefined,
  lookUp: async () => 'absent',
  tracer: noTracer,
  listings: new Listings(),
  now: () => NOW,
  monotonic: () => NOW.getTime(),
  ...overrides,
})

const listing = (resources: Session['resources']): Session => fakeSession({ resources })
const reconcile = (object: ServiceConnector, of: ConnectorContext) =>
  reconcileConnector(object, of, new AbortController().signal)
const summary = ({ conditions = [] }: ServiceConnectorStatus = {}): string =>
  conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`).join(' ')

describe('buckets that can not be listed', () => {
  for (const failure of [stalled('ListDenied', 'denied'), transient('EndpointUnreachable', 'no answer')]) {
    test(`leave the connector Ready when the failure is ${failure.intent}`, async () => {
      const { status, next } = await reconcile(connector(), context(listing(async () => failure)))
      assert.equal(summary(status), 'Ready=True/Authenticated')
      assert.ok(typeof next === 'object' && 'after' in next)
    })
  }

  test('because the credentials are refused are a failure of the connector', async () => {
    const failure = rejection(stalled('CredentialsRejected', 'the service refuses the key'))
    const { status, next } = await reconcile(connector(), context(listing(async () => failure)))
    assert.equal(summary(status), 'Ready=False/CredentialsRejected Reconciling=True/CredentialsRejected')
    assert.deepEqual(next, { ...failure, intent: 'waiting' })
  })
})

test('a connector whose count of stores changes makes no call', async () => {
  let calls = 0
  const session = listing(async () => {
    calls++
    return { kind: 'resources', resources: [], truncated: false }
  })
  let stores = 2
  const once = context(session, { storesUsing: () => stores })
  const { status = {} } = await reconcile(connector(), once)
  stores = 3
  const again = await reconcile(connector({ status }), { ...once, now: () => minutes(1) })
  assert.equal(calls, 1)
  assert.deepEqual(again.status, { ...status, stores: 3 })
})

test('a suspended connector and one that goes make no call', async () => {
  const broken = context(fakeSession(), { sessions: { get: () => Promise.reject(new Error('called')) } })
  const suspended = await reconcile(connector({ spec: { ...connector().spec, suspend: true } }), broken)
  assert.equal(summary(suspended.status), 'Ready=Unknown/Suspended')
  const deletionTimestamp = '2026-03-01T10:00:00Z'
  const going = await reconcile(connector({ metadata: { ...connector().metadata, deletionTimestamp } }), broken)
  assert.deepEqual(going, { next: 'await-change' })
})

describe('a Secret that the caches lack', () => {
  const cases: [presence: Presence, reason: string, state: string, message: RegExp][] = [
    ['absent', 'SecretNotFound', 'Reconciling', /there is no Secret "keys" in namespace "ml": create it$/],
    [
      ...(['unlabelled', 'SecretNotLabelled', 'Stalled'] as const),
      /run "kubectl label secret keys -n ml artifactstore.dev\/credentials=true"$/,
    ],
  ]
  for (const [presence, reason, state, message] of cases) {
    test(`a Secret that is ${presence} is a failure`, async () => {
      const of = context(fakeSession(), { lookUp: async () => presence })
      of.view.keyValues = () => undefined
      const { status } = await reconcile(connector(), of)
      assert.equal(summary(status), `Ready=False/${reason} ${state}=True/${reason}`)
      assert.match(status?.conditions?.[0]?.message ?? '', message)
    })
  }

  test('a Secret that is absent calls a person after five minutes: what is applied together comes in any order', async () => {
    const of = context(fakeSession(), { lookUp: async () => 'absent' })
    of.view.keyValues = () => undefined
    const { status = {}, wakeWithin = 0 } = await reconcile(connector(), of)
    assert.ok(wakeWithin > 0 && wakeWithin < 15_000, `${wakeWithin} ms`)
    const later = await reconcile(connector({ status }), { ...of, now: () => minutes(5) })
    assert.equal(summary(later.status), 'Ready=False/SecretNotFound Stalled=True/SecretNotFound')
  })

  test('a Secret that comes and goes while it is read is tried again', async () => {
    const of = context(fakeSession(), { lookUp: async () => 'cached' })
    of.view.keyValues = () => undefined
    const { status, next } = await reconcile(connector(), of)
    assert.equal(summary(status), 'Ready=False/ReferenceNotRead Reconciling=True/ReferenceNotRead')
    assert.equal(typeof next === 'object' && 'intent' in next && next.intent, 'transient')
  })

  test('a Secret that the look-up finds makes no failure: the caches were only late', async () => {
    let found = false
    const lookUp = async () => {
      found = true
      return 'cached' as const
    }
    const of = context(fakeSession(), { lookUp })
    of.view.keyValues = () => (found ? { values: { id: 'AKIA' } } : undefined)
    const { status, events } = await reconcile(connector(), of)
    assert.equal(summary(status), 'Ready=True/Authenticated')
    assert.deepEqual(events, [])
  })
})
