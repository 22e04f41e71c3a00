/** A real Prometheus that scrapes an operator at work has data for each query of the dashboard, and takes all alerts. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { REQUESTED_AT_ANNOTATION } from '../../src/api/names.ts'
import { ARTIFACT_STORES } from '../../src/kube/resource.ts'
import { type Prometheus, startPrometheus } from '../cluster/prometheus.ts'
import type { OperatorProcess } from '../support/operator-process.ts'
import { until } from '../support/until.ts'
import { World } from '../support/world.ts'

interface Panel {
  title: string
  targets?: { expr: string }[]
}
const path = join(import.meta.dirname, '../../deploy/monitoring/dashboard.json')
const { panels } = JSON.parse(readFileSync(path, 'utf8')) as { panels: Panel[] }
/** Queries by their panel, with what Grafana puts in for variables. */
const queries = panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => ({
    title,
    expr: expr.replaceAll('$namespace', '.*').replaceAll('$__rate_interval', '1m'),
  })),
)

let world: World
let operator: OperatorProcess
let prometheus: Prometheus
before(async () => {
  world = await World.start()
  operator = await world.startOperator(['--leader-elect=false', '--log-level=debug'])
  const port = Number(operator.logs.find(({ msg }) => msg === 'started')?.['port'])
  // From before there is any store, so that Prometheus sees counters grow.
  prometheus = await startPrometheus([port])
  const tenant = await world.tenant('seen')
  await tenant.connector('minio')
  await tenant.keyConnector('broken', 'nothing')
  await tenant.store('good', { usage: { source: 'List' } })
  await tenant.secret('taken-step', { somebody: 'else' }, false)
  await tenant.store('taken')
  await tenant.storeReady('good')
  await tenant.storeCondition('taken', 'CredentialsProjected', 'False', 'SecretConflict')
  await tenant.storeCondition('good', 'UsageMeasured', 'True')
  await tenant.connectorCondition('broken', 'Ready', 'False')
  const calls = 'artifactstore_provider_request_duration_seconds_count'
  await until('Prometheus has seen calls', async () => (await query(calls)).length > 0)
  // Quantiles are of calls after the first ones that it has seen.
  await world.client.jsonPatch(ARTIFACT_STORES, { namespace: 'seen', name: 'good' }, [
    { op: 'add', path: '/metadata/annotations', value: { [REQUESTED_AT_ANNOTATION]: 'now' } },
  ])
})
after(async () => {
  await prometheus?.stop()
  await world?.stop()
})

interface Rule {
  name: string
  health: string
  state: string
}

interface Vector {
  result: { metric: Record<string, string>; value: [time: number, value: string] }[]
}
const query = async (expr: string) => (await prometheus.get<Vector>('query', { query: expr })).result

describe('the dashboard has data', () => {
  for (const { title, expr } of queries) {
    test(`for "${title}": ${expr}`, async () => {
      await until('a number', async () => (await query(expr)).some(({ value }) => !Number.isNaN(Number(value[1]))))
    })
  }

  test('for its variables', async () => {
    const names = await prometheus.get<string[]>('label/namespace/values', { 'match[]': 'artifactstore_store_ready' })
    assert.deepEqual(names, ['seen'])
  })
})

test('Prometheus takes all alerts, and those of the store and the connector that fail are pending', async () => {
  const rulesNow = async () => {
    const { groups } = await prometheus.get<{ groups: { rules: Rule[] }[] }>('rules')
    return groups.flatMap(group => group.rules)
  }
  const activeNow = async () =>
    (await rulesNow()).flatMap(({ name, state }) => (state === 'inactive' ? [] : [name])).sort()
  const expected = ['ArtifactStoreNotReady', 'ArtifactStoreRefreshFailing', 'ServiceConnectorNotReady']
  // A counter that appears has not grown yet: the second failure comes with the next look at the Secret in the way.
  const options = { ms: 90_000, last: activeNow }
  await until('these are pending', async () => `${await activeNow()}` === `${expected}`, options)
  const unwell = (await rulesNow()).filter(({ health }) => health !== 'ok')
  assert.deepEqual(unwell, [])
})

test('series of a store vanish with it', async () => {
  await world.client.delete(ARTIFACT_STORES, 'seen', 'taken')
  await until('the store is gone', async () => (await query('artifactstore_store_ready{name="taken"}')).length === 0)
  assert.equal((await query('artifactstore_store_ready{name="good"}')).length, 1)
})

test('an operator that gets SIGUSR2 says what its memory is used for, and goes on', async () => {
  process.kill(operator.pid, 'SIGUSR2')
  await operator.until('says so', () => operator.logs.some(({ msg }) => msg === 'memory in use, in bytes'))
  assert.equal(await operator.get('/healthz'), 'ok\n')
})
