import assert from 'node:assert/strict'
import { test } from 'node:test'
import manifest from '../../package.json' with { type: 'json' }
import { createMetrics } from './metrics.ts'

const lines = async (metrics: ReturnType<typeof createMetrics>): Promise<string[]> =>
  Buffer.concat((await metrics.render()).body)
    .toString()
    .split('\n')

test('what is counted is what is scraped', async () => {
  const metrics = createMetrics()
  const controller = metrics.controller('artifactstore')
  controller.depth(3)
  controller.latency(250, 'urgent')
  controller.reconciled('success', 40)
  controller.reconciled('transient', 2000)
  controller.statusWritten()
  metrics.kubeRequest('get', 'secrets', 200)
  metrics.kubeRequest('get', 'secrets', 'error')
  metrics.providerRequest('aws', 'AssumeRole', 'ok', 100)
  metrics.secretWritten('create')
  metrics.event('sent')
  metrics.probed('s3:GetObject', 'Denied')
  metrics.refreshed()
  metrics.refreshed('AccessDenied')
  metrics.refreshLag(20_000)
  metrics.leading(true)
  const scraped = await lines(metrics)
  for (const want of [
    'artifactstore_workqueue_depth{controller="artifactstore"} 3',
    'artifactstore_workqueue_latency_seconds_bucket{le="0.1",controller="artifactstore",lane="urgent"} 0',
    'artifactstore_workqueue_latency_seconds_bucket{le="0.5",controller="artifactstore",lane="urgent"} 1',
    'artifactstore_reconcile_total{controller="artifactstore",result="success"} 1',
    'artifactstore_reconcile_total{controller="artifactstore",result="transient"} 1',
    'artifactstore_reconcile_duration_seconds_sum{controller="artifactstore"} 2.04',
    'artifactstore_status_writes_total{controller="artifactstore"} 1',
    'artifactstore_kube_requests_total{verb="get",resource="secrets",code="200"} 1',
    'artifactstore_kube_requests_total{verb="get",resource="secrets",code="error"} 1',
    'artifactstore_provider_requests_total{provider="aws",operation="AssumeRole",result="ok"} 1',
    'artifactstore_provider_request_duration_seconds_count{provider="aws",operation="AssumeRole"} 1',
    'artifactstore_secret_writes_total{operation="create"} 1',
    'artifactstore_events_total{result="sent"} 1',
    'artifactstore_probe_results_total{action="s3:GetObject",result="Denied"} 1',
    'artifactstore_credentials_refreshes_total 2',
    'artifactstore_credentials_refresh_failures_total{reason="AccessDenied"} 1',
    'artifactstore_credentials_refresh_lag_seconds_bucket{le="60"} 1',
    `artifactstore_build_info{version="${manifest.version}"} 1`,
    'artifactstore_leader 1',
  ]) {
    assert.ok(scraped.includes(want), want)
  }
  assert.ok(scraped.some(line => line.startsWith('process_cpu_seconds_total ')))
})

test('a replica that never led says so, and two registries do not mix', async () => {
  const metrics = createMetrics()
  createMetrics().leading(true)
  assert.ok((await lines(metrics)).includes('artifactstore_leader 0'))
})

test('figures of the event loop that are not measured are not told', async () => {
  const text = (await lines(createMetrics())).join('\n')
  assert.match(text, /^process_cpu_seconds_total /m)
  assert.match(text, /^artifactstore_event_loop_lag_seconds_count /m)
  assert.doesNotMatch(text, /nodejs_eventloop_lag_/)
})

test('a replica says whether it has the key of the seals', async () => {
  let time = 0
  const metrics = createMetrics(() => time)
  assert.ok((await lines(metrics)).includes('artifactstore_seal_key 0'))
  metrics.sealKeyLoaded()
  time = 1000
  assert.ok((await lines(metrics)).includes('artifactstore_seal_key 1'))
})

test('the text is written once a second at most, however many ask for it', async () => {
  let time = 0
  const metrics = createMetrics(() => time)
  const leads = async () => (await lines(metrics)).find(line => line.startsWith('artifactstore_leader '))
  const texts = await Promise.all(Array.from({ length: 100 }, () => metrics.render()))
  assert.equal(new Set(texts).size, 1)
  metrics.leading(true)
  time = 999
  assert.equal(await leads(), 'artifactstore_leader 0')
  time = 1000
  assert.equal(await leads(), 'artifactstore_leader 1')
})

test('statuses that no server should send are one series, whatever an endpoint answers', async () => {
  const metrics = createMetrics()
  for (let status = 100; status < 1000; status++) metrics.providerRequest('s3', 'HeadObject', `${status}`, 1)
  for (const result of ['unreachable', 'cancelled']) metrics.providerRequest('s3', 'HeadObject', result, 1)
  const series = (await lines(metrics)).filter(line => line.startsWith('artifactstore_provider_requests_total{'))
  const results = series.map(line => /result="([^"]+)"/.exec(line)?.[1] ?? '')
  assert.ok(results.length < 70, `${results.length}`)
  for (const result of ['200', '403', '404', '503', 'unreachable', 'cancelled', 'other']) {
    assert.ok(results.includes(result), result)
  }
})

test('what is read when it is asked for has no values of before, and names that others choose are escaped', async () => {
  let time = 0
  const metrics = createMetrics(() => time)
  let stores = ['a', 'b"\n']
  metrics.collect(() => ({ store_ready: stores.map(name => ({ labels: { namespace: 'ml', name }, value: 1 })) }))
  const told = async () => (await lines(metrics)).filter(line => line.startsWith('artifactstore_store_ready'))
  assert.deepEqual(await told(), [
    'artifactstore_store_ready{namespace="ml",name="a"} 1',
    'artifactstore_store_ready{namespace="ml",name="b\\"\\n"} 1',
  ])
  stores = ['a']
  time = 1000
  assert.deepEqual(await told(), ['artifactstore_store_ready{namespace="ml",name="a"} 1'])
})

test('a text is kept for no longer than it is good', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const metrics = createMetrics(() => 0)
  const first = metrics.render()
  assert.equal(metrics.render(), first)
  t.mock.timers.tick(1000)
  assert.notEqual(metrics.render(), first)
})
