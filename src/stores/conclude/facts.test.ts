import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { goodProbe, minutes, NOW, store } from '../../../test/support/objects.ts'
import type { ArtifactStoreSpec, ArtifactStoreStatus } from '../../api/artifact-store.ts'
import { USAGE_MEASURED } from '../../api/conditions.ts'
import { type Failure, stalled } from '../../api/failures.ts'
import type { Measured } from '../effects/measure.ts'
import type { Projection } from '../effects/project.ts'
import type { Verdict } from '../effects/verify.ts'
import type { Target } from '../plan/targets.ts'
import { conclude, concludeSuspended } from './conclude.ts'
import { keptFacts, observedFacts } from './facts.ts'
import type { Observations } from './observations.ts'

const location = { bucket: 'bucket', prefix: 'team/', uri: 's3://bucket/team/' }
const verdict = (expirationDays?: number): Verdict => ({ probe: goodProbe, expirationDays, nextAt: minutes(10) })
const observed = (overrides: Partial<Observations> = {}): Observations => ({
  location,
  principal: 'alice',
  cautions: [],
  bucket: { location, create: false, ruleId: 'rule' },
  verdict: verdict(),
  changes: [],
  access: undefined,
  projections: [],
  unmatched: [],
  cleanUp: undefined,
  usage: undefined,
  ...overrides,
})
const denied = stalled('PermissionDenied', 's3:PutLifecycleConfiguration denied')

describe('the days of the lifecycle rule', () => {
  const asked = { location, create: false, ruleId: 'rule', expirationDays: 7 }
  const recorded = (expirationDays?: number): ArtifactStoreStatus => ({
    bucket: { ...goodProbe.bucket, ...(expirationDays ? { expirationDays } : {}) },
  })
  const cases: [
    name: string,
    status: ArtifactStoreStatus,
    seen: Partial<Observations>,
    bucket: ArtifactStoreStatus['bucket'],
  ][] = [
    ['no rule', recorded(), {}, goodProbe.bucket],
    ['set', recorded(), { verdict: verdict(7) }, { ...goodProbe.bucket, expirationDays: 7 }],
    ['removed', recorded(7), {}, goodProbe.bucket],
    [
      'not set, or perhaps it was',
      {},
      { verdict: denied, bucket: asked },
      { name: 'bucket', prefix: 'team/', expirationDays: 7 },
    ],
    ['perhaps not removed', recorded(7), { verdict: denied }, { name: 'bucket', prefix: 'team/', expirationDays: 7 }],
    ['never asked for', recorded(), { verdict: denied }, undefined],
  ]
  for (const [name, status, seen, bucket] of cases) {
    test(name, () => assert.deepEqual(observedFacts(store({}, { status }), observed(seen), false).bucket, bucket))
  }

  test('kept while nothing can be observed', () => {
    assert.equal(keptFacts(store({}, { status: recorded(7) }), NOW).bucket?.expirationDays, 7)
  })
})

describe('more Secrets than status has room for', () => {
  const projections = Array.from({ length: 251 }, (_, index): Projection => {
    const namespace = `team-${1000 + index}`
    const target = { role: 'step', namespace, secretNames: ['prod-step'], secretName: 'prod-step' } as Target
    return { target, served: true, expiresAt: minutes(index === 250 ? 30 : 60), warnings: [] }
  })
  const facts = observedFacts(store(), observed({ projections }), false)

  test('the first are listed, the rest is counted', () => {
    const { credentials = [], credentialsOmitted } = facts
    assert.deepEqual([credentials.length, credentialsOmitted], [250, 1])
    assert.deepEqual([credentials[0]?.namespace, credentials.at(-1)?.namespace], ['team-1000', 'team-1249'])
  })
  test('the first end is that of all', () => assert.equal(facts.expiresAt, '2026-03-01T10:30:00Z'))
  test('while nothing can be observed, it is kept as long as all may live', () => {
    const kept = (now: Date) => keptFacts(store({}, { status: facts }), now)
    assert.deepEqual([kept(NOW).credentialsOmitted, kept(NOW).expiresAt], [1, '2026-03-01T10:30:00Z'])
    const { credentials, credentialsOmitted, expiresAt } = kept(minutes(31))
    assert.deepEqual([credentials?.length, credentialsOmitted, expiresAt], [250, undefined, '2026-03-01T11:00:00Z'])
  })
  test('all of them fit', () => {
    const { credentials, credentialsOmitted } = observedFacts(
      store(),
      observed({ projections: projections.slice(1) }),
      false,
    )
    assert.deepEqual([credentials?.length, credentialsOmitted], [250, undefined])
  })
})

test('permissions, without what to do about them', () => {
  const permission = { action: 's3:PutObject', result: 'Denied' as const, detail: 'denied' }
  const probe = { ...goodProbe, permissions: [{ ...permission, cure: 'assign it the role' }] }
  const { permissions } = observedFacts(store(), observed({ verdict: { ...verdict(), probe } }), false)
  assert.deepEqual(permissions, [permission])
})

describe('usage', () => {
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
    ['not asked for', {}, {}, undefined, undefined, undefined],
    ['measured', asks, {}, measured(), usage, 'True/Measured'],
    ['measured again', asks, { usage }, measured({ usage: later }), later, 'True/Measured'],
    ['not counted to the end', asks, {}, measured({ usage: undefined }), undefined, 'Unknown/Measuring'],
    ['fails: what was measured stays', asks, { usage }, measured({ failure }), usage, 'False/UsageDenied'],
    ['not measured in this state: it stays', asks, { usage }, undefined, usage, undefined],
    ['asked for no more', {}, { usage }, undefined, undefined, undefined],
  ]
  for (const [name, spec, status, found, expected, condition] of cases) {
    test(name, () => {
      const { status: next } = conclude(store(spec, { status }), observed({ usage: found }), NOW)
      assert.deepEqual(next?.usage, expected)
      const shown = next?.conditions?.find(({ type }) => type === USAGE_MEASURED)
      assert.equal(shown && `${shown.status}/${shown.reason}`, condition)
      assert.equal(next?.conditions?.[0]?.status, 'True', 'Ready, whatever measuring does')
    })
  }

  test('the condition goes with the wish, and stays while nothing can be observed', () => {
    const { status = {} } = conclude(store(asks), observed({ usage: measured() }), NOW)
    const has = ({ conditions }: ArtifactStoreStatus = {}) => conditions?.some(({ type }) => type === USAGE_MEASURED)
    assert.equal(has(status), true)
    assert.equal(has(conclude(store(asks, { status }), denied, NOW).status), true)
    assert.equal(has(concludeSuspended(store({}, { status }), NOW).status), false)
    assert.equal(keptFacts(store(asks, { status }), NOW).usage, usage)
  })
})
