import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, fakeProvider, fakeView, minutes, NOW, projectedSecret, store } from '../../test/support/objects.ts'
import type { ArtifactStoreSpec } from '../api/artifact-store.ts'
import { REQUESTED_AT_ANNOTATION } from '../api/names.ts'
import type { Identity, Provider } from '../providers/provider.ts'
import { planStore } from './plan.ts'
import { obsoleteSecrets, type Target } from './plan-targets.ts'
import type { StoreView } from './view.ts'

/** A provider with an identity that differs from the fake's. */
const provider = (identity: Partial<Identity>): Provider => ({
  ...fakeProvider,
  identity: (spec, resolved) => ({ ...(fakeProvider.identity(spec, resolved) as Identity), ...identity }),
})

function targets(spec: Partial<ArtifactStoreSpec>, view: Partial<StoreView> = {}, aws = fakeProvider): Target[] {
  const plan = planStore(store(spec), fakeView(view), { aws })
  assert.ok(plan.kind === 'plan', JSON.stringify(plan))
  return plan.targets
}

const base = { name: 'step', formats: ['AwsProfile' as const] }

describe('targets', () => {
  test('defaults', () => {
    const [target] = targets({ credentials: [base] })
    assert.ok(target)
    const { grant, ...rest } = target
    assert.match(grant, /^[\w-]{22}$/)
    assert.deepEqual(rest, {
      role: 'step',
      namespace: 'ml',
      secretName: 'prod-step',
      secretNames: ['prod-step'],
      location: { bucket: 'bucket', prefix: 'team/', uri: 's3://bucket/team/' },
      access: 'ReadWrite',
      durationMs: 3_600_000,
      mountPath: '/var/run/artifact-store',
      formats: ['AwsProfile'],
    })
  })

  test('what an entry says', () => {
    const entry = {
      name: 'a',
      secretName: 's',
      subPath: 'x/y',
      access: 'ReadOnly',
      duration: '15m',
      formats: ['AwsProfile', 'Env'],
    } as const
    const [target] = targets({ credentials: [{ ...entry, formats: [...entry.formats] }] })
    assert.deepEqual(target?.secretNames, ['s', 's-env'])
    assert.deepEqual(target?.location, { bucket: 'bucket', prefix: 'team/x/y/', uri: 's3://bucket/team/x/y/' })
    assert.equal(target?.durationMs, 900_000)
    assert.equal(target?.access, 'ReadOnly')
  })
})

describe('a grant', () => {
  const grantOf = (...args: Parameters<typeof targets>) => targets(...args)[0]?.grant
  test('stays the same while nothing it is made of changes', () => {
    assert.equal(
      grantOf({ credentials: [base] }),
      grantOf({ credentials: [base, { ...base, name: 'b' }], suspend: false, bucket: { expirationDays: 7 } }),
    )
  })
  test('changes with the days after which objects expire where a format says them', () => {
    const turborepo = { credentials: [{ ...base, formats: ['Turborepo' as const] }] }
    assert.notEqual(grantOf({ ...turborepo, bucket: { expirationDays: 7 } }), grantOf(turborepo))
  })
  const { metadata } = connector()
  const asked = connector({ metadata: { ...metadata, annotations: { [REQUESTED_AT_ANNOTATION]: 'now' } } })
  const changes: [name: string, spec: Partial<ArtifactStoreSpec>, view?: Partial<StoreView>][] = [
    ['access', { credentials: [{ ...base, access: 'ReadOnly' }] }],
    ['subPath', { credentials: [{ ...base, subPath: 'x' }] }],
    ['formats', { credentials: [{ ...base, formats: ['Env'] }] }],
    ['duration', { credentials: [{ ...base, duration: '30m' }] }],
    ['encryption', { credentials: [base], encryption: { type: 'SSE-S3' } }],
    ['the identity', { credentials: [base] }, { keyValues: () => ({ values: { id: 'OTHER' } }) }],
    ['a request at the connector', { credentials: [base] }, { connector: () => asked }],
  ]
  for (const [name, spec, view] of changes) {
    test(`changes with ${name}`, () => assert.notEqual(grantOf(spec, view), grantOf({ credentials: [base] })))
  }
})

describe('a duration longer than credentials can live', () => {
  const maxDuration = { ms: 3_600_000, because: 'roles of a chain last 1 hour' }
  const failureOf = (target: Target | undefined) =>
    target?.impossible && [target.impossible.reason, target.impossible.message]
  test("the entry's own: of that entry only", () => {
    const credentials = [
      { ...base, duration: '2h' },
      { ...base, name: 'viewer', duration: '1h' },
    ]
    const [long, short] = targets({ credentials }, {}, provider({ maxDuration }))
    assert.deepEqual(failureOf(long), [
      'DurationTooLong',
      `spec.credentials[step].duration: 2h: credentials of ServiceConnector "ml/minio" can't live that long: roles of a chain last 1 hour: shorten it`,
    ])
    assert.equal(short?.impossible, undefined)
  })
  test("the connector's", () => {
    const [long] = targets({ credentials: [base] }, {}, provider({ maxDuration, sessionDurationMs: 7_200_000 }))
    assert.deepEqual(failureOf(long), [
      'DurationTooLong',
      `spec.credentials[step].duration is not set, and sessionDuration of the connector is too long: credentials of ServiceConnector "ml/minio" can't live that long: roles of a chain last 1 hour: set one of them`,
    ])
  })
})

test('Secrets that nobody asks for any more', () => {
  const stamp = { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) }
  const secrets = ['prod-step', 'prod-old', 'prod-step-env'].map(name => projectedSecret(name, stamp))
  const obsolete = obsoleteSecrets(store({ credentials: [base] }), { secretsOf: () => secrets })
  assert.deepEqual(
    obsolete.map(({ metadata }) => metadata.name),
    ['prod-old', 'prod-step-env'],
  )
})
