import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, fakeProvider, fakeView, KEY_SPEC, store } from '../../../test/support/objects.ts'
import type { ArtifactStore, ArtifactStoreSpec } from '../../api/artifact-store.ts'
import { stalled } from '../../api/failures.ts'
import { REQUESTED_AT_ANNOTATION } from '../../api/names.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import type { Provider } from '../../providers/provider.ts'
import { planStore, type StorePlan } from './plan.ts'

/** What the cluster contains. */
interface Cluster {
  connectors?: ServiceConnector[]
  namespaces?: Record<string, Record<string, string>>
  /** Undefined when there is no such Secret. */
  keyId?: string | undefined
}

const nowhere = stalled('InvalidRegion', 'spec.bucket.region: of another partition')

function plan(object: ArtifactStore, { connectors = [connector()], namespaces = {}, ...cluster }: Cluster = {}) {
  const { keyId } = { keyId: 'AKIA', ...cluster }
  const view = fakeView({
    keyValues: () => (keyId === undefined ? undefined : { values: { id: keyId } }),
    connector: key => connectors.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === key),
    namespaceLabels: name => namespaces[name],
  })
  const refuses: Provider['refuses'] = (_, { region }) => (region === 'cn-north-1' ? nowhere : undefined)
  return planStore(object, view, { aws: { ...fakeProvider, refuses } })
}

function planned(spec: Partial<ArtifactStoreSpec>, cluster?: Cluster): StorePlan {
  const result = plan(store(spec), cluster)
  assert.ok(result.kind === 'plan', JSON.stringify(result))
  return result
}

const lending = (...resources: string[]): ServiceConnector => connector({ spec: { ...KEY_SPEC, resources } })
const elsewhere = (allowed?: ServiceConnector['spec']['allowedNamespaces'], resources?: string[]): ServiceConnector => {
  const { metadata } = connector()
  const spec = { ...KEY_SPEC, ...(allowed ? { allowedNamespaces: allowed } : {}), ...(resources ? { resources } : {}) }
  return connector({ metadata: { ...metadata, namespace: 'platform' }, spec })
}
const shared = store({ connectorRef: { name: 'minio', namespace: 'platform' } })
const team = { matchExpressions: [{ key: 'team', operator: 'In' as const, values: ['a'] }] }

const notReady = connector({
  status: {
    observedGeneration: 1,
    conditions: [
      { type: 'Ready', status: 'False', reason: 'SecretNotLabelled', message: 'label it', lastTransitionTime: '' },
    ],
  },
})

describe('planStore refuses', () => {
  const cases: [name: string, object: ArtifactStore, cluster: Cluster, reason: string, message: RegExp][] = [
    [
      'a connector that does not exist',
      store(),
      { connectors: [] },
      'ConnectorNotFound',
      /there is no ServiceConnector "ml\/minio"/,
    ],
    [
      'a connector of another namespace by default',
      shared,
      { connectors: [elsewhere()] },
      'ConnectorNotAllowed',
      /"platform\/minio" does not exist or does not allow namespace "ml"/,
    ],
    [
      'an absent connector of another namespace in the same words',
      shared,
      { connectors: [] },
      'ConnectorNotAllowed',
      /"platform\/minio" does not exist or does not allow namespace "ml"/,
    ],
    [
      'a connector of another namespace that allows its own only',
      shared,
      { connectors: [elsewhere({ from: 'Same' })] },
      'ConnectorNotAllowed',
      /allow/,
    ],
    [
      'a connector of another namespace that selects other labels',
      shared,
      { connectors: [elsewhere({ from: 'Selector', selector: team })], namespaces: { ml: { team: 'b' } } },
      'ConnectorNotAllowed',
      /allow/,
    ],
    [
      'a connector of another namespace before our labels are known',
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
      'a connector whose key is empty',
      store(),
      { keyId: '' },
      'ConnectorNotReady',
      /^ServiceConnector "ml\/minio": SecretKeyEmpty: /,
    ],
    [
      'a connector that is not ready, in the words of its own status',
      store(),
      { connectors: [notReady], keyId: '' },
      'ConnectorNotReady',
      /: SecretNotLabelled: label it$/,
    ],
    [
      'a connector of another cloud',
      store({ path: 'az://data/team' }),
      {},
      'CloudMismatch',
      /^spec.path: az:\/\/data\/team needs a ServiceConnector for azure, and "ml\/minio" is for aws/,
    ],
    [
      'a bucket that the connector does not lend',
      store(),
      { connectors: [lending('s3://ml-*', 's3://bucket2')] },
      'ResourceNotAllowed',
      /^spec.path: ServiceConnector "ml\/minio" allows only s3:\/\/ml-\*, s3:\/\/bucket2: use another bucket, or add s3:\/\/bucket to/,
    ],
    [
      'a bucket that a connector of another namespace does not lend, without naming others',
      shared,
      { connectors: [elsewhere({ from: 'All' }, ['s3://secret-*'])] },
      'ResourceNotAllowed',
      /^spec.path: ServiceConnector "platform\/minio" does not allow s3:\/\/bucket: have its owner add it to spec.resources$/,
    ],
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
    [
      'a connector of another namespace that lacks a Secret, without naming it',
      shared,
      { connectors: [elsewhere({ from: 'All' })], keyId: '' },
      'ConnectorNotReady',
      /^ServiceConnector "platform\/minio": SecretKeyEmpty: its owner can see why$/,
    ],
    [
      'what the provider says is impossible',
      store({ bucket: { region: 'cn-north-1' } }),
      {},
      'InvalidRegion',
      /^spec.bucket.region: /,
    ],
    ['an invalid path', store({ path: 's3://a*b' }), {}, 'InvalidSpec', /^spec.path: /],
  ]
  for (const [name, object, cluster, reason, message] of cases) {
    test(name, () => {
      const failure = plan(object, cluster)
      assert.ok(failure.kind === 'failure', JSON.stringify(failure))
      assert.equal(failure.reason, reason)
      assert.match(failure.message, message)
    })
  }
})

describe('a Secret of the connector that is absent', () => {
  const cases: [name: string, connector: ServiceConnector, intent: string][] = [
    ['is waited for until the connector has reported it', connector({ status: {} }), 'waiting'],
    ['is for a person to make once the connector has reported it', notReady, 'stalled'],
  ]
  for (const [name, object, intent] of cases) {
    test(name, () => {
      const failure = plan(store(), { connectors: [object], keyId: undefined })
      assert.ok(failure.kind === 'failure')
      assert.deepEqual([failure.reason, failure.intent], ['ConnectorNotReady', intent])
    })
  }
})

describe('planStore allows a connector of another namespace', () => {
  for (const [name, allowed] of [
    ['that allows all', { from: 'All' }],
    ['that selects our labels', { from: 'Selector', selector: team }],
  ] as const) {
    test(name, () => {
      const result = plan(shared, { connectors: [elsewhere(allowed)], namespaces: { ml: { team: 'a' } } })
      assert.equal(result.kind, 'plan')
    })
  }
})

test('planStore allows a bucket that a pattern of the connector matches', () => {
  assert.equal(plan(store(), { connectors: [lending('s3://b*')] }).kind, 'plan')
})

describe('the request to the bucket', () => {
  const location = { bucket: 'bucket', prefix: 'team/', uri: 's3://bucket/team/' }
  const ruleId = 'artifactstore.dev/ml/prod/uid-of-m'
  test('asks for nothing by default', () => {
    assert.deepEqual(planned({}).bucket, { location, create: false, ruleId })
  })
  test('asks for what the spec asks for', () => {
    const bucket = { create: true, region: 'eu-west-1', versioning: 'Enabled', expirationDays: 7 } as const
    assert.deepEqual(planned({ bucket }).bucket, { location, ...bucket, ruleId })
  })
  test('makes the last verification void when it changes', () => {
    assert.notEqual(planned({ bucket: { expirationDays: 7 } }).verificationKey, planned({}).verificationKey)
  })
})

test('a request for another look at the connector is one for its stores, too', () => {
  const { metadata } = connector()
  const asked = connector({ metadata: { ...metadata, annotations: { [REQUESTED_AT_ANNOTATION]: 'now' } } })
  const [before, after] = [planned({}), planned({}, { connectors: [asked] })]
  assert.notEqual(before.verificationKey, after.verificationKey)
  assert.notEqual(before.requestedAt, after.requestedAt)
  assert.deepEqual([before.connectorRequest, after.connectorRequest], [undefined, 'now'])
})

describe('the plan to measure usage', () => {
  const cases: [name: string, usage: ArtifactStoreSpec['usage'], plan: StorePlan['usage']][] = [
    ['is absent when the spec does not ask for it', undefined, undefined],
    ['is absent when the source is None', { source: 'None' }, undefined],
    ['asks every 6 hours by default', { source: 'List' }, { source: 'List', intervalMs: 6 * 3_600_000 }],
    [
      'asks as often as the spec says',
      { source: 'CloudWatch', interval: '5m' },
      { source: 'CloudWatch', intervalMs: 300_000 },
    ],
  ]
  for (const [name, usage, expected] of cases) {
    test(name, () => assert.deepEqual(planned(usage ? { usage } : {}).usage, expected))
  }
})
