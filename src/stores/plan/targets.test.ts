import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  connector,
  fakeProvider,
  fakeView,
  minutes,
  NOW,
  projectedSecret,
  store,
} from '../../../test/support/objects.ts'
import type { ArtifactStoreSpec, CredentialsEntry } from '../../api/artifact-store.ts'
import { REQUESTED_AT_ANNOTATION } from '../../api/names.ts'
import type { Identity, Provider } from '../../providers/provider.ts'
import { planStore } from './plan.ts'
import { obsoleteSecrets, type Target } from './targets.ts'
import type { StoreView } from './view.ts'

/** A provider whose identity differs from the fake's in these fields. */
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

describe('a target', () => {
  test('has defaults for what its entry does not say', () => {
    const [target] = targets({ credentials: [base] })
    assert.ok(target)
    const { grant, ...rest } = target
    assert.match(grant, /^[\w-]{22}\.ml$/)
    assert.deepEqual(rest, {
      role: 'step',
      namespace: 'ml',
      secretName: 'prod-step',
      secretNames: ['prod-step'],
      location: { bucket: 'bucket', prefix: 'team/', uri: 's3://bucket/team/' },
      access: 'ReadWrite',
      required: [],
      durationMs: 3_600_000,
      mountPath: '/var/run/artifact-store',
      formats: ['AwsProfile'],
      cloud: 'aws',
    })
  })

  test('has what its entry says', () => {
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

describe('the hash of a grant', () => {
  const grantOf = (...args: Parameters<typeof targets>) => targets(...args)[0]?.grant
  test('stays the same while nothing changes that it is made from', () => {
    assert.equal(
      grantOf({ credentials: [base] }),
      grantOf({ credentials: [base, { ...base, name: 'b' }], suspend: false, bucket: { expirationDays: 7 } }),
    )
  })
  test('changes with the days after which objects expire, where a format tells them', () => {
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
  test('makes only its own entry impossible', () => {
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
  test('makes entries without a duration impossible when it is the connector’s', () => {
    const [long] = targets({ credentials: [base] }, {}, provider({ maxDuration, sessionDurationMs: 7_200_000 }))
    assert.deepEqual(failureOf(long), [
      'DurationTooLong',
      `spec.credentials[step].duration is not set, and sessionDuration of the connector is too long: credentials of ServiceConnector "ml/minio" can't live that long: roles of a chain last 1 hour: set one of them`,
    ])
  })
})

describe('the namespaces of an entry', () => {
  const shared = { ...base, namespaces: { names: ['a', 'ml', 'nowhere'] } }
  const view = { namespaceLabels: (name: string) => (name === 'nowhere' ? undefined : {}) }
  const allowedNamespaces = { from: 'All' as const }

  test('have a grant each, and those that get none say why', () => {
    const found = targets({ credentials: [shared], allowedNamespaces }, view)
    assert.deepEqual(
      found.map(({ namespace, secretNames, excluded }) => [namespace, secretNames[0], excluded?.reason]),
      [
        ['a', 'prod-step', undefined],
        ['ml', 'prod-step', undefined],
        ['nowhere', 'prod-step', 'NamespaceNotFound'],
      ],
    )
    assert.equal(new Set(found.map(({ grant }) => grant)).size, 3)
  })
  test('do not change what each of them gets', () => {
    const grantOf = (credentials: CredentialsEntry[]) =>
      targets({ credentials, allowedNamespaces }, view).find(({ namespace }) => namespace === 'ml')?.grant
    assert.equal(grantOf([shared]), grantOf([base]))
  })
  test('may each have a Secret of the same name', () => {
    const credentials = [shared, { ...base, name: 'other', secretName: 'prod-step', namespaces: { names: ['b'] } }]
    assert.equal(targets({ credentials, allowedNamespaces }, view).length, 4)
  })
  test('do not change which permissions are required', () => {
    const asked: unknown[] = []
    const aws: Provider = {
      ...fakeProvider,
      requiredPermissions: uses => [`${asked.push(uses.map(({ access }) => access))}`],
    }
    targets({ credentials: [{ ...shared, access: 'ReadOnly', namespaces: { selector: {} } }] }, {}, aws)
    assert.deepEqual(asked, [['ReadOnly']])
  })
  test('are reported when there are none', () => {
    const object = store({ credentials: [{ ...base, namespaces: { selector: {} } }] })
    const plan = planStore(object, fakeView(), { aws: fakeProvider })
    assert.deepEqual(plan.kind === 'plan' && plan.unmatched, ['step'])
  })
})

describe('a store with more targets than are allowed', () => {
  const names = ['a', 'b', 'c', 'd']
  const stamp = { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) }
  const view = (existing: string[] = []): Partial<StoreView> => ({
    maxTargets: 3,
    namespaceLabels: () => ({}),
    namespacesMatching: () => names,
    secret: key => {
      const [namespace = '', name = ''] = key.split('/')
      return existing.includes(key) ? projectedSecret(name, stamp, namespace) : undefined
    },
    secretsOf: () => existing.map(key => projectedSecret(key.split('/')[1] ?? '', stamp, key.split('/')[0])),
  })
  const spec: Partial<ArtifactStoreSpec> = {
    credentials: [
      { ...base, namespaces: { selector: {} } },
      { ...base, name: 'own' },
    ],
    allowedNamespaces: { from: 'All' },
  }
  const served = (existing?: string[]) =>
    targets(spec, view(existing)).flatMap(({ namespace, role, excluded }) => (excluded ? [] : `${role} ${namespace}`))

  test('has those of its own namespace and the first of the others', () => {
    assert.deepEqual(served(), ['step a', 'step b', 'own ml'])
  })
  test('keeps those that have Secrets already', () => {
    assert.deepEqual(served(['c/prod-step', 'd/prod-step']), ['step c', 'step d', 'own ml'])
  })
  test('says once how many there are, how many may be, and the cure', () => {
    const failures = targets(spec, view()).flatMap(({ excluded }) => excluded ?? [])
    assert.deepEqual(failures, [
      {
        kind: 'failure',
        intent: 'stalled',
        reason: 'TooManyTargets',
        message:
          'spec.credentials: leads to 5 targets (an entry in a namespace is one), and a store has 3 at most: the others get nothing, such as "step" in "c": narrow namespaces, split the store, or have an administrator raise --max-targets',
      },
    ])
  })
  test('is told of nothing while it has as many as are allowed', () => {
    const { credentials = [] } = spec
    assert.equal(targets({ ...spec, credentials: credentials.slice(1) }, view()).length, 1)
  })
  test('loses no Secret that an entry asks for', () => {
    const existing = names.map(name => `${name}/prod-step`)
    assert.deepEqual(obsoleteSecrets(store(spec), fakeView(view(existing))), [])
  })
})

test('Secrets in other namespaces are obsolete when no entry asks for them any more', () => {
  const stamp = { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) }
  const secrets = ['a', 'b', 'c', 'ml'].map(namespace => projectedSecret('prod-step', stamp, namespace))
  const view = fakeView({
    secretsOf: key => (key === 'ml/prod' ? secrets : []),
    namespaceLabels: () => ({}),
    isTerminating: name => name === 'c',
  })
  const obsolete = (spec: Partial<ArtifactStoreSpec>) =>
    obsoleteSecrets(store({ credentials: [{ ...base, namespaces: { names: ['a', 'c'] } }], ...spec }), view)
      .map(({ metadata }) => metadata.namespace)
      .join()
  assert.equal(obsolete({ allowedNamespaces: { from: 'All' } }), 'b,c,ml')
  assert.equal(obsolete({}), 'a,b,c,ml', 'none is allowed any more')
  assert.equal(obsolete({ credentials: 'none' as never }), '', 'a spec that is not valid takes nothing back')
})

describe('where the operator is limited to namespaces', () => {
  const stamp = { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) }
  const limited = (unread: string) =>
    fakeView({
      watched: { has: name => ['ml', 'a', 'b'].includes(name), isRead: name => name !== unread },
      secretsOf: () => ['a', 'b'].map(namespace => projectedSecret('prod-step', stamp, namespace)),
    })
  const obsolete = (spec: Partial<ArtifactStoreSpec>, view = limited('none')) =>
    obsoleteSecrets(store({ allowedNamespaces: { from: 'All' }, ...spec }), view)
      .map(({ metadata }) => metadata.namespace)
      .join()
  const leading = (namespaces: NonNullable<CredentialsEntry['namespaces']>) => ({
    credentials: [{ ...base, namespaces }],
  })
  const selector = { matchLabels: { team: 'x' } }

  test('Secrets are obsolete that no entry names', () => {
    assert.equal(obsolete(leading({ names: ['a'] })), 'b')
  })

  test('no Secret is obsolete because its namespace is not read yet', () => {
    assert.equal(obsolete(leading({ names: ['a', 'b'] }), limited('b')), '')
  })

  for (const [name, spec] of [
    ['of an entry', leading({ selector })],
    ['of the store', { ...leading({ names: ['a'] }), allowedNamespaces: { from: 'Selector' as const, selector } }],
  ] as const) {
    test(`no Secret is obsolete because a selector ${name} can’t be followed`, () => {
      assert.equal(obsolete(spec), '')
      const plan = planStore(store(spec), limited('none'), { aws: fakeProvider })
      assert.deepEqual(plan.kind === 'failure' && [plan.intent, plan.reason], ['stalled', 'SelectorNotSupported'])
    })
  }
})

test('Secrets are obsolete when no entry asks for them any more', () => {
  const stamp = { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) }
  const secrets = ['prod-step', 'prod-old', 'prod-step-env'].map(name => projectedSecret(name, stamp))
  const obsolete = obsoleteSecrets(store({ credentials: [base] }), fakeView({ secretsOf: () => secrets }))
  assert.deepEqual(
    obsolete.map(({ metadata }) => metadata.name),
    ['prod-old', 'prod-step-env'],
  )
})
