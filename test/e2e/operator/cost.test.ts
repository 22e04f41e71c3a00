/** What a store costs the API server: calls, reconciles and bytes, as docs/performance.md says. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ARTIFACT_STORES, resourcePath } from '../../../src/kube/resource.ts'
import { leavesOwners } from '../../../src/kube/status-put.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import { steady, until } from '../../support/until.ts'
import { type Tenant, World } from '../../support/world.ts'

let world: World
let operator: OperatorProcess
let tenant: Tenant
before(async () => {
  world = await World.start()
  operator = await world.startOperator()
  tenant = await world.tenant('cost')
  await tenant.connector('minio')
  // The first store of a connector opens its session.
  await readyAndCounted('first', 1)
})
after(() => world.stop())

/** The connector counts its stores some seconds later. By then a superfluous reconcile of the store has been done. */
async function readyAndCounted(store: string, count: number): Promise<void> {
  await tenant.store(store)
  await tenant.storeReady(store)
  await until('the store is counted', async () => (await tenant.getConnector('minio')).status?.stores === count)
}

/** Calls to the API server and reconciles of stores so far, by what is counted. */
async function counted(): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const line of (await operator.metrics()).split('\n')) {
    const [, metric, labels = '', value] =
      /^artifactstore_(kube_requests|reconcile)_total{(.*)} (\d+)$/.exec(line) ?? []
    const label = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1]
    if (metric === undefined || label('controller') === 'serviceconnector') continue
    const what = metric === 'reconcile' ? 'reconcile' : `${label('verb')} ${label('resource')}`
    counts.set(what, (counts.get(what) ?? 0) + Number(value))
  }
  return counts
}

test('a store costs its Secret, its status and one reconcile: the operator is not woken by what it wrote', async () => {
  const before = await steady('what the first one costs is counted', counted)
  await readyAndCounted('second', 2)
  const since = async () =>
    Object.fromEntries(
      [...(await counted())].flatMap(([what, count]) => {
        const more = count - (before.get(what) ?? 0)
        return more > 0 ? [[what, more]] : []
      }),
    )
  const write = (await leavesOwners(world.client)) ? 'update' : 'patch'
  // The answer that the last write gets is counted after others can read what was written.
  await until('the last write is counted', async () => (await since())[`${write} serviceconnectors/status`] === 1)
  assert.deepEqual(await since(), {
    'create secrets': 1,
    [`${write} artifactstores/status`]: 1,
    // Once for all stores that come within five seconds.
    [`${write} serviceconnectors/status`]: 1,
    reconcile: 1,
  })
})

test('a store that is Ready is stored in 3 KB, with what the API server notes of its owners', async () => {
  const { text } = await world.controlPlane.request('GET', resourcePath(ARTIFACT_STORES, tenant.name, 'second'))
  assert.match(text, /"managedFields"/)
  assert.ok(Buffer.byteLength(text) <= 3 * 1024, `${Buffer.byteLength(text)} bytes: ${text}`)
})

test('an event of a store that becomes Ready, which its status says already, is not sent', async () => {
  assert.deepEqual(await tenant.events('second'), [])
})

test('by --object-metrics=false, /metrics has how many objects there are, and no name of one', async () => {
  const { series, names } = await ofObjects()
  assert.ok(series.includes('artifactstore_store_ready') && series.includes('artifactstore_connector_ready'))
  assert.deepEqual(names, ['first', 'minio', 'second'])
  await operator.stop()
  operator = await world.startOperator(['--leader-elect=false', '--object-metrics=false'])
  await operator.until('the stores are counted', async () => (await ready()) === 2)
  assert.deepEqual(await ofObjects(), { series: [], names: [] })
})

const ready = () => operator.metric('artifactstore_objects', { kind: 'ArtifactStore', ready: 'True' })

/** Names of metrics that have the tenant's namespace, and names of objects in it. */
async function ofObjects(): Promise<{ series: string[]; names: string[] }> {
  const lines = (await operator.metrics()).split('\n').filter(line => line.includes(`"${tenant.name}"`))
  const matched = (pattern: RegExp) => [...new Set(lines.flatMap(line => pattern.exec(line)?.[1] ?? []))].sort()
  return { series: matched(/^(\w+){/), names: matched(/\bname="([^"]*)"/) }
}
