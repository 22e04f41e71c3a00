import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { minutes, NOW, store } from '../../../test/support/objects.ts'
import { concludedPlan, observations, served, unserved } from '../../../test/support/observations.ts'
import type { ArtifactStore, ArtifactStoreStatus } from '../../api/artifact-store.ts'
import { type Failure, isFailure, stalled, transient } from '../../api/failures.ts'
import { sessionFailed } from '../plan/connection.ts'
import * as conclusions from './conclude.ts'
import type { ConcludedPlan, Observations } from './observations.ts'

const { concludeProgress, concludeSuspended, concludeUnobserved } = conclusions
const good = observations({ projections: [served] })
const conclude = (of: ArtifactStore, observed: Observations, now: Date) =>
  conclusions.conclude(of, concludedPlan(), observed, { now })
const denied = stalled('PermissionDenied', 's3:PutObject denied')
const conflicting = stalled('DefaultConflict', 'another is the default')
const down = transient('EndpointUnreachable', 'no answer')

const unreachable = { bucket: { verification: down }, access: down }

const summary = ({ conditions = [] }: ArtifactStoreStatus): string =>
  conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`).join(' ')
const READY = conclude(store(), good, NOW).status as ArtifactStoreStatus
const before = store({}, { status: READY })

/** Conditions in the order in which status has them when there was no status before. */
const ALL_WELL = {
  Ready: 'True/Verified',
  Reconciling: undefined,
  Stalled: undefined,
  ConnectorReady: 'True/Authenticated',
  BucketReachable: 'True/Reachable',
  AccessVerified: 'True/PermissionsVerified',
  CredentialsProjected: 'True/Projected',
} as const
type Conditions = Partial<Record<keyof typeof ALL_WELL, string | undefined>>
const NOT_OBSERVED: Conditions = { BucketReachable: 'Unknown/NotObserved', AccessVerified: 'Unknown/NotObserved' }

/** What differs from a new store with which all is well. */
interface Row {
  name: string
  /** Set when the store was Ready before. */
  wasReady?: true
  plan?: Partial<ConcludedPlan>
  /** A Failure when nothing could be observed. */
  observed?: Partial<Observations> | Failure
  specFailure?: Failure
  conditions?: Conditions
}

/** Writes conditions as `summary` does: those that a store gets when it was Ready before come last. */
function inOrder({ Reconciling, Stalled, Ready, ...steps }: Conditions, wasReady: boolean): string {
  const trouble = { Reconciling, Stalled }
  const all = wasReady ? { Ready, ...steps, ...trouble } : { Ready, ...trouble, ...steps }
  return Object.entries(all)
    .flatMap(([type, found]) => (found ? [`${type}=${found}`] : []))
    .join(' ')
}

describe('conclude', () => {
  const rows: Row[] = [
    { name: 'a store with which all is well is Ready' },
    {
      name: 'credentials that people must know something of are projected with caution',
      plan: { identity: { cautions: ['a copy of the key'] } },
      conditions: { CredentialsProjected: 'True/ProjectedWithCaution' },
    },
    {
      name: 'credentials that reach further than was asked for are projected with caution',
      observed: { projections: [{ ...served, caution: 'reach the whole container' }] },
      conditions: { CredentialsProjected: 'True/ProjectedWithCaution' },
    },
    {
      name: 'credentials without an end are projected like others',
      observed: { projections: [{ target: served.target, served: true, warnings: [] }] },
    },
    {
      name: 'an entry that leads to no namespace leaves the store Ready',
      plan: { unmatched: ['step'] },
      observed: { projections: [] },
    },
    {
      name: 'a store that asks for no credentials is Ready',
      observed: { projections: [] },
      conditions: { CredentialsProjected: 'True/NoneRequested' },
    },
    {
      name: 'a store with denied permissions from the start gives no credentials',
      observed: { access: denied, projections: [unserved] },
      conditions: {
        Ready: 'False/PermissionDenied',
        Reconciling: 'True/PermissionDenied',
        AccessVerified: 'False/PermissionDenied',
        CredentialsProjected: 'False/NotVerified',
      },
    },
    {
      name: 'a store with permissions that are denied later leaves consumers the credentials that they have',
      wasReady: true,
      observed: { access: denied },
      conditions: {
        Ready: 'False/PermissionDenied',
        Reconciling: 'True/PermissionDenied',
        AccessVerified: 'False/PermissionDenied',
      },
    },
    {
      name: 'a store whose endpoint is down from the start is not Ready',
      observed: { ...unreachable, projections: [unserved] },
      conditions: {
        Ready: 'False/EndpointUnreachable',
        Reconciling: 'True/EndpointUnreachable',
        BucketReachable: 'False/EndpointUnreachable',
        AccessVerified: 'Unknown/NotObserved',
        CredentialsProjected: 'False/NotVerified',
      },
    },
    {
      name: 'a store whose endpoint goes down later stays Ready while credentials work',
      wasReady: true,
      observed: unreachable,
      conditions: { Reconciling: 'True/EndpointUnreachable', BucketReachable: 'False/EndpointUnreachable' },
    },
    {
      name: 'a store whose endpoint is down until credentials have ended is not Ready any more',
      wasReady: true,
      observed: { ...unreachable, projections: [{ ...unserved, failure: down }] },
      conditions: {
        Ready: 'False/EndpointUnreachable',
        Reconciling: 'True/EndpointUnreachable',
        BucketReachable: 'False/EndpointUnreachable',
        AccessVerified: 'Unknown/NotObserved',
        CredentialsProjected: 'False/EndpointUnreachable',
      },
    },
    {
      name: 'a store whose finalizer could not be written is not Ready, and nobody looks at its bucket',
      observed: { bucket: { finalizerFailure: down }, access: down, projections: [unserved] },
      conditions: {
        Ready: 'False/EndpointUnreachable',
        Reconciling: 'True/EndpointUnreachable',
        BucketReachable: 'False/EndpointUnreachable',
        AccessVerified: 'Unknown/NotObserved',
        CredentialsProjected: 'False/NotVerified',
      },
    },
    {
      name: 'a store whose refresh fails stays Ready while credentials work',
      wasReady: true,
      observed: { projections: [{ ...served, failure: down }] },
      conditions: { Reconciling: 'True/EndpointUnreachable', CredentialsProjected: 'True/RefreshFailing' },
    },
    {
      name: 'a stalled target comes before one with transient trouble',
      wasReady: true,
      observed: {
        projections: [
          { ...served, failure: down },
          { ...unserved, failure: denied },
        ],
      },
      conditions: {
        Ready: 'False/PermissionDenied',
        Reconciling: 'True/PermissionDenied',
        CredentialsProjected: 'False/PermissionDenied',
      },
    },
    {
      name: 'a store whose connector fails says nothing of the later steps',
      observed: sessionFailed('ml/minio', denied, false),
      conditions: {
        ...NOT_OBSERVED,
        Ready: 'False/ConnectorNotReady',
        Reconciling: 'True/ConnectorNotReady',
        ConnectorReady: 'False/ConnectorNotReady',
        CredentialsProjected: 'False/NotProjected',
      },
    },
    {
      name: 'a store with an invalid spec says nothing of any step',
      observed: stalled('InvalidSpec', 'm'),
      conditions: {
        ...NOT_OBSERVED,
        Ready: 'False/InvalidSpec',
        Stalled: 'True/InvalidSpec',
        ConnectorReady: 'Unknown/NotObserved',
        CredentialsProjected: 'False/NotProjected',
      },
    },
    {
      name: 'a spec in conflict from the start gives no credentials',
      observed: { projections: [unserved] },
      specFailure: conflicting,
      conditions: {
        Ready: 'False/DefaultConflict',
        Stalled: 'True/DefaultConflict',
        CredentialsProjected: 'False/DefaultConflict',
      },
    },
    {
      name: 'a spec in conflict later leaves consumers the credentials that they have',
      wasReady: true,
      specFailure: conflicting,
      conditions: { Ready: 'False/DefaultConflict', Stalled: 'True/DefaultConflict' },
    },
    {
      name: 'a spec in conflict comes before what else is wrong',
      observed: sessionFailed('ml/minio', down, false),
      specFailure: conflicting,
      conditions: {
        ...NOT_OBSERVED,
        Ready: 'False/DefaultConflict',
        Stalled: 'True/DefaultConflict',
        ConnectorReady: 'False/ConnectorNotReady',
        CredentialsProjected: 'False/NotProjected',
      },
    },
  ]
  for (const { name, wasReady, plan, observed = {}, specFailure, conditions } of rows) {
    test(name, () => {
      const of = wasReady ? before : store()
      const moment = { now: NOW, specFailure }
      const { status = {} } = isFailure(observed)
        ? concludeUnobserved(of, observed, moment)
        : conclusions.conclude(of, concludedPlan(plan), { ...good, ...observed }, moment)
      assert.equal(summary(status), inOrder({ ...ALL_WELL, ...conditions }, wasReady === true))
    })
  }

  test('a store that was Ready with another generation does not stay Ready', () => {
    const { metadata } = store()
    const changed = store({}, { status: READY, metadata: { ...metadata, generation: 2 } })
    assert.match(summary(conclude(changed, { ...good, ...unreachable }, NOW).status ?? {}), /^Ready=False/)
  })

  test('a store whose connector fails stays Ready until its credentials end', () => {
    const failure = sessionFailed('ml/minio', down, false)
    assert.match(summary(concludeUnobserved(before, failure, { now: minutes(59) }).status ?? {}), /^Ready=True/)
    const ended = concludeUnobserved(before, failure, { now: minutes(61) }).status
    assert.match(summary(ended ?? {}), /^Ready=False.* CredentialsProjected=False\/NotProjected/)
    assert.equal(ended?.credentials, undefined)
    assert.equal(ended?.expiresAt, undefined)
  })

  test('the same observations again change nothing and say nothing', () => {
    const again = conclude(before, good, minutes(5))
    assert.deepEqual(again.status, READY)
    assert.deepEqual(again.events, [])
  })
})

test('a suspended store lists its Secrets until they end', () => {
  const { status, next } = concludeSuspended(before, { now: NOW })
  assert.equal(
    summary(status ?? {}),
    'Ready=Unknown/Suspended ConnectorReady=Unknown/NotObserved BucketReachable=Unknown/NotObserved AccessVerified=Unknown/NotObserved CredentialsProjected=True/NotRefreshed',
  )
  assert.equal(status?.credentials?.length, 1)
  assert.deepEqual(next, { after: 3_601_000 })
  assert.equal(concludeSuspended(before, { now: minutes(61) }).status?.credentials, undefined)
})

test('a reconcile that is under way leaves the observed generation behind', () => {
  const { metadata } = store()
  const changed = store({}, { status: READY, metadata: { ...metadata, generation: 2 } })
  const status = concludeProgress(changed, NOW)
  assert.equal(status.observedGeneration, 1)
  assert.match(summary(status), /Reconciling=True\/Progressing/)
})
