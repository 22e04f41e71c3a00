/**
 * What comes by the clock: the verification of all stores, and the refresh of their credentials. Refreshes are measured in
 * fast time, in which n stores at speed s do in a minute what s * n stores do in s minutes: so many stores they stand for.
 * The operator runs from source there, with Node's flags and the environment of the image.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { FastTime } from '../support/fast-time.ts'
import { asInTheImage, type Program } from '../support/operator-process.ts'
import { until } from '../support/until.ts'
import { countersOf, minus } from './counters.ts'
import type { Figures } from './figures.ts'
import { load, oneByOne, stores } from './load.ts'
import { cpuOf, fixedWork } from './machine.ts'
import { type Bench, inWorld } from './measure.ts'
import { mean, quantile } from './statistics.ts'

export interface Wave {
  count: number
  speed: number
}

function inFastTime({ speed }: Wave): Program {
  const { nodeFlags, env } = asInTheImage()
  const program = new FastTime(speed).program()
  return { ...program, nodeFlags: [...nodeFlags, ...program.nodeFlags], env: { ...env, ...program.env } }
}

const counted = ({ world, operator }: Bench) => countersOf(operator, world.controlPlane)

/** As often as a store can be verified at most: a tenth of the default. */
const MINUTELY = { verification: { interval: '1m' } }
const ROUNDS = 2

/** Verifies each store every minute for two minutes, in real time: ten times as many are so every ten minutes. */
export function measureVerification({ count }: Pick<Wave, 'count'>): Promise<Figures> {
  return inWorld(async ({ world, tenant, operator }) => {
    const fixedBefore = await fixedWork()
    await load(world.client, { namespace: tenant.name, count, kind: stores(MINUTELY) })
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

/** Between two looks at the operator's metrics. */
const LOOK_MS = 2_000

/** Stores that are looked at by nobody meanwhile. */
const UNVERIFIED = { verification: { interval: '24h' } }
const PAUSE_MS = 100
/** Credentials of an hour are refreshed before half an hour of the operator's time; this is for any speed. */
const WAVE_MS = 1_800_000

/** Waits for one refresh of all credentials, and creates new stores one by one before it and meanwhile. */
export function measureRefresh(wave: Wave): Promise<Figures> {
  const { count } = wave
  return inWorld(async bench => {
    const { world, tenant, operator } = bench
    const fixedBefore = await fixedWork()
    await load(world.client, { namespace: tenant.name, count, kind: stores(UNVERIFIED) })
    const written = () => operator.metric('artifactstore_secret_writes_total', { operation: 'update' })
    const news = (prefix: string, goesOn: (created: number) => boolean) =>
      oneByOne(world.client, { namespace: tenant.name, prefix, goesOn, pauseMs: PAUSE_MS, spec: UNVERIFIED })

    const start = await counted(bench)
    const idle = await news('idle', created => created < 100)
    const ofNew = minus(await counted(bench), start).cpuSeconds / idle.length

    await until('the wave begins', async () => (await written()) > 0, { ms: WAVE_MS })
    const before = { refreshed: await written(), at: performance.now(), ...(await counted(bench)) }
    let refreshed = before.refreshed
    const isOver = async () => {
      await sleep(LOOK_MS)
      refreshed = await written()
      return refreshed >= count
    }
    const [meanwhile] = await Promise.all([
      news('meanwhile', () => refreshed < count),
      until('all are refreshed', isOver, { ms: WAVE_MS }),
    ])
    const seconds = (performance.now() - before.at) / 1_000
    const cpuSeconds = minus(await counted(bench), before).cpuSeconds - meanwhile.length * ofNew
    const [idleP99Ms, waveP99Ms] = [quantile(idle, 0.99), quantile(meanwhile, 0.99)]
    return {
      fixedWork: mean([fixedBefore, await fixedWork()]),
      refreshMs: (cpuSeconds * 1_000) / (refreshed - before.refreshed),
      refreshShare: (cpuSeconds * 100) / seconds,
      ...{ idleP50Ms: quantile(idle, 0.5), waveP50Ms: quantile(meanwhile, 0.5) },
      ...{ idleP99Ms, waveP99Ms, waveRatio: waveP99Ms / idleP99Ms },
    }
  }, inFastTime(wave))
}
