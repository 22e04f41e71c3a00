/** Measures many stores that are created at once, one store alone, the time without change, and a restart. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ARTIFACT_STORES, resourcePath } from '../../src/kube/resource.ts'
import { asInTheImage, type OperatorProcess } from '../support/operator-process.ts'
import { until } from '../support/until.ts'
import { type Tenant, World } from '../support/world.ts'
import { startConnectionCounter } from './connection-counter.ts'
import { type Counters, countersOf, minus } from './counters.ts'
import type { Figures } from './figures.ts'
import { type Load, load, newcomers, stores } from './load.ts'
import { cpuOf, fixedWork, memoryOf } from './machine.ts'
import { ReadyWatch } from './ready-watch.ts'
import { mean } from './statistics.ts'

/** The namespace whose stores are measured. */
export const BENCH = 'bench'

/** A world in which the operator leads and the connector `minio` of the tenant is Ready. */
export interface Bench {
  world: World
  tenant: Tenant
  operator: OperatorProcess
}

/** Runs the work in a new world, so that no measurement sees objects of another one. `flags`: the operator's. */
export async function inWorld<T>(work: (bench: Bench) => Promise<T>, flags: string[] = []): Promise<T> {
  const world = await World.start()
  try {
    const tenant = await world.tenant(BENCH)
    const operator = await world.startOperator(flags, asInTheImage())
    await operator.leads()
    await tenant.connector('minio')
    await tenant.connectorReady('minio')
    return await work({ world, tenant, operator })
  } finally {
    await world.stop()
  }
}

/** Creates so many objects at once. Returns the figures that any operator has, and what was counted meanwhile. */
export async function measureKind(
  world: World,
  operator: Pick<OperatorProcess, 'pid' | 'metrics'>,
  { kind = stores(), ...rest }: Load,
): Promise<{ figures: Figures; counted: Counters }> {
  const fixedBefore = await fixedWork()
  const before = await countersOf(operator, world.controlPlane)
  const times = await load(world.client, { kind, ...rest })
  const counted = minus(await countersOf(operator, world.controlPlane), before)
  const fixed = mean([fixedBefore, await fixedWork()])
  const figures = {
    ready: times.ready,
    totalSeconds: times.totalMs / 1_000,
    p50Seconds: times.p50Ms / 1_000,
    p99Seconds: times.p99Ms / 1_000,
    operatorCpu: counted.cpuSeconds,
    apiServerCpu: counted.apiServerCpuSeconds,
    fixedWork: fixed,
    peakMiB: memoryOf(operator).peak,
    ...(await sizes(world, resourcePath(kind.resource, rest.namespace, 'store-0'))),
  }
  return { figures, counted }
}

/** Creates so many stores at once. */
export async function measureLoad({ world, tenant, operator }: Bench, count: number): Promise<Figures> {
  const { figures, counted } = await measureKind(world, operator, { namespace: tenant.name, count })
  return {
    ...figures,
    stsCalls: counted.sts / count,
    s3Calls: (counted.provider - counted.sts) / count,
    kubeCalls: counted.kube / count,
    bytesWritten: counted.bytesWritten / count,
    statusWrites: counted.statusWrites / count,
    secretWrites: counted.secretWrites / count,
  }
}

/** What is stored for an object, which the API server keeps as JSON. */
async function sizes({ controlPlane }: World, path: string): Promise<Figures> {
  const { text, json } = await controlPlane.request('GET', path)
  return {
    storeBytes: Buffer.byteLength(text.trim()),
    managedFieldsBytes: Buffer.byteLength(JSON.stringify(json.metadata.managedFields ?? [])),
  }
}

/** Waits until the operator writes nothing more: events are sent at a limited rate. */
async function settled({ world, operator }: Bench): Promise<void> {
  const writes = async () => {
    const { statusWrites, secretWrites, events } = await countersOf(operator, world.controlPlane)
    return statusWrites + secretWrites + events
  }
  let last = -1
  await until(
    'the operator has written everything',
    async () => {
      const before = last
      last = await writes()
      await sleep(2_000)
      return last === before
    },
    { ms: 1_200_000 },
  )
}

/** Counts what happens while nothing changes. */
export async function measureQuiet(bench: Bench, seconds: number): Promise<Figures> {
  const { world, operator } = bench
  await settled(bench)
  const before = await countersOf(operator, world.controlPlane)
  const cpuBefore = cpuOf(operator)
  await sleep(seconds * 1_000)
  const cpuSeconds = cpuOf(operator) - cpuBefore
  const counted = minus(await countersOf(operator, world.controlPlane), before)
  return {
    restMiB: memoryOf(operator).now,
    quietWrites: ((counted.statusWrites + counted.secretWrites + counted.events) * 60) / seconds,
    quietCalls: (counted.provider * 60) / seconds,
    quietCpu: (cpuSeconds * 100) / seconds,
  }
}

const SINGLES = 20

/** Creates stores one by one, while the operator has nothing else to do. */
export async function measureSingle({ world, tenant, operator }: Bench): Promise<Figures> {
  const before = await countersOf(operator, world.controlPlane)
  const singles = await newcomers(world.client, tenant.name)
  const times: number[] = []
  while (times.length < SINGLES) times.push(await singles.next())
  singles.stop()
  const singleMs = mean(times)
  const { providerSeconds, apiServerSeconds } = minus(await countersOf(operator, world.controlPlane), before)
  const singleRoundTripsMs = ((providerSeconds + apiServerSeconds) * 1_000) / SINGLES
  return { singleMs, singleRoundTripsMs, singleRatio: singleMs / singleRoundTripsMs }
}

/** Counts the connections for stores that are created at once. */
export async function measureConnections({ world }: Bench, count: number): Promise<Figures> {
  await using counter = await startConnectionCounter(world.minio.endpoint)
  const tenant = await world.tenant('counted')
  await tenant.connector('minio', { endpoint: counter.endpoint })
  await tenant.connectorReady('minio')
  const before = counter.opened()
  await load(world.client, { namespace: tenant.name, count })
  return { connections: (counter.opened() - before) / count }
}

/** The last one of the list that an operator starts with. */
const LATE = 'zz-created-while-no-operator-ran'

/** Starts the operator again: it works when a store that was created meanwhile is Ready. Counts what else it does. */
export async function measureRestart(bench: Bench): Promise<Figures> {
  const { world, tenant, operator } = bench
  await settled(bench)
  await operator.stop()
  const watch = await ReadyWatch.start(world.client, ARTIFACT_STORES, tenant.name)
  await tenant.store(LATE)
  const startedAt = performance.now()
  const again = await world.startOperator([], asInTheImage())
  await watch.until(() => watch.readyAt.has(LATE), 300_000)
  const { cpuSeconds } = await countersOf(again, world.controlPlane)
  await settled({ ...bench, operator: again })
  const { sts, statusWrites, secretWrites } = await countersOf(again, world.controlPlane)
  watch.stop()
  // The store itself needs one call of STS, one Secret and its statuses.
  const own = { sts: 1, writes: 1 + (watch.writes.get(LATE) ?? 0) }
  return {
    restartSeconds: ((watch.readyAt.get(LATE) ?? Number.POSITIVE_INFINITY) - startedAt) / 1_000,
    restartCpu: cpuSeconds,
    restartStsCalls: sts - own.sts,
    restartWrites: statusWrites + secretWrites - own.writes,
  }
}
