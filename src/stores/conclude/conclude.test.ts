import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { minutes, NOW, store } from '../../../test/support/objects.ts'
import type { ArtifactStoreStatus } from '../../api/artifact-store.ts'
import { findCondition } from '../../api/conditions.ts'
import { type Failure, stalled, transient, waiting } from '../../api/failures.ts'
import type { Outcome } from '../../runtime/outcome.ts'
import { type Projection, UNFINISHED } from '../effects/project.ts'
import { sessionFailed } from '../plan/connection.ts'
import type { Target } from '../plan/targets.ts'
import { conclude, concludeProgress, concludeSuspended } from './conclude.ts'
import type { Observations } from './observations.ts'

const target = { role: 'step', namespace: 'ml', secretNames: ['prod-step'], secretName: 'prod-step' } as Target
const served: Projection = { target, served: true, expiresAt: minutes(60), refreshAt: minutes(27), warnings: [] }
const unserved: Projection = { target, served: false, warnings: [] }
const location = { bucket: 'bucket', prefix: 'team/', uri: 's3://bucket/team/' }
const good: Observations = {
  location,
  cautions: [],
  bucket: { location, create: false, ruleId: 'rule' },
  changes: [],
  usage: undefined,
  principal: 'arn:aws:iam::1:role/x',
  verdict: {
    probe: {
      kind: 'probe',
      bucket: { name: 'bucket', prefix: 'team/' },
      permissions: [{ action: 's3:GetObject', result: 'Allowed' }],
    },
    expirationDays: undefined,
    nextAt: minutes(10),
  },
  access: undefined,
  projections: [served],
  unmatched: [],
  cleanUp: undefined,
}
const denied = stalled('PermissionDenied', 's3:PutObject denied')
const conflicting = stalled('DefaultConflict', 'another is the default')
const down = transient('EndpointUnreachable', 'no answer')

const summary = ({ conditions = [] }: ArtifactStoreStatus): string =>
  conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`).join(' ')
const READY = conclude(store(), good, NOW).status as ArtifactStoreStatus
const before = store({}, { status: READY })

describe('conclude', () => {
  const cases: [
    name: string,
    previous: ArtifactStoreStatus | undefined,
    observed: Observations | Failure,
    conditions: string,
    objection?: Failure,
  ][] = [
    [
      'all is well',
      undefined,
      good,
      'Ready=True/Verified ConnectorReady=True/Authenticated BucketReachable=True/Reachable AccessVerified=True/PermissionsVerified CredentialsProjected=True/Projected',
    ],
    [
      'credentials that people must know something of',
      undefined,
      { ...good, cautions: ['a copy of the key'] },
      'Ready=True/Verified ConnectorReady=True/Authenticated BucketReachable=True/Reachable AccessVerified=True/PermissionsVerified CredentialsProjected=True/ProjectedWithCaution',
    ],
    [
      'credentials that reach further than was asked for',
      undefined,
      { ...good, projections: [{ ...served, caution: 'reach the whole container' }] },
      'Ready=True/Verified ConnectorReady=True/Authenticated BucketReachable=True/Reachable AccessVerified=True/PermissionsVerified CredentialsProjected=True/ProjectedWithCaution',
    ],
    [
      'credentials without an end',
      undefined,
      { ...good, projections: [{ target, served: true, warnings: [] }] },
      'Ready=True/Verified ConnectorReady=True/Authenticated BucketReachable=True/Reachable AccessVerified=True/PermissionsVerified CredentialsProjected=True/Projected',
    ],
    [
      'an entry that leads to no namespace',
      undefined,
      { ...good, projections: [], unmatched: ['step'] },
      'Ready=True/Verified ConnectorReady=True/Authenticated BucketReachable=True/Reachable AccessVerified=True/PermissionsVerified CredentialsProjected=True/Projected',
    ],
    [
      'nothing asked for',
      undefined,
      { ...good, projections: [] },
      'Ready=True/Verified ConnectorReady=True/Authenticated BucketReachable=True/Reachable AccessVerified=True/PermissionsVerified CredentialsProjected=True/NoneRequested',
    ],
    [
      'denied from the start',
      undefined,
      { ...good, access: denied, projections: [unserved] },
      'Ready=False/PermissionDenied Stalled=True/PermissionDenied ConnectorReady=True/Authenticated BucketReachable=True/Reachable AccessVerified=False/PermissionDenied CredentialsProjected=False/NotVerified',
    ],
    [
      'denied later: those who have credentials keep them',
      READY,
      { ...good, access: denied },
      'Ready=False/PermissionDenied ConnectorReady=True/Authenticated BucketReachable=True/Reachable AccessVerified=False/PermissionDenied CredentialsProjected=True/Projected Stalled=True/PermissionDenied',
    ],
    [
      'down from the start',
      undefined,
      { ...good, verdict: down, access: down, projections: [unserved] },
      'Ready=False/EndpointUnreachable Reconciling=True/EndpointUnreachable ConnectorReady=True/Authenticated BucketReachable=False/EndpointUnreachable AccessVerified=Unknown/NotObserved CredentialsProjected=False/NotVerified',
    ],
    [
      'down later: Ready holds while credentials work',
      READY,
      { ...good, verdict: down, access: down },
      'Ready=True/Verified ConnectorReady=True/Authenticated BucketReachable=False/EndpointUnreachable AccessVerified=True/PermissionsVerified CredentialsProjected=True/Projected Reconciling=True/EndpointUnreachable',
    ],
    [
      'down until credentials ended',
      READY,
      { ...good, verdict: down, access: down, projections: [{ ...unserved, failure: down }] },
      'Ready=False/EndpointUnreachable ConnectorReady=True/Authenticated BucketReachable=False/EndpointUnreachable AccessVerified=Unknown/NotObserved CredentialsProjected=False/EndpointUnreachable Reconciling=True/EndpointUnreachable',
    ],
    [
      'refresh fails, credentials work',
      READY,
      { ...good, projections: [{ ...served, failure: down }] },
      'Ready=True/Verified ConnectorReady=True/Authenticated BucketReachable=True/Reachable AccessVerified=True/PermissionsVerified CredentialsProjected=True/RefreshFailing Reconciling=True/EndpointUnreachable',
    ],
    [
      'a stalled target among transient ones comes first',
      READY,
      {
        ...good,
        projections: [
          { ...served, failure: down },
          { ...unserved, failure: denied },
        ],
      },
      'Ready=False/PermissionDenied ConnectorReady=True/Authenticated BucketReachable=True/Reachable AccessVerified=True/PermissionsVerified CredentialsProjected=False/PermissionDenied Stalled=True/PermissionDenied',
    ],
    [
      'the connector fails',
      undefined,
      sessionFailed('ml/minio', denied),
      'Ready=False/ConnectorNotReady Stalled=True/ConnectorNotReady ConnectorReady=False/ConnectorNotReady BucketReachable=Unknown/NotObserved AccessVerified=Unknown/NotObserved CredentialsProjected=False/NotProjected',
    ],
    [
      'the spec is wrong: nothing is known of the steps',
      undefined,
      stalled('InvalidSpec', 'm'),
      'Ready=False/InvalidSpec Stalled=True/InvalidSpec ConnectorReady=Unknown/NotObserved BucketReachable=Unknown/NotObserved AccessVerified=Unknown/NotObserved CredentialsProjected=False/NotProjected',
    ],
    [
      'an objection from the start: nobody new gets credentials',
      undefined,
      { ...good, projections: [unserved] },
      'Ready=False/DefaultConflict Stalled=True/DefaultConflict ConnectorReady=True/Authenticated BucketReachable=True/Reachable AccessVerified=True/PermissionsVerified CredentialsProjected=False/DefaultConflict',
      conflicting,
    ],
    [
      'an objection later: those who have credentials keep them',
      READY,
      good,
      'Ready=False/DefaultConflict ConnectorReady=True/Authenticated BucketReachable=True/Reachable AccessVerified=True/PermissionsVerified CredentialsProjected=True/Projected Stalled=True/DefaultConflict',
      conflicting,
    ],
    [
      'an objection comes before what else is wrong',
      undefined,
      sessionFailed('ml/minio', down),
      'Ready=False/DefaultConflict Stalled=True/DefaultConflict ConnectorReady=False/ConnectorNotReady BucketReachable=Unknown/NotObserved AccessVerified=Unknown/NotObserved CredentialsProjected=False/NotProjected',
      conflicting,
    ],
  ]
  for (const [name, status, observed, conditions, objection] of cases) {
    test(name, () => {
      const outcome = conclude(store({}, status ? { status } : {}), observed, NOW, objection)
      assert.equal(summary(outcome.status ?? {}), conditions)
    })
  }

  test('Ready of another generation is no reason to hold', () => {
    const { metadata } = store()
    const changed = store({}, { status: READY, metadata: { ...metadata, generation: 2 } })
    assert.match(summary(conclude(changed, { ...good, verdict: down, access: down }, NOW).status ?? {}), /^Ready=False/)
  })

  test('a connector in trouble lets Ready go when the credentials end', () => {
    const failure = sessionFailed('ml/minio', down)
    assert.match(summary(conclude(before, failure, minutes(59)).status ?? {}), /^Ready=True/)
    const ended = conclude(before, failure, minutes(61)).status
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

describe('the next look', () => {
  const next = ({ next, wakeWithin }: Outcome<unknown>) => ({ next, wakeWithin })
  test('the probe comes before the refresh', () => {
    assert.deepEqual(next(conclude(store(), good, NOW)), { next: { after: 600_000 }, wakeWithin: undefined })
  })
  test('the refresh comes before the probe', () => {
    const soon = { ...good, projections: [{ ...served, refreshAt: minutes(1) }] }
    assert.deepEqual(conclude(store(), soon, NOW).next, { after: 60_000 })
  })
  test('a stalled store still refreshes in time', () => {
    assert.deepEqual(next(conclude(before, { ...good, access: denied }, NOW)), { next: denied, wakeWithin: 600_000 })
  })
  test('a failed refresh is retried with backoff, and sooner the less the credentials have left', () => {
    const failing = {
      ...good,
      verdict: down,
      access: down,
      projections: [{ ...served, failure: down, expiresAt: minutes(2) }],
    }
    assert.deepEqual(next(conclude(before, failing, NOW)), { next: down, wakeWithin: 40_000 })
  })
  test('a refresh that a person must mend is tried again before the credentials end', () => {
    const failing = { ...good, projections: [{ ...served, failure: denied, expiresAt: minutes(6) }] }
    assert.deepEqual(next(conclude(before, failing, NOW)), { next: denied, wakeWithin: 120_000 })
  })
  test('a Secret in the way is looked at twice a minute', () => {
    const conflict = stalled('SecretConflict', 'm')
    const blocked = { ...good, projections: [{ ...unserved, failure: conflict }] }
    assert.deepEqual(next(conclude(store(), blocked, NOW)), { next: conflict, wakeWithin: 30_000 })
  })
  test('a connector in trouble', () => {
    const failure = sessionFailed('ml/minio', denied)
    assert.deepEqual(next(conclude(before, failure, NOW)), { next: failure, wakeWithin: 1_200_000 })
  })
  test('what may pass is tried again soon, also where something else waits for a person', () => {
    const observed = {
      ...good,
      projections: [
        { ...unserved, failure: denied },
        { ...unserved, failure: down },
      ],
    }
    assert.equal(conclude(before, observed, NOW).next, down)
    assert.equal(conclude(before, down, NOW, conflicting).next, down)
  })
  test('a measurement goes on', () => {
    const usage = { usage: undefined, failure: undefined, nextAt: NOW }
    assert.deepEqual(conclude(store({ usage: { source: 'List' } }), { ...good, usage }, NOW).next, { after: 1_000 })
  })
  test('nothing to wait for', () => {
    assert.deepEqual(next(conclude(store(), stalled('InvalidSpec', 'm'), NOW)), {
      next: stalled('InvalidSpec', 'm'),
      wakeWithin: undefined,
    })
  })
})

describe('events', () => {
  const reasons = (outcome: Outcome<unknown>) => outcome.events?.map(({ type, reason }) => `${type} ${reason}`)
  test('becoming Ready', () => assert.deepEqual(reasons(conclude(store(), good, NOW)), ['Normal Verified']))
  test('trouble while Ready', () => {
    const observed = { ...good, verdict: down, access: down }
    assert.deepEqual(reasons(conclude(before, observed, NOW)), ['Warning EndpointUnreachable'])
    const status = conclude(before, observed, NOW).status as ArtifactStoreStatus
    assert.deepEqual(reasons(conclude(store({}, { status }), observed, NOW)), [], 'once')
  })
  test('a change of the bucket', () => {
    const outcome = conclude(before, { ...good, changes: ['created the bucket', 'enabled versioning'] }, NOW)
    assert.deepEqual(outcome.events, [
      {
        type: 'Normal',
        reason: 'BucketPrepared',
        action: 'Prepare',
        message: 's3://bucket/team/: created the bucket, enabled versioning',
      },
    ])
  })
  test('a store whose Secrets take several turns', () => {
    const unfinished = { ...good, projections: [{ ...served, failure: waiting(UNFINISHED, 'm') }] }
    assert.deepEqual(reasons(conclude(before, unfinished, NOW)), [])
    const { status } = conclude(before, unfinished, NOW)
    assert.equal(findCondition(status?.conditions, 'Reconciling')?.reason, UNFINISHED)
  })
  test('no longer Ready', () => {
    assert.deepEqual(reasons(conclude(before, { ...good, access: denied }, NOW)), ['Warning PermissionDenied'])
  })
})

test('suspended: Secrets are listed until they end', () => {
  const { status, next } = concludeSuspended(before, NOW)
  assert.equal(
    summary(status ?? {}),
    'Ready=Unknown/Suspended ConnectorReady=Unknown/NotObserved BucketReachable=Unknown/NotObserved AccessVerified=Unknown/NotObserved CredentialsProjected=True/NotRefreshed',
  )
  assert.equal(status?.credentials?.length, 1)
  assert.deepEqual(next, { after: 3_601_000 })
  assert.equal(concludeSuspended(before, minutes(61)).status?.credentials, undefined)
})

test('progress leaves the observed generation behind', () => {
  const { metadata } = store()
  const changed = store({}, { status: READY, metadata: { ...metadata, generation: 2 } })
  const status = concludeProgress(changed, NOW)
  assert.equal(status.observedGeneration, 1)
  assert.match(summary(status), /Reconciling=True\/Progressing/)
})
