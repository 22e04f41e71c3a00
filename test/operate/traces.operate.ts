/** A real collector gets the trace of each reconcile, and the operator works on where there is none. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type CollectedSpan, type Collector, startCollector } from '../cluster/otelcol.ts'
import { freePort } from '../cluster/processes.ts'
import type { OperatorProcess } from '../support/operator-process.ts'
import { tree } from '../support/trace-lab.ts'
import { until } from '../support/until.ts'
import { type Tenant, World } from '../support/world.ts'

/** Steps of a store that is new, each below that which it is part of. */
const STEPS = [
  ...['reconcile ArtifactStore', '  plan', '  session', '  prepare', '  probe'],
  ...['  project', '    grant', '    try', '    write Secret', '  conclude', '  write status'],
]
const FLAGS = ['--leader-elect=false']
const traced = (env: NodeJS.ProcessEnv) => ({ main: 'src/main.ts', nodeFlags: [], env })

let world: World
before(async () => {
  world = await World.start()
})
after(() => world?.stop())

describe('with a collector', () => {
  let collector: Collector
  let operator: OperatorProcess
  let tenant: Tenant
  let key: { accessKeyId: string; secretAccessKey: string }
  before(async () => {
    collector = await startCollector()
    operator = await world.startOperator(
      FLAGS,
      traced({
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.name=not-this-one',
        OTEL_SERVICE_NAME: 'stores',
        OTEL_BSP_SCHEDULE_DELAY: '200',
      }),
    )
    tenant = await world.tenant('traced')
    key = await tenant.user('somebody', 'readwrite')
    await tenant.connector('minio')
    await tenant.keyConnector('by-key', 'somebody')
    await tenant.store('good', { bucket: { expirationDays: 7 }, usage: { source: 'List' } })
    await tenant.store('keyed', { connectorRef: { name: 'by-key' } })
    await tenant.store('bad', { path: 's3://no-such-bucket/x' })
    await tenant.storeReady('good')
    await tenant.storeReady('keyed')
    await tenant.storeCondition('good', 'UsageMeasured', 'True')
  })
  after(() => collector?.stop())

  /** Traces of the reconciles of a store, each with its first span. */
  async function tracesOf(name: string): Promise<{ root: CollectedSpan; spans: CollectedSpan[] }[]> {
    const all = await collector.spans()
    return all
      .filter(({ parentId, attributes }) => parentId === undefined && attributes['artifactstore.name'] === name)
      .map(root => ({ root, spans: all.filter(({ traceId }) => traceId === root.traceId) }))
  }

  test('the trace of a store that becomes Ready has all steps, with their calls of the cloud below them', async () => {
    const { root, spans } = await until('the trace', async () =>
      (await tracesOf('good')).find(({ spans }) => spans.some(({ name }) => name === 'project')),
    )
    const { 'artifactstore.lane': lane, ...told } = root.attributes
    assert.equal(lane, 'urgent')
    assert.deepEqual(told, {
      'artifactstore.kind': 'ArtifactStore',
      'artifactstore.namespace': 'traced',
      'artifactstore.name': 'good',
      'artifactstore.outcome': 'success',
      'artifactstore.reason': 'Verified',
    })
    const names = tree(spans.filter(({ isClient }) => !isClient))
    for (const line of STEPS) assert.ok(names.includes(line), `${line} in:\n${names.join('\n')}`)
    const byId = new Map(spans.map(span => [span.id, span]))
    const calls = spans.filter(({ isClient }) => isClient)
    const above = new Set(calls.map(({ parentId = '' }) => byId.get(parentId)?.name))
    for (const step of ['prepare', 'probe', 'grant', 'try']) assert.ok(above.has(step), `${step} in ${[...above]}`)
    for (const { attributes, durationMs } of calls) {
      assert.equal(attributes['server.address'], new URL(world.minio.endpoint).hostname)
      assert.equal(typeof attributes['http.response.status_code'], 'number')
      assert.ok(durationMs > 0)
    }
  })
  test('another reconcile measures, and the connector has traces of its own', async () => {
    await until('measure', async () =>
      (await tracesOf('good')).some(({ spans }) => spans.some(({ name }) => name === 'measure')),
    )
    const { root, spans } = await until('a trace of the connector', async () =>
      (await tracesOf('by-key')).find(({ spans }) => spans.some(({ name }) => name === 'list resources')),
    )
    assert.equal(root.name, 'reconcile ServiceConnector')
    assert.ok(
      spans.some(({ name }) => name === 'look up'),
      'the values of its Secret are looked up',
    )
  })

  test('a store that fails says why', async () => {
    const { root, spans } = await until('its trace', async () => (await tracesOf('bad'))[0])
    assert.equal(root.attributes['artifactstore.reason'], 'BucketNotFound')
    assert.equal(root.attributes['error.type'], 'BucketNotFound')
    const failed = spans.filter(({ error }) => error !== undefined).map(({ name }) => name)
    assert.ok(failed.includes('probe'), `${failed}`)
  })

  test('the variables of OpenTelemetry say who sends it', async () => {
    const [{ resource } = assert.fail()] = await collector.spans()
    assert.equal(resource['service.name'], 'stores')
    assert.equal(resource['deployment.environment.name'], 'test')
    assert.equal(typeof resource['service.instance.id'], 'string')
  })

  test('at its end the operator sends what waits, and nothing in all traces is of a Secret', async () => {
    await tenant.store('last')
    await tenant.storeReady('last')
    assert.equal(await operator.stop(), 0)
    await until('its traces', async () => (await tracesOf('last')).length > 0)
    const text = await collector.text()
    const material = await Promise.all(['good-step', 'keyed-step', 'last-step'].map(name => tenant.credentials(name)))
    const hidden = [key.secretAccessKey, key.accessKeyId].concat(
      material.flatMap(({ accessKeyId, secretAccessKey, sessionToken }) => [
        accessKeyId,
        secretAccessKey,
        sessionToken,
      ]),
    )
    assert.ok(text.length > 10_000)
    assert.deepEqual(
      hidden.filter(value => value && text.includes(value)),
      [],
    )
    assert.doesNotMatch(text, /eyJ|AKIA|X-Amz/)
    assert.deepEqual(
      operator.logs.filter(({ level }) => level === 'error'),
      [],
    )
  })
})

test('a collector that is not there changes nothing but the log, now and then', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_BSP_SCHEDULE_DELAY: '10',
    // No second attempt has room in it.
    OTEL_EXPORTER_OTLP_TIMEOUT: '100',
  }
  const operator = await world.startOperator(FLAGS, traced(env))
  const tenant = await world.tenant('untraced')
  await tenant.connector('minio')
  await tenant.store('good')
  await tenant.storeReady('good')
  const lost = () => operator.logs.filter(({ msg }) => msg === 'traces were not sent; all else goes on')
  await operator.until('it is told of', () => lost().length > 0)
  assert.ok(lost().length <= 6)
  assert.equal(await operator.stop(), 0)
})
