import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, fakeProvider, fakeSession, NOW, store } from '../../test/support/objects.ts'
import { transient } from '../api/failures.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import type { Probe, Session } from '../providers/provider.ts'
import type { StoreView } from './plan.ts'
import type { ProjectedSecret } from './projected.ts'
import { reconcileStore, type StoreContext } from './reconcile.ts'
import { RepairLimit } from './repair-limit.ts'
import { Verdicts } from './verify.ts'

const probe: Probe = {
  kind: 'probe',
  bucket: { name: 'bucket', prefix: 'team/' },
  permissions: ['s3:GetObject', 's3:PutObject'].map(action => ({ action, result: 'Allowed' })),
}
const left: ProjectedSecret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'prod-old', namespace: 'ml', uid: 'u', resourceVersion: '1' },
  contentHash: '',
}

function setUp(session: Session, connectors: ServiceConnector[] = [connector()], secrets: ProjectedSecret[] = []) {
  const calls: string[] = []
  const view: StoreView = {
    keyValues: () => ({ values: { id: 'AKIA' } }),
    serviceAccount: () => undefined,
    allowedAudiences: [],
    token: async () => '',
    connector: key => connectors.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === key),
    namespaceLabels: () => undefined,
    secret: () => undefined,
    secretsOf: () => secrets,
  }
  const context: StoreContext = {
    view,
    providers: { aws: fakeProvider },
    sessions: { get: async () => session },
    verdicts: new Verdicts(),
    repairs: new RepairLimit(),
    onRefused: key => void calls.push(`refused ${key}`),
    writer: {
      write: async () => undefined,
      blocked: async () => undefined,
      async remove({ metadata }) {
        calls.push(`remove ${metadata.name}`)
        return undefined
      },
    },
    clock: () => NOW,
  }
  const run = (object = store()) => reconcileStore(object, context, AbortSignal.timeout(5_000))
  const reason = async (object = store()) => (await run(object)).status?.conditions?.[0]?.reason
  return { calls, run, reason }
}

describe('reconcileStore', () => {
  test('verifies', async () => {
    const { reason, calls } = setUp(fakeSession({ probe: async () => probe }))
    assert.equal(await reason(), 'Verified')
    assert.deepEqual(calls, [])
  })

  test('revokes what nobody asks for, although the connector is gone', async () => {
    const { reason, calls } = setUp(fakeSession(), [], [left])
    assert.equal(await reason(), 'ConnectorNotFound')
    assert.deepEqual(calls, ['remove prod-old'])
  })

  test('a refused session is the connector’s trouble, and its other stores hear of it', async () => {
    const failure = transient('SessionExpired', 'refused')
    const { run, calls } = setUp(fakeSession({ rejected: true, probe: async () => failure }))
    const { status } = await run()
    const conditions = status?.conditions?.map(({ type, status, reason }) => `${type}=${status}/${reason}`)
    assert.ok(conditions?.includes('ConnectorReady=False/ConnectorNotReady'), `${conditions}`)
    assert.deepEqual(calls, ['refused ml/minio'])
  })

  test('a store that goes, and one that is suspended, are let be', async () => {
    const { run, calls } = setUp(fakeSession(), [], [left])
    const { metadata } = store()
    const going = store({}, { metadata: { ...metadata, deletionTimestamp: '2026-03-01T09:00:00Z' } })
    assert.deepEqual(await run(going), { next: 'await-change' })
    assert.equal((await run(store({ suspend: true }))).status?.conditions?.[0]?.reason, 'Suspended')
    assert.deepEqual(calls, [])
  })
})
