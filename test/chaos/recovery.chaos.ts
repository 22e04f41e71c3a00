/** An endpoint that was away for a while is back, and so are all that waited for it, with few calls meanwhile. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isReady } from '../../src/api/kstatus.ts'
import { REQUESTED_AT_ANNOTATION } from '../../src/api/names.ts'
import { ARTIFACT_STORES } from '../../src/kube/resource.ts'
import { startFaultProxy } from '../cluster/fault-proxy.ts'
import type { OperatorProcess } from '../support/operator-process.ts'
import { until } from '../support/until.ts'
import { type Tenant, World } from '../support/world.ts'

const STORES = ['a', 'b', 'c', 'd', 'e', 'f']
/** Longer than the backoff of what waits: without a trial, nobody would look for a minute. */
const OUTAGE_MS = 75_000
/** The longest pause between trials, and time for the looks of all. */
const BACK_WITHIN_MS = 45_000

let world: World
let operator: OperatorProcess
let tenant: Tenant
before(async () => {
  world = await World.start()
  operator = await world.startOperator()
  tenant = await world.tenant('away')
  await tenant.connector('minio')
  await tenant.connectorReady('minio')
  await world.minio.halt()
  for (const name of STORES) await tenant.store(name)
  await tenant.storeCondition('a', 'Ready', 'False', 'EndpointUnreachable')
})
after(() => world.stop())

const allBack = (of = tenant) =>
  until(
    'all are Ready',
    async () => {
      const objects = await Promise.all([of.getConnector('minio'), ...STORES.map(name => of.getStore(name))])
      return objects.every(({ status }) => isReady(status?.conditions))
    },
    { ms: BACK_WITHIN_MS, last: async () => (await of.getStore('a')).status?.conditions },
  )

test('stores that were made during an outage are Ready soon after it, and cost few calls meanwhile', async () => {
  const calls = () => operator.metric('artifactstore_provider_requests_total')
  const before = await calls()
  await sleep(OUTAGE_MS)
  const made = (await calls()) - before
  assert.ok(made < 30, `${made} calls`)
  await world.minio.start()
  await allBack()
})

test('a request on a store is answered by a call, and not by what is remembered of the outage', async () => {
  await world.minio.halt()
  await tenant.store('late')
  await tenant.storeCondition('late', 'Ready', 'False')
  await sleep(40_000)
  await world.minio.start()
  await world.client.jsonPatch(ARTIFACT_STORES, { namespace: tenant.name, name: 'late' }, [
    { op: 'add', path: '/metadata/annotations', value: { [REQUESTED_AT_ANNOTATION]: 'now' } },
  ])
  await tenant.storeReady('late')
})

test('stores whose endpoint answers 5xx are Ready soon after it answers well', async t => {
  const proxy = await startFaultProxy(world.minio)
  t.after(() => proxy.close())
  const ailing = await world.tenant('ailing')
  await ailing.connector('minio', { endpoint: proxy.endpoint })
  await ailing.connectorReady('minio')
  proxy.fault = () => ({ status: 503, code: 'ServiceUnavailable' })
  for (const name of STORES) await ailing.store(name)
  await ailing.storeCondition('a', 'Ready', 'False', 'ServiceUnavailable')
  await sleep(OUTAGE_MS)
  proxy.fault = () => undefined
  await allBack(ailing)
})
