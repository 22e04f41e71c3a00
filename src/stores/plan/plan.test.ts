import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, fakeProvider, fakeView, KEY_SPEC, store } from '../../../test/support/objects.ts'
import type { ArtifactStore, ArtifactStoreSpec } from '../../api/artifact-store.ts'
import { REQUESTED_AT_ANNOTATION } from '../../api/names.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { planStore, type StorePlan } from './plan.ts'

interface World {
  connectors?: ServiceConnector[]
  namespaces?: Record<string, Record<string, string>>
  /** Undefined: there is no such Secret. */
  keyId?: string | undefined
}

function plan(object: ArtifactStore, { connectors = [connector()], namespaces = {}, ...world }: World = {}) {
  const { keyId } = { keyId: 'AKIA', ...world }
  const view = fakeView({
    keyValues: () => (keyId === undefined ? undefined : { values: { id: keyId } }),
    connector: key => connectors.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === key),
    namespaceLabels: name => namespaces[name],
  })
  return planStore(object, view, { aws: fakeProvider })
}

function planned(spec: Partial<ArtifactStoreSpec>, world?: World): StorePlan {
  const result = plan(store(spec), world)
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
    [
      'a connector of another cloud',
      store({ path: 'az://data/team' }),
      {},
      'CloudMismatch',
      /^spec.path: az:\/\/data\/team needs a ServiceConnector for azure, and "ml\/minio" is for aws/,
    ],
    [
      "a bucket that is not among the connector's",
      store(),
      { connectors: [lending('s3://ml-*', 's3://bucket2')] },
      'ResourceNotAllowed',
      /^spec.path: ServiceConnector "ml\/minio" allows only s3:\/\/ml-\*, s3:\/\/bucket2: use another bucket, or add s3:\/\/bucket to/,
    ],
    [
      'the same elsewhere, whose other buckets are not ours to learn',
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
      'a connector elsewhere that names what is not there: names there are not ours to learn',
      shared,
      { connectors: [elsewhere({ from: 'All' })], keyId: '' },
      'ConnectorNotReady',
      /^ServiceConnector "platform\/minio": SecretKeyEmpty: have its owner look at its status$/,
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

describe('a Secret that is not there', () => {
  const cases: [name: string, connector: ServiceConnector, intent: string][] = [
    ['may be late until the connector has said so', connector({ status: {} }), 'waiting'],
    ['is for a person to make when the connector has', notReady, 'stalled'],
  ]
  for (const [name, object, intent] of cases) {
    test(name, () => {
      const failure = plan(store(), { connectors: [object], keyId: undefined })
      assert.ok(failure.kind === 'failure')
      assert.deepEqual([failure.reason, failure.intent], ['ConnectorNotReady', intent])
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

test('planStore allows a bucket that a pattern of the connector matches', () => {
  assert.equal(plan(store(), { connectors: [lending('s3://b*')] }).kind, 'plan')
})

describe('the bucket', () => {
  const location = { bucket: 'bucket', prefix: 'team/', uri: 's3://bucket/team/' }
  const ruleId = 'artifactstore.dev/ml/prod/uid-of-m'
  test('nothing is asked for', () => {
    assert.deepEqual(planned({}).bucket, { location, create: false, ruleId })
  })
  test('what the spec asks for', () => {
    const bucket = { create: true, region: 'eu-west-1', versioning: 'Enabled', expirationDays: 7 } as const
    assert.deepEqual(planned({ bucket }).bucket, { location, ...bucket, ruleId })
  })
  test('another wish makes the last verdict void', () => {
    assert.notEqual(planned({ bucket: { expirationDays: 7 } }).verificationKey, planned({}).verificationKey)
  })
})

test('another look at the connector is one at its stores', () => {
  const { metadata } = connector()
  const asked = connector({ metadata: { ...metadata, annotations: { [REQUESTED_AT_ANNOTATION]: 'now' } } })
  const [before, after] = [planned({}), planned({}, { connectors: [asked] })]
  assert.notEqual(before.verificationKey, after.verificationKey)
  assert.notEqual(before.requestedAt, after.requestedAt)
})

describe('usage', () => {
  const cases: [name: string, usage: ArtifactStoreSpec['usage'], plan: StorePlan['usage']][] = [
    ['not asked for', undefined, undefined],
    ['None', { source: 'None' }, undefined],
    ['every 6 hours by default', { source: 'List' }, { source: 'List', intervalMs: 6 * 3_600_000 }],
    ['as often as asked for', { source: 'CloudWatch', interval: '5m' }, { source: 'CloudWatch', intervalMs: 300_000 }],
  ]
  for (const [name, usage, expected] of cases) {
    test(name, () => assert.deepEqual(planned(usage ? { usage } : {}).usage, expected))
  }
})
