/** MinIO, the API server and the operator fail and come back. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { findCondition } from '../../../src/api/conditions.ts'
import { REQUESTED_AT_ANNOTATION } from '../../../src/api/names.ts'
import { ARTIFACT_STORES } from '../../../src/kube/resource.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import { until } from '../../support/until.ts'
import { messageOf, type Tenant, World } from '../../support/world.ts'

let world: World
before(async () => {
  world = await World.start()
})
after(() => world.stop())

let requests = 0
const lookAgain = (tenant: Tenant, name: string) =>
  world.client.jsonPatch(ARTIFACT_STORES, { namespace: tenant.name, name }, [
    { op: 'add', path: '/metadata/annotations', value: { [REQUESTED_AT_ANNOTATION]: String(++requests) } },
  ])

const calm = (tenant: Tenant, name: string) =>
  until(
    `${name} is calm and Ready`,
    async () => {
      const { conditions } = (await tenant.getStore(name)).status ?? {}
      return findCondition(conditions, 'Ready')?.status === 'True' && !findCondition(conditions, 'Reconciling')
    },
    { ms: 60_000 },
  )

const unreachable = () =>
  `${new URL(world.minio.endpoint).host} (spec.aws.endpoint) is unreachable: connection refused: check the address, the service and network policies`

describe('while MinIO is away, and when it is back,', () => {
  let tenant: Tenant
  let operator: OperatorProcess
  before(async () => {
    operator = await world.startOperator()
    tenant = await world.tenant('outage')
    await tenant.connector('minio')
    await tenant.store('old')
    await tenant.storeReady('old')
  })
  after(() => operator.stop())

  test('a store that works stays Ready while its credentials do, and says what is wrong', async () => {
    await world.minio.halt()
    await lookAgain(tenant, 'old')
    const store = await tenant.storeCondition('old', 'Reconciling', 'True', 'EndpointUnreachable')
    assert.equal(messageOf(store, 'Reconciling'), unreachable())
    assert.equal(findCondition(store.status?.conditions, 'Ready')?.status, 'True')
    assert.equal(findCondition(store.status?.conditions, 'BucketReachable')?.status, 'False')
    assert.equal(findCondition(store.status?.conditions, 'Stalled'), undefined)
  })

  test('a new store is not Ready, is retried, and is not a hot loop', async () => {
    await tenant.store('new')
    const store = await tenant.storeCondition('new', 'Ready', 'False', 'EndpointUnreachable')
    assert.equal(messageOf(store), unreachable())
    assert.ok(findCondition(store.status?.conditions, 'Reconciling'))
    // A write is counted after others can read what was written, and before the operator logs why the try has failed.
    await operator.until('its try has ended', () =>
      operator.logs.some(({ key, reason }) => key === 'outage/new' && reason === 'EndpointUnreachable'),
    )
    const ofStores = { controller: 'artifactstore' }
    const written = await operator.metric('artifactstore_status_writes_total', ofStores)
    const runs = await operator.metric('artifactstore_reconcile_total', ofStores)
    await until(
      'two more tries of each',
      async () => (await operator.metric('artifactstore_reconcile_total', ofStores)) >= runs + 4,
    )
    assert.equal(
      await operator.metric('artifactstore_status_writes_total', ofStores),
      written,
      'the same failure again is no write',
    )
    // Backoff 1, 2, 4, 8 s: in the time of the test no store can have had more than a handful of tries.
    assert.ok((await operator.metric('artifactstore_reconcile_total', { ...ofStores, result: 'transient' })) < 16)
  })

  test('both stores are well when it is back', async () => {
    await world.minio.start()
    await calm(tenant, 'old')
    await calm(tenant, 'new')
    const warnings = (await tenant.events('old')).filter(({ type }) => type === 'Warning')
    const reasons = warnings.map(({ reason }) => reason)
    // MinIO may still answer that it is shutting down.
    const expected = reasons.includes('ServiceUnavailable')
      ? ['EndpointUnreachable', 'ServiceUnavailable']
      : ['EndpointUnreachable']
    assert.deepEqual(reasons.sort(), expected, 'an event for each thing that happened, once')
  })

  test('sessions that MinIO no longer knows are replaced, and so is what was made with them', async () => {
    const before = await tenant.credentials('old-step')
    await world.minio.halt()
    // MinIO signs session tokens with the root password.
    await world.minio.start({ rootPassword: 'another-root-password' })
    await lookAgain(tenant, 'old')
    await until(
      'new credentials',
      async () => (await tenant.credentials('old-step')).accessKeyId !== before.accessKeyId,
    )
    await calm(tenant, 'old')
    await calm(tenant, 'new')
  })
})

describe('the operator is killed', () => {
  let tenant: Tenant
  const names = Array.from({ length: 30 }, (_, index) => `store-${index}`)
  before(async () => {
    tenant = await world.tenant('killed')
    await tenant.connector('minio')
  })

  const readyCount = async () => {
    const stores = await Promise.all(names.map(tenant.getStore))
    return stores.filter(({ status }) => findCondition(status?.conditions, 'Ready')?.status === 'True').length
  }

  test('in the midst of work: the next one finishes it, and touches nothing that was done', async () => {
    const first = await world.startOperator(['--leader-elect=false', '--concurrency=1'])
    await Promise.all(names.map(name => tenant.store(name)))
    await until('some are done', async () => (await readyCount()) >= 5)
    await first.kill()
    const done = new Map<string, string | undefined>()
    for (const name of names) {
      const isDone = findCondition((await tenant.getStore(name)).status?.conditions, 'Ready')?.status === 'True'
      if (isDone) done.set(name, (await tenant.getSecret(`${name}-step`))?.metadata.resourceVersion)
    }
    assert.ok(done.size < names.length, 'it was killed too late for the test to mean anything')

    const second = await world.startOperator()
    await Promise.all(names.map(tenant.storeReady))
    for (const [name, version] of done) {
      assert.equal((await tenant.getSecret(`${name}-step`))?.metadata.resourceVersion, version, name)
    }
    assert.equal(await second.stop(), 0)
  })

  test('when idle: the next one writes nothing and calls nobody but for its own session', async () => {
    const versions = await Promise.all(names.map(async name => (await tenant.getStore(name)).metadata.resourceVersion))
    const third = await world.startOperator()
    await third.until('every store was looked at', async () => {
      return (await third.metric('artifactstore_reconcile_total', { controller: 'artifactstore' })) >= names.length
    })
    assert.equal(await third.metric('artifactstore_status_writes_total', { controller: 'artifactstore' }), 0)
    assert.equal(await third.metric('artifactstore_secret_writes_total'), 0)
    const calls = await third.metric('artifactstore_provider_requests_total')
    assert.ok(calls < names.length, `${calls} calls for ${names.length} stores that were verified before`)
    const now = await Promise.all(names.map(async name => (await tenant.getStore(name)).metadata.resourceVersion))
    assert.deepEqual(now, versions)
    await third.stop()
  })
})

describe('two replicas', () => {
  test('take over from each other when one stops, and when one dies', async () => {
    const tenant = await world.tenant('replicas')
    await tenant.connector('minio')
    const first = await world.startOperator([])
    await first.leads()
    const second = await world.startOperator([])
    assert.equal(await second.metric('artifactstore_leader'), 0)
    await tenant.store('one')
    await tenant.storeReady('one')

    assert.equal(await first.stop(), 0)
    await second.leads()
    await tenant.store('two')
    await tenant.storeReady('two')

    const third = await world.startOperator([])
    await second.kill()
    await third.leads()
    await tenant.store('three')
    await tenant.storeReady('three')
    await third.stop()
  })
})

describe('the API server restarts', () => {
  test('and the operator goes on where it was', async t => {
    if (!world.controlPlane.managed) return t.skip('the API server of an existing cluster is not ours to stop')
    const tenant = await world.tenant('restarted')
    await tenant.connector('minio')
    const operator = await world.startOperator()
    await tenant.store('before')
    await tenant.storeReady('before')
    const { metadata } = await tenant.getStore('before')
    await world.controlPlane.stopApiserver()
    await operator.until('it notices', () =>
      operator.logs.some(({ msg, phase }) => msg === 'watching failed' && phase === 'watch'),
    )
    await world.controlPlane.startApiserver()
    await tenant.store('after')
    await tenant.storeReady('after')
    assert.equal((await tenant.getStore('before')).metadata.resourceVersion, metadata.resourceVersion)
    assert.equal(operator.exited, undefined)
    await operator.stop()
  })
})
