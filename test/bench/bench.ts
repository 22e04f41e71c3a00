/**
 * Measures many stores on one connector, with the bundled operator and its default flags. Prints a table and writes
 * bench-<n>.json.
 *
 * Flags: --n STORES (default 1000), --quiet SECONDS without a change at the end (default 60), --sick STORES of other
 * tenants on an endpoint that never answers (default 0). With --sick everything is measured without and with those.
 */
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { API_VERSION } from '../../src/api/names.ts'
import { ARTIFACT_STORES, resourcePath } from '../../src/kube/resource.ts'
import { asInTheImage, type OperatorProcess } from '../support/operator-process.ts'
import { World } from '../support/world.ts'
import { load } from './load.ts'
import { sicken } from './sick.ts'

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '1000' },
    quiet: { type: 'string', default: '60' },
    sick: { type: 'string', default: '0' },
  },
})
const count = Number(values.n)
const sickCount = Number(values.sick)
const quietSeconds = Number(values.quiet)

const store = (namespace: string, index: number) => ({
  apiVersion: API_VERSION,
  kind: ARTIFACT_STORES.kind,
  metadata: { name: `store-${index}`, namespace },
  spec: {
    path: `s3://${namespace}/store-${index}`,
    connectorRef: { name: 'minio' },
    credentials: [{ name: 'step', formats: ['AwsProfile'] }],
  },
})

interface Counters {
  provider: number
  sts: number
  kube: number
  statusWrites: number
  secretWrites: number
  events: number
  cpuSeconds: number
}

async function counters(operator: OperatorProcess): Promise<Counters> {
  const sum = (name: string, labels?: Record<string, string>) => operator.metric(`artifactstore_${name}`, labels)
  const sts = ['AssumeRole', 'AssumeRoleWithWebIdentity'].map(operation =>
    sum('provider_requests_total', { operation }),
  )
  return {
    provider: await sum('provider_requests_total'),
    sts: (await Promise.all(sts)).reduce((one, other) => one + other, 0),
    kube: await sum('kube_requests_total'),
    statusWrites: await sum('status_writes_total', { controller: 'artifactstore' }),
    secretWrites: await sum('secret_writes_total'),
    events: await sum('events_total', { result: 'sent' }),
    cpuSeconds: await operator.metric('process_cpu_seconds_total'),
  }
}

const minus = (after: Counters, before: Counters): Counters =>
  Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, value - before[name as keyof Counters]]),
  ) as never

async function watchMemory(operator: OperatorProcess, stop: AbortSignal): Promise<number> {
  let peak = 0
  while (!stop.aborted) {
    peak = Math.max(peak, await operator.metric('process_resident_memory_bytes'))
    await sleep(500)
  }
  return peak
}

async function measure(world: World) {
  const tenant = await world.tenant('bench')
  const operator = await world.startOperator([], asInTheImage())
  await operator.leads()
  await tenant.connector('minio')
  await tenant.connectorReady('minio')

  const stopMemory = new AbortController()
  const memory = watchMemory(operator, stopMemory.signal)
  const before = await counters(operator)
  const times = await load(world.controlPlane, {
    path: resourcePath(ARTIFACT_STORES, tenant.name),
    count,
    object: index => store(tenant.name, index),
  })
  const calls = minus(await counters(operator), before)
  stopMemory.abort()
  const peakBytes = await memory

  const still = await counters(operator)
  await sleep(quietSeconds * 1000)
  const quiet = minus(await counters(operator), still)
  await operator.stop()
  return { ...times, calls, peakMiB: Math.round(peakBytes / 2 ** 20), quietSeconds, quiet }
}

/** Runs the work in a new world, so that no measurement sees objects of another one. */
async function inWorld<T>(work: (world: World) => Promise<T>): Promise<T> {
  const world = await World.start()
  try {
    return await work(world)
  } finally {
    await world.stop()
  }
}

/** Measures the same load while the stores of other tenants hang. */
async function measureBesideSick(world: World) {
  const tenant = await world.tenant('bench')
  const operator = await world.startOperator([], asInTheImage())
  await operator.leads()
  await tenant.connector('minio')
  await tenant.connectorReady('minio')
  const heal = await sicken(world, sickCount)
  try {
    return await load(world.controlPlane, {
      path: resourcePath(ARTIFACT_STORES, tenant.name),
      count,
      object: index => store(tenant.name, index),
    })
  } finally {
    await heal()
  }
}

const result = await inWorld(measure)
const each = (value: number) => (value / count).toFixed(2)
console.table({
  'stores Ready': `${result.ready} of ${result.n}`,
  'total s': result.totalMs / 1000,
  'p50 ms': result.p50Ms,
  'p99 ms': result.p99Ms,
  'status writes a store': each(result.calls.statusWrites),
  'Secret writes a store': each(result.calls.secretWrites),
  'events a store': each(result.calls.events),
  'STS calls a store': each(result.calls.sts),
  'S3 calls a store': each(result.calls.provider - result.calls.sts),
  'API server calls a store': each(result.calls.kube),
  'CPU s': result.calls.cpuSeconds.toFixed(2),
  'peak RSS MiB': result.peakMiB,
  [`writes in ${quietSeconds} s without change`]:
    result.quiet.statusWrites + result.quiet.secretWrites + result.quiet.events,
  [`S3 and STS calls in ${quietSeconds} s`]: result.quiet.provider,
})
writeFileSync(`bench-${count}.json`, `${JSON.stringify(result, undefined, 2)}\n`)

if (sickCount > 0) {
  const beside = await inWorld(measureBesideSick)
  const ratio = (of: 'p50Ms' | 'p99Ms') => (beside[of] / result[of]).toFixed(2)
  console.table({
    'stores Ready': { without: `${result.ready} of ${result.n}`, with: `${beside.ready} of ${beside.n}` },
    'p50 ms': { without: result.p50Ms, with: beside.p50Ms, ratio: ratio('p50Ms') },
    'p99 ms': { without: result.p99Ms, with: beside.p99Ms, ratio: ratio('p99Ms') },
  })
  writeFileSync(`bench-${count}-sick-${sickCount}.json`, `${JSON.stringify(beside, undefined, 2)}\n`)
}
