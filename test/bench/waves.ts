/**
 * Verification and refresh, which come by the clock. Both are set as short as they can be, so that fewer stores do as much:
 * verified every minute in place of every ten, with sessions of 15 minutes in place of an hour.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ArtifactStoreSpec } from '../../src/api/artifact-store.ts'
import { asInTheImage, type OperatorProcess } from '../support/operator-process.ts'
import { sumOf } from '../support/prometheus.ts'
import { until } from '../support/until.ts'
import type { World } from '../support/world.ts'
import type { Figures } from './figures.ts'
import { load, type Newcomers, newcomers, stores } from './load.ts'
import { cpuOf, fixedWork } from './machine.ts'
import { BENCH, inWorld } from './measure.ts'
import { mean, quantile } from './statistics.ts'

async function loadAll({ client }: World, count: number, spec: Partial<ArtifactStoreSpec>): Promise<void> {
  const { ready } = await load(client, { namespace: BENCH, count, kind: stores(spec) })
  if (ready < count) throw new Error(`${ready} of ${count} stores are Ready`)
}

/** As often as a store can be verified at most. */
const MINUTELY = { verification: { interval: '1m' } }
const ROUNDS = 2

/** Verifies each store every minute for two minutes, in real time: ten times as many are so every ten minutes. */
export function measureVerification(count: number): Promise<Figures> {
  return inWorld(async ({ world, operator }) => {
    const fixedBefore = await fixedWork()
    await loadAll(world, count, MINUTELY)
    const looks = () => operator.metric('artifactstore_reconcile_total', { controller: 'artifactstore' })
    // By then stores are verified all the time.
    await until('the first are verified again', async () => (await looks()) > count * 1.5, { ms: 300_000 })
    const [looksBefore, cpuBefore] = [await looks(), cpuOf(operator)]
    await sleep(ROUNDS * 60_000)
    const cpuSeconds = cpuOf(operator) - cpuBefore
    return {
      fixedWork: mean([fixedBefore, await fixedWork()]),
      verifyMs: (cpuSeconds * 1_000) / ((await looks()) - looksBefore),
      verifyShare: (cpuSeconds * 100) / (ROUNDS * 60),
    }
  })
}

/** New stores have sessions of an hour, so that the wave is not of their credentials, too. */
const UNVERIFIED: Partial<ArtifactStoreSpec> = { verification: { interval: '24h' } }
const SHORT_SESSIONS: Partial<ArtifactStoreSpec> = {
  ...UNVERIFIED,
  credentials: [{ name: 'step', formats: ['AwsProfile'], duration: '15m' }],
}
/** The most time to wait for a part of the wave: longer than a session. */
const WAVE_MS = 1_200_000
/** Between two looks at the metrics. */
const LOOK_MS = 2_000
/** New stores of each operator before the wave. */
const BEFORE = 300
/** Between two new stores. */
const PAUSE_MS = 100
/** Shares of the wave between which CPU is measured and no store is new. Refreshes come at an even pace there. */
const MIDDLE = { from: 0.35, to: 0.6 }

/** Two operators share the cluster. Their metrics are read all the time, and those of each store would cost much. */
const inNamespace = (name: string) => [`--watch-namespaces=${name}`, '--object-metrics=false']

/**
 * Waits for one refresh of all credentials. Creates new stores one by one, before it and meanwhile, in turns with those of
 * an operator that has nothing else to do. As both share the machine, the API server and MinIO, the second ones show
 * what the operator itself adds.
 */
export function measureRefresh(count: number): Promise<Figures> {
  return inWorld(async ({ world, tenant, operator }) => {
    const idle = await startIdle(world)
    const both = await Promise.all([tenant.name, idle.namespace].map(name => newcomers(world.client, name, UNVERIFIED)))
    await loadAll(world, count, SHORT_SESSIONS)

    const wave = new Wave([operator, idle.operator])
    const [before = []] = await alternately(both, created => created < BEFORE)
    await wave.look()
    if (wave.refreshed > 0) throw new Error('the wave has begun before it was expected: take fewer stores')
    const fixedBefore = await fixedWork()

    await wave.reaches(1)
    const meanwhile = async (end: number) => {
      const [times] = await Promise.all([alternately(both, () => wave.refreshed < end), wave.reaches(end)])
      return times
    }
    const [early = [], earlyBeside = []] = await meanwhile(count * MIDDLE.from)
    await wave.look()
    const from = { ...wave }
    await wave.reaches(count * MIDDLE.to)
    const to = { ...wave }
    const [late = [], lateBeside = []] = await meanwhile(count)
    for (const each of both) each.stop()

    const cpuMs = (to.cpuSeconds - from.cpuSeconds) * 1_000
    return {
      fixedWork: mean([fixedBefore, await fixedWork()]),
      refreshMs: cpuMs / (to.refreshed - from.refreshed),
      refreshShare: (cpuMs * 100) / (to.at - from.at),
      ...figuresOfNew({ before, own: [...early, ...late], beside: [...earlyBeside, ...lateBeside] }),
    }
  }, inNamespace(BENCH))
}

/** Starts an operator with a namespace of its own. It leads without the Lease, which the other one has. */
async function startIdle(world: World): Promise<{ operator: OperatorProcess; namespace: string }> {
  const tenant = await world.tenant('idle')
  const operator = await world.startOperator([...inNamespace(tenant.name), '--leader-elect=false'], asInTheImage())
  await tenant.connector('minio')
  await tenant.connectorReady('minio')
  return { operator, namespace: tenant.name }
}

/** Creates a store of each in turn. Returns the times of each in ms. */
async function alternately(all: readonly Newcomers[], goesOn: (created: number) => boolean): Promise<number[][]> {
  const times = all.map((): number[] => [])
  for (let created = 0; goesOn(created); created++) {
    for (const [index, each] of all.entries()) {
      times[index]?.push(await each.next())
      await sleep(PAUSE_MS)
    }
  }
  return times
}

/** What the first of the operators had done at the last look. The others are looked at as often, as a look costs CPU. */
class Wave {
  refreshed = 0
  cpuSeconds = 0
  /** Of `performance.now()`. */
  at = 0
  readonly #operators: readonly OperatorProcess[]

  constructor(operators: readonly OperatorProcess[]) {
    this.#operators = operators
  }

  async look(): Promise<void> {
    const [text = ''] = await Promise.all(this.#operators.map(operator => operator.metrics()))
    this.refreshed = sumOf(text, 'artifactstore_secret_writes_total', { operation: 'update' })
    this.cpuSeconds = sumOf(text, 'process_cpu_seconds_total')
    this.at = performance.now()
  }

  async reaches(refreshed: number): Promise<void> {
    const end = performance.now() + WAVE_MS
    while (this.refreshed < refreshed) {
      if (performance.now() > end) throw new Error(`${this.refreshed} of ${refreshed} credentials are refreshed`)
      await sleep(LOOK_MS)
      await this.look()
    }
  }
}

/** Of times in ms. */
function figuresOfNew({ before, own, beside }: Record<'before' | 'own' | 'beside', number[]>): Figures {
  const [beforeP99Ms, waveP99Ms, besideP99Ms] = [p99(before), p99(own), p99(beside)]
  return {
    ...{ beforeP50Ms: p50(before), waveP50Ms: p50(own), besideP50Ms: p50(beside) },
    ...{ beforeP99Ms, waveP99Ms, besideP99Ms },
    waveRatio: waveP99Ms / beforeP99Ms,
    besideRatio: waveP99Ms / besideP99Ms,
  }
}

const p50 = (times: number[]) => quantile(times, 0.5)
const p99 = (times: number[]) => quantile(times, 0.99)
