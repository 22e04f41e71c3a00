import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, store } from '../../../test/support/objects.ts'
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { Condition } from '../../api/conditions.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { REASONS } from '../known/index.ts'
import { diagnose } from './diagnose.ts'
import { subjectWords } from './finding.ts'

const condition = (
  type: string,
  status: Condition['status'],
  reason: string,
  message = `why ${reason}`,
): Condition => ({
  ...{ type, status, reason, message, lastTransitionTime: '2026-03-01T10:00:00Z' },
})
const statusOf = (...conditions: Condition[]) => ({ observedGeneration: 1, conditions })
const failed = (reason: string, message?: string) =>
  statusOf(condition('Ready', 'False', reason, message), condition('Stalled', 'True', reason, message))
const READY = statusOf(condition('Ready', 'True', 'Verified'))

const aConnector = (name: string, status: ServiceConnector['status'], spec = connector().spec): ServiceConnector =>
  connector({ status: status ?? {}, spec }, name)
const named = (object: ServiceConnector, name: string): ServiceConnector => ({
  ...object,
  metadata: { ...object.metadata, name },
})
const aStore = (name: string, status: ArtifactStore['status'], spec: Partial<ArtifactStore['spec']> = {}) => {
  const object = store(spec, status ? { status } : {})
  return { ...object, metadata: { ...object.metadata, name } }
}

/** What is found, as `subject: reason (what it explains)`. */
const found = (connectors: ServiceConnector[], stores: ArtifactStore[]) =>
  diagnose({ connectors, stores }, {}).map(
    ({ explains, reason, isCaution, ...subject }) =>
      `${isCaution ? 'caution: ' : ''}${subjectWords(subject)}: ${reason}${explains.length > 0 ? ` (${explains.map(subjectWords).join(', ')})` : ''}`,
  )

describe('what is found', () => {
  test('nothing, where all is Ready or suspended on purpose', () => {
    const suspended = statusOf(condition('Ready', 'Unknown', 'Suspended'))
    assert.deepEqual(
      found(
        [aConnector('minio', READY), named(aConnector('old', suspended), 'old')],
        [aStore('a', READY), aStore('b', suspended)],
      ),
      [],
    )
  })

  test('a connector that fails explains its stores', () => {
    const waits = failed('ConnectorNotReady')
    assert.deepEqual(
      found(
        [aConnector('minio', failed('SecretNotFound'))],
        [aStore('a', waits), aStore('b', waits), aStore('c', failed('BucketNotFound'))],
      ),
      ['connector ml/minio: SecretNotFound (store ml/a, store ml/b)', 'store ml/c: BucketNotFound'],
    )
  })

  test('a suspended connector is the cause only where a store waits for it', () => {
    const suspended = named(aConnector('minio', statusOf(condition('Ready', 'Unknown', 'Suspended'))), 'minio')
    const [finding, ...others] = diagnose(
      { connectors: [suspended], stores: [aStore('a', failed('ConnectorSuspended'))] },
      {},
    )
    assert.deepEqual([finding?.reason, finding?.explains.length, others.length], ['ConnectorSuspended', 1, 0])
    assert.match(finding?.cures[0]?.commands[0] ?? '', /"suspend":null/)
  })

  test('a store whose connector works again only has to wait', () => {
    const [finding] = diagnose(
      { connectors: [aConnector('minio', READY)], stores: [aStore('a', failed('ConnectorNotReady'))] },
      {},
    )
    assert.equal(finding?.cures[0]?.place, 'none')
  })

  test('stores whose connector can not be seen send to its owner', () => {
    const message = 'ServiceConnector "shared/aws": RoleNotTrusted'
    const spec = { connectorRef: { name: 'aws', namespace: 'shared' } }
    const findings = diagnose(
      {
        connectors: [],
        stores: [
          aStore('a', failed('ConnectorNotReady', message), spec),
          aStore('b', failed('ConnectorNotReady', message), spec),
        ],
      },
      {},
    )
    assert.deepEqual(
      findings.map(({ explains, cures }) => [explains.length, cures[0]?.place]),
      [[1, 'outside']],
    )
    assert.match(findings[0]?.cures[0]?.words ?? '', /owner of connector "shared\/aws"/)
  })

  test('the same command is told once: two connectors, one Secret', () => {
    const [one, other] = ['one', 'two'].map(name =>
      named(aConnector(name, failed('SecretNotLabelled', 'spec.aws.auth.accessKey.secretName: x')), name),
    )
    assert.ok(one && other)
    assert.deepEqual(found([one, other], []), ['connector ml/one: SecretNotLabelled (connector ml/two)'])
  })

  test('the order: nobody looks, connectors, stores, what passes, cautions', () => {
    const stores = [
      aStore('a', failed('BucketNotFound')),
      aStore('b', undefined),
      aStore('c', statusOf(condition('Ready', 'False', 'Throttled'), condition('Reconciling', 'True', 'Throttled'))),
      aStore('d', { ...READY, conditions: [...READY.conditions, condition('Isolated', 'False', 'NotIsolated')] }),
    ]
    assert.deepEqual(found([aConnector('minio', failed('RoleNotTrusted'))], stores), [
      'store ml/b: NotSeen',
      'connector ml/minio: RoleNotTrusted',
      'store ml/a: BucketNotFound',
      'store ml/c: Throttled',
      'caution: store ml/d: NotIsolated',
    ])
  })

  test('trouble of what is still Ready is found, too', () => {
    const status = statusOf(
      condition('Ready', 'True', 'Verified'),
      condition('Reconciling', 'True', 'EndpointUnreachable'),
    )
    assert.deepEqual(found([], [aStore('a', status)]), ['store ml/a: EndpointUnreachable'])
  })

  test('work on a new spec passes', () => {
    const status = statusOf(
      condition('Ready', 'Unknown', 'Progressing'),
      condition('Reconciling', 'True', 'Progressing'),
    )
    assert.equal(diagnose({ connectors: [], stores: [aStore('a', status)] }, {})[0]?.cures[0]?.place, 'none')
  })
})

describe('each reason that explain knows has a cure', () => {
  // Who has suspended an object wants it so: that is no finding.
  for (const { reason, cloud, cure } of REASONS.filter(({ reason }) => reason !== 'Suspended')) {
    test(`${reason} on ${cloud}`, () => {
      const path = cloud === 'S3' ? 's3://bucket/team' : 'az://bucket/team'
      // Its connector can't be seen here.
      const [finding] = diagnose({ connectors: [], stores: [aStore('a', failed(reason), { path })] }, {})
      const [first] = finding?.cures ?? []
      assert.ok(first)
      assert.equal(finding?.reason, reason)
      const isOwnCure = first.place === 'cluster' || reason.startsWith('Connector')
      assert.ok(
        isOwnCure || first.words === cure || REASONS.filter(row => row.reason === reason).length > 1,
        first.words,
      )
      if (/^nothing\b/.test(cure) && !isOwnCure && first.words === cure) assert.equal(first.place, 'none')
    })
  }
})
