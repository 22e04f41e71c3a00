import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { goodProbe, minutes, NOW, store } from '../../../test/support/objects.ts'
import { concludedPlan, observations, verification } from '../../../test/support/observations.ts'
import type { ArtifactStore, ArtifactStoreSpec, ArtifactStoreStatus } from '../../api/artifact-store.ts'
import { USAGE_MEASURED } from '../../api/conditions.ts'
import { type Failure, stalled } from '../../api/failures.ts'
import type { Permission } from '../../providers/provider.ts'
import type { Measured } from '../effects/measure.ts'
import type { Projection } from '../effects/projection.ts'
import type { Target } from '../plan/targets.ts'
import { conclude, concludeSuspended, concludeUnobserved } from './conclude.ts'
import { keptFacts, observedFacts } from './facts.ts'
import type { ConcludedPlan, Observations } from './observations.ts'

const plan = concludedPlan()
const concluded = (of: ArtifactStore, seen: Partial<Observations>) =>
  conclude(of, plan, observations(seen), { now: NOW })
const verified = (expirationDays: number) => ({ verification: verification(expirationDays) })
const denied = stalled('PermissionDenied', 's3:PutLifecycleConfiguration denied')

describe('the bucket in status', () => {
  const unverified = { verification: denied }
  const asked = { bucket: { ...plan.bucket, expirationDays: 7 } }
  const recorded = (expirationDays?: number): ArtifactStoreStatus => ({
    bucket: { ...goodProbe.bucket, ...(expirationDays ? { expirationDays } : {}) },
  })
  const cases: [
    name: string,
    status: ArtifactStoreStatus,
    seen: Partial<Observations>,
    bucket: ArtifactStoreStatus['bucket'],
    wanted?: Partial<ConcludedPlan>,
  ][] = [
    ['has no days without a lifecycle rule', recorded(), {}, goodProbe.bucket],
    [
      'has the days of a rule that was set',
      recorded(),
      { bucket: verified(7) },
      { ...goodProbe.bucket, expirationDays: 7 },
    ],
    ['has no days when the rule was removed', recorded(7), {}, goodProbe.bucket],
    [
      'has the days of a rule that may have been set',
      {},
      { bucket: unverified },
      { name: 'bucket', prefix: 'team/', expirationDays: 7 },
      asked,
    ],
    [
      'keeps the days of a rule that may not have been removed',
      recorded(7),
      { bucket: unverified },
      { name: 'bucket', prefix: 'team/', expirationDays: 7 },
    ],
    ['is absent after a failure when no rule was asked for', recorded(), { bucket: unverified }, undefined],
  ]
  for (const [name, status, seen, bucket, wanted] of cases) {
    test(name, () => {
      const facts = observedFacts(store({}, { status }), concludedPlan(wanted), observations(seen), false)
      assert.deepEqual(facts.bucket, bucket)
    })
  }

  test('keeps the days of its rule while nothing can be observed', () => {
    assert.equal(keptFacts(store({}, { status: recorded(7) }), NOW).bucket?.expirationDays, 7)
  })
})

describe('the Secrets in status', () => {
  const projections = Array.from({ length: 251 }, (_, index): Projection => {
    const namespace = `team-${1000 + index}`
    const target = { role: 'step', namespace, secretNames: ['prod-step'], secretName: 'prod-step' } as Target
    return { target, served: true, expiresAt: minutes(index === 250 ? 30 : 60), warnings: [] }
  })
  const facts = observedFacts(store(), plan, observations({ projections }), false)

  test('are listed as far as there is room, and the rest is counted', () => {
    const { credentials = [], credentialsOmitted } = facts
    assert.deepEqual([credentials.length, credentialsOmitted], [250, 1])
    assert.deepEqual([credentials[0]?.namespace, credentials.at(-1)?.namespace], ['team-1000', 'team-1249'])
  })
  test('have the first end of all, also of those that are not listed', () =>
    assert.equal(facts.expiresAt, '2026-03-01T10:30:00Z'))
  test('are counted while nothing can be observed, as long as all may live', () => {
    const kept = (now: Date) => keptFacts(store({}, { status: facts }), now)
    assert.deepEqual([kept(NOW).credentialsOmitted, kept(NOW).expiresAt], [1, '2026-03-01T10:30:00Z'])
    const { credentials, credentialsOmitted, expiresAt } = kept(minutes(31))
    assert.deepEqual([credentials?.length, credentialsOmitted, expiresAt], [250, undefined, '2026-03-01T11:00:00Z'])
  })
  test('are not counted when all of them fit', () => {
    const { credentials, credentialsOmitted } = observedFacts(
      store(),
      plan,
      observations({ projections: projections.slice(1) }),
      false,
    )
    assert.deepEqual([credentials?.length, credentialsOmitted], [250, undefined])
  })
})

describe('a permission in status', () => {
  const put = { action: 's3:PutObject', probe: 'PutObject' }
  const denial = 's3:PutObject denied on s3://bucket/team/ for arn:aws:iam::1:role/x'
  type Told = NonNullable<ArtifactStoreStatus['permissions']>[number]
  const rows: [name: string, found: Permission, told: Told][] = [
    [
      'that is allowed has no more than its name',
      { ...put, result: 'Allowed' },
      { action: put.action, result: 'Allowed' },
    ],
    [
      'that is denied has no cure, and does not say again where and to whom',
      { ...put, result: 'Denied', detail: denial, cure: 'assign it the role' },
      { ...put, result: 'Denied' },
    ],
    [
      'that is denied has the reason that the service gives',
      { ...put, result: 'Denied', detail: `${denial} (the service says: "no")` },
      { ...put, result: 'Denied', detail: 'the service says: "no"' },
    ],
    [
      'that is denied for another action says so',
      { ...put, result: 'Denied', detail: 'kms:Decrypt denied' },
      { ...put, result: 'Denied', detail: 'kms:Decrypt denied' },
    ],
    [
      'that is not known says why',
      { action: put.action, result: 'Unknown', detail: 's3:PutObject: not probed with x', wouldLeaveTrace: true },
      { action: put.action, result: 'Unknown', detail: 'not probed with x' },
    ],
  ]
  for (const [name, found, told] of rows) {
    test(name, () => {
      const probe = { ...goodProbe, permissions: [found] }
      const seen = observations({ bucket: { verification: { ...verification(), probe } } })
      assert.deepEqual(observedFacts(store(), plan, seen, false).permissions, [told])
    })
  }
})

describe('the usage in status', () => {
  const usage = { objects: 2, bytes: 10, scope: 'Prefix' as const, measuredAt: '2026-03-01T10:00:00Z' }
  const later = { ...usage, objects: 3 }
  const measured = (overrides: Partial<Measured> = {}): Measured => ({
    usage,
    failure: undefined,
    nextAt: minutes(60),
    ...overrides,
  })
  const failure: Failure = stalled('UsageDenied', 'cloudwatch:GetMetricData denied')
  const asks: Partial<ArtifactStoreSpec> = { usage: { source: 'List' } }

  const cases: [
    name: string,
    spec: Partial<ArtifactStoreSpec>,
    status: ArtifactStoreStatus,
    measured: Measured | undefined,
    usage: ArtifactStoreStatus['usage'],
    condition: string | undefined,
  ][] = [
    ['is absent when the spec does not ask for it', {}, {}, undefined, undefined, undefined],
    ['is there when it was measured', asks, {}, measured(), usage, 'True/Measured'],
    ['is replaced when it was measured again', asks, { usage }, measured({ usage: later }), later, 'True/Measured'],
    [
      'is absent before everything is counted',
      asks,
      {},
      measured({ usage: undefined }),
      undefined,
      'Unknown/Measuring',
    ],
    ['stays when measuring fails', asks, { usage }, measured({ failure }), usage, 'False/UsageDenied'],
    ['stays when the state of the store allows no measuring', asks, { usage }, undefined, usage, undefined],
    ['goes when the spec no longer asks for it', {}, { usage }, undefined, undefined, undefined],
  ]
  for (const [name, spec, status, found, expected, condition] of cases) {
    test(name, () => {
      const { status: next } = concluded(store(spec, { status }), { usage: found })
      assert.deepEqual(next?.usage, expected)
      const shown = next?.conditions?.find(({ type }) => type === USAGE_MEASURED)
      assert.equal(shown && `${shown.status}/${shown.reason}`, condition)
      assert.equal(next?.conditions?.[0]?.status, 'True', 'the store is Ready, whatever measuring does')
    })
  }

  test('has a condition that stays while nothing can be observed, and goes when the spec no longer asks', () => {
    const { status = {} } = concluded(store(asks), { usage: measured() })
    const has = ({ conditions }: ArtifactStoreStatus = {}) => conditions?.some(({ type }) => type === USAGE_MEASURED)
    assert.equal(has(status), true)
    assert.equal(has(concludeUnobserved(store(asks, { status }), denied, { now: NOW }).status), true)
    assert.equal(has(concludeSuspended(store({}, { status }), { now: NOW }).status), false)
    assert.equal(keptFacts(store(asks, { status }), NOW).usage, usage)
  })
})
