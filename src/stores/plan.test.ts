import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, fakeProvider, KEY_SPEC, store } from '../../test/support/objects.ts'
import type { ArtifactStore, ArtifactStoreSpec } from '../api/artifact-store.ts'
import { ROLE_LABEL, STORE_LABEL } from '../api/names.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import { obsoleteSecrets, planStore, type StorePlan, type StoreView } from './plan.ts'
import type { ProjectedSecret } from './projected.ts'

interface World {
  connectors?: ServiceConnector[]
  namespaces?: Record<string, Record<string, string>>
  secrets?: ProjectedSecret[]
  keyId?: string
}

const view = ({
  connectors = [connector()],
  namespaces = {},
  secrets = [],
  keyId = 'AKIA',
}: World = {}): StoreView => ({
  keyValues: () => ({ values: { id: keyId } }),
  serviceAccount: () => undefined,
  allowedAudiences: [],
  token: async () => '',
  connector: key => connectors.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === key),
  namespaceLabels: name => namespaces[name],
  secret: () => undefined,
  secretsOf: () => secrets,
})

const plan = (object: ArtifactStore, world?: World) => planStore(object, view(world), { aws: fakeProvider })

function planned(spec: Partial<ArtifactStoreSpec>, world?: World): StorePlan {
  const result = plan(store(spec), world)
  assert.ok(result.kind === 'plan', JSON.stringify(result))
  return result
}

const elsewhere = (allowed?: ServiceConnector['spec']['allowedNamespaces']): ServiceConnector => {
  const { metadata } = connector()
  const spec = { ...KEY_SPEC, ...(allowed ? { allowedNamespaces: allowed } : {}) }
  return connector({ metadata: { ...metadata, namespace: 'platform' }, spec })
}
const shared = store({ connectorRef: { name: 'minio', namespace: 'platform' } })
const team = { matchExpressions: [{ key: 'team', operator: 'In' as const, values: ['a'] }] }

describe('planStore refuses', () => {
  const notReady = connector({
    status: {
      observedGeneration: 1,
      conditions: [
        { type: 'Ready', status: 'False', reason: 'SecretNotLabelled', message: 'label it', lastTransitionTime: '' },
      ],
    },
  })
  const cases: [name: string, object: ArtifactStore, world: World, reason: string, message: RegExp][] = [
    ['no connector', store(), { connectors: [] }, 'ConnectorNotFound', /there is no ServiceConnector "ml\/minio"/],
    [
      'a connector elsewhere, by default',
      shared,
      { connectors: [elsewhere()] },
      'ConnectorNotAllowed',
      /"platform\/minio" does not exist or does not allow namespace "ml"/,
    ],
    [
      'an absent one elsewhere looks the same',
      shared,
      { connectors: [] },
      'ConnectorNotAllowed',
      /"platform\/minio" does not exist or does not allow namespace "ml"/,
    ],
    ['from: Same', shared, { connectors: [elsewhere({ from: 'Same' })] }, 'ConnectorNotAllowed', /allow/],
    [
      'labels that do not match',
      shared,
      { connectors: [elsewhere({ from: 'Selector', selector: team })], namespaces: { ml: { team: 'b' } } },
      'ConnectorNotAllowed',
      /allow/,
    ],
    [
      'a namespace that is not known yet',
      shared,
      { connectors: [elsewhere({ from: 'Selector', selector: {} })] },
      'ConnectorNotAllowed',
      /allow/,
    ],
    [
      'a suspended connector',
      store(),
      { connectors: [connector({ spec: { ...KEY_SPEC, suspend: true } })] },
      'ConnectorSuspended',
      /is suspended/,
    ],
    [
      'a connector without its key',
      store(),
      { keyId: '' },
      'ConnectorNotReady',
      /^ServiceConnector "ml\/minio": SecretKeyEmpty: /,
    ],
    [
      "what the connector's own status knows better",
      store(),
      { connectors: [notReady], keyId: '' },
      'ConnectorNotReady',
      /: SecretNotLabelled: label it$/,
    ],
    ['what is not built', store({ default: true }), {}, 'NotImplemented', /^spec.default: not implemented/],
    [
      'two entries that lead to one Secret',
      store({
        credentials: [
          { name: 'a', formats: ['AwsProfile', 'Env'] },
          { name: 'b', secretName: 'prod-a-env', formats: ['Env'] },
        ],
      }),
      {},
      'InvalidSpec',
      /entries "a" and "b" both lead to Secret "prod-a-env"/,
    ],
    ['a broken path', store({ path: 's3://UPPER' }), {}, 'InvalidSpec', /^spec.path: /],
  ]
  for (const [name, object, world, reason, message] of cases) {
    test(name, () => {
      const failure = plan(object, world)
      assert.ok(failure.kind === 'failure', JSON.stringify(failure))
      assert.equal(failure.reason, reason)
      assert.match(failure.message, message)
    })
  }
})

describe('planStore allows a connector elsewhere', () => {
  for (const [name, allowed] of [
    ['All', { from: 'All' }],
    ['Selector', { from: 'Selector', selector: team }],
  ] as const) {
    test(name, () => {
      const result = plan(shared, { connectors: [elsewhere(allowed)], namespaces: { ml: { team: 'a' } } })
      assert.equal(result.kind, 'plan')
    })
  }
})

describe('targets', () => {
  test('defaults', () => {
    const [target] = planned({ credentials: [{ name: 'step', formats: ['AwsProfile'] }] }).targets
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
    const [target] = planned({ credentials: [{ ...entry, formats: [...entry.formats] }] }).targets
    assert.deepEqual(target?.secretNames, ['s', 's-env'])
    assert.deepEqual(target?.location, { bucket: 'bucket', prefix: 'team/x/y/', uri: 's3://bucket/team/x/y/' })
    assert.equal(target?.durationMs, 900_000)
    assert.equal(target?.access, 'ReadOnly')
  })

  const base = { name: 'step', formats: ['AwsProfile' as const] }
  const grantOf = (spec: Partial<ArtifactStoreSpec>, world?: World) => planned(spec, world).targets[0]?.grant
  test('a grant stays the same while nothing it is made of changes', () => {
    assert.equal(
      grantOf({ credentials: [base] }),
      grantOf({ credentials: [base, { ...base, name: 'b' }], suspend: false }),
    )
  })
  const changes: [name: string, spec: Partial<ArtifactStoreSpec>, world?: World][] = [
    ['access', { credentials: [{ ...base, access: 'ReadOnly' }] }],
    ['subPath', { credentials: [{ ...base, subPath: 'x' }] }],
    ['formats', { credentials: [{ ...base, formats: ['Env'] }] }],
    ['encryption', { credentials: [base], encryption: { type: 'SSE-S3' } }],
    ['the identity', { credentials: [base] }, { keyId: 'OTHER' }],
  ]
  for (const [name, spec, world] of changes) {
    test(`a grant changes with ${name}`, () => assert.notEqual(grantOf(spec, world), grantOf({ credentials: [base] })))
  }

  test('Secrets that nobody asks for any more', () => {
    const secret = (name: string): ProjectedSecret => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name,
        namespace: 'ml',
        uid: name,
        resourceVersion: '1',
        labels: { [STORE_LABEL]: 'prod', [ROLE_LABEL]: 'x' },
      },
      contentHash: '',
    })
    const world = { secrets: [secret('prod-step'), secret('prod-old'), secret('prod-step-env')] }
    const obsolete = obsoleteSecrets(store({ credentials: [base] }), view({ ...world, connectors: [] }))
    assert.deepEqual(
      obsolete.map(({ metadata }) => metadata.name),
      ['prod-old', 'prod-step-env'],
    )
  })
})
