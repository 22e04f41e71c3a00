/**
 * Pure: how many stores an operator can hold, by a simulation of its queue. A look at a store needs
 * one of the places of its endpoint, then CPU, which all looks share as there is one thread, and then waits for calls.
 * New stores go first, and have one place for themselves.
 */
import { chance } from '../support/chance.ts'
import { quantile } from './statistics.ts'

/** A kind of look at a store. */
interface Look {
  /** CPU of the operator. */
  cpuMs: number
  /** Calls to the cloud, of those that follow one another. */
  calls: number
  /** Writes to the API server. */
  writes: number
}

/** Measured with `npm run bench` on a machine whose fixed work takes 150 to 200 ms. */
export const LOOKS = {
  create: { cpuMs: 9.2, calls: 5, writes: 2 },
  verify: { cpuMs: 5.3, calls: 3, writes: 0 },
  refresh: { cpuMs: 6.8, calls: 3, writes: 2 },
} satisfies Record<string, Look>
/** The same for memory: what an operator needs that has worked, without its stores, and what 1,000 stores add. */
const MEMORY_MIB = { base: 119, thousand: 6.6 }
const WRITE_MS = 5

/** Time that a look waits for others, which it spends without CPU. */
const waitMs = ({ calls, writes }: Look, callMs: number): number => calls * callMs + writes * WRITE_MS
/** Time of a look on an idle operator. */
const aloneMs = (look: Look, callMs: number): number => look.cpuMs + waitMs(look, callMs)
/** So many places keep the thread busy while stores are created: more of them make none Ready sooner. */
export const usefulConcurrency = (callMs: number): number =>
  Math.ceil(aloneMs(LOOKS.create, callMs) / LOOKS.create.cpuMs)

export interface Site {
  stores: number
  /** The flag of the operator: places of an endpoint, which all stores share here. */
  concurrency: number
  /** Time of a call to the cloud. */
  callMs: number
  /** `verification.interval`. */
  intervalMinutes: number
  /** `sessionDuration`. */
  sessionMinutes: number
}

interface Job {
  at: number
  look: Look
  isNew: boolean
}

interface Outcome {
  /** Time from the arrival of new stores to the end of their looks, in ms. */
  newMs: number[]
  /** How late routine looks began at most, in ms. */
  latestMs: number
  /** Time of the last end, in ms. */
  endMs: number
}

/** First in, first out. */
class Line<T> {
  readonly #items: T[] = []
  #first = 0
  push(item: T): void {
    this.#items.push(item)
  }
  get first(): T | undefined {
    return this.#items[this.#first]
  }
  shift(): T | undefined {
    const item = this.#items[this.#first]
    if (item !== undefined) this.#first++
    return item
  }
}

/** Works on the jobs, which come in the order of their times. */
export function simulate(jobs: readonly Job[], { concurrency, callMs }: Pick<Site, 'concurrency' | 'callMs'>): Outcome {
  const waiting = { urgent: new Line<Job>(), routine: new Line<Job>() }
  /** Ends of looks; those of one kind end in the order in which they got CPU. */
  const ends = new Map<Look, Line<{ at: number; job: Job }>>()
  const outcome: Outcome = { newMs: [], latestMs: 0, endMs: 0 }
  const routinePlaces = Math.max(1, concurrency - 1)
  let [taken, routine, cpuFreeAt, next] = [0, 0, 0, 0]

  const begin = (job: Job, now: number) => {
    taken++
    if (!job.isNew) routine++
    if (!job.isNew) outcome.latestMs = Math.max(outcome.latestMs, now - job.at)
    cpuFreeAt = Math.max(cpuFreeAt, now) + job.look.cpuMs
    const line = ends.get(job.look) ?? new Line()
    ends.set(job.look, line)
    line.push({ at: cpuFreeAt + waitMs(job.look, callMs), job })
  }
  const dispatch = (now: number) => {
    while (taken < concurrency) {
      const job = waiting.urgent.shift() ?? (routine < routinePlaces ? waiting.routine.shift() : undefined)
      if (!job) return
      begin(job, now)
    }
  }
  for (;;) {
    const firsts = [...ends.values()].filter(({ first }) => first !== undefined)
    const ending = firsts.sort((one, other) => (one.first?.at ?? 0) - (other.first?.at ?? 0))[0]
    const arriving = jobs[next]
    if (arriving && arriving.at <= (ending?.first?.at ?? Number.POSITIVE_INFINITY)) {
      next++
      waiting[arriving.isNew ? 'urgent' : 'routine'].push(arriving)
      dispatch(arriving.at)
      continue
    }
    const ended = ending?.shift()
    if (!ended) return outcome
    taken--
    if (ended.job.isNew) outcome.newMs.push(ended.at - ended.job.at)
    else routine--
    outcome.endMs = ended.at
    dispatch(ended.at)
  }
}

const MINUTE = 60_000
/** Credentials are refreshed at half of their life, or up to a tenth of that life earlier. */
const REFRESH_FROM = 0.405
const REFRESH_TO = 0.495

const NEW = 200
/** A wave is the same from its first minute to its last. */
const SIMULATED_MS = 2 * MINUTE

const waveMs = ({ sessionMinutes }: Pick<Site, 'sessionMinutes'>) =>
  (REFRESH_TO - REFRESH_FROM) * sessionMinutes * MINUTE

/** Two minutes of the refresh wave of stores that were created together, with verifications and a few new stores. */
function waveOf(site: Site): Job[] {
  const random = chance(1)
  const some = (count: number, look: Look, isNew: boolean): Job[] =>
    Array.from({ length: Math.round(count) }, () => ({ at: random() * SIMULATED_MS, look, isNew }))
  const within = (ms: number) => (site.stores * SIMULATED_MS) / ms
  const jobs = [
    ...some(within(waveMs(site)), LOOKS.refresh, false),
    ...some(within(site.intervalMinutes * MINUTE), LOOKS.verify, false),
    ...some(NEW, LOOKS.create, true),
  ]
  return jobs.sort((one, other) => one.at - other.at)
}

/** Share of a core: on the average, and in a wave. */
export function cpuShares({ stores, intervalMinutes, sessionMinutes }: Site): { mean: number; wave: number } {
  const per = (look: Look, minutes: number) => (stores * look.cpuMs) / (minutes * MINUTE)
  const verify = per(LOOKS.verify, intervalMinutes)
  return {
    mean: verify + per(LOOKS.refresh, sessionMinutes * ((REFRESH_FROM + REFRESH_TO) / 2)),
    wave: verify + per(LOOKS.refresh, sessionMinutes * (REFRESH_TO - REFRESH_FROM)),
  }
}

/** Late by more than this, refreshes would come near the end of the shortest credentials. */
const LATE_MS = MINUTE
/** New stores may take so many times what they take on an idle operator, or so long, as nobody notices that. */
const SLOWER = 2
const UNNOTICED_MS = 200

/** Whether an operator keeps up with a refresh wave, and new stores are Ready nearly as fast as on an idle one. */
export function holds(site: Site): boolean {
  if (cpuShares(site).wave >= 1) return false
  const { newMs, latestMs } = simulate(waveOf(site), site)
  const bound = Math.max(UNNOTICED_MS, SLOWER * aloneMs(LOOKS.create, site.callMs))
  const latestAtItsEnd = (latestMs * waveMs(site)) / SIMULATED_MS
  return latestAtItsEnd <= LATE_MS && quantile(newMs, 0.99) <= bound
}

const CONCURRENCIES = [16, 32, 64, 128, 256]
/** What to change when no concurrency is enough, in this order. */
const DEFAULTS = { intervalMinutes: 10, sessionMinutes: 60 }
const SETTINGS = [
  DEFAULTS,
  { intervalMinutes: 60, sessionMinutes: 60 },
  { intervalMinutes: 60, sessionMinutes: 240 },
  { intervalMinutes: 360, sessionMinutes: 720 },
]
type Settings = typeof DEFAULTS

/** The first settings, and the lowest concurrency with them, that hold so many stores. */
export function sizeFor(stores: number, callMs: number): Site | undefined {
  for (const settings of SETTINGS) {
    for (const concurrency of CONCURRENCIES) {
      const site = { stores, callMs, concurrency, ...settings }
      if (holds(site)) return site
    }
  }
  return undefined
}

/** The most stores, in two digits, that one replica holds with these settings. */
export function capacity(callMs: number, settings: Settings, concurrencies = CONCURRENCIES): number {
  const fits = (stores: number) =>
    concurrencies.some(concurrency => holds({ stores, callMs, concurrency, ...settings }))
  let [low, high] = [0, 1_000_000]
  while (high - low > Math.max(50, low / 50)) {
    const middle = Math.round((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle
  }
  return Number(low.toPrecision(2))
}

/** Time until so many stores that are created at once are Ready, in seconds. */
export function createAllSeconds(site: Pick<Site, 'stores' | 'concurrency' | 'callMs'>): number {
  const jobs = Array.from({ length: site.stores }, () => ({ at: 0, look: LOOKS.create, isNew: true }))
  return simulate(jobs, site).endMs / 1_000
}

const STORES = [100, 1_000, 3_000, 10_000, 30_000, 100_000]
const PLACES = [
  { callMs: 2, where: 'in the cluster' },
  { callMs: 30, where: 'in the same region' },
  { callMs: 150, where: 'on another continent' },
]

const minutes = (value: number): string => (value % 60 === 0 ? `${value / 60}h` : `${value}m`)
const percent = (share: number): string => (share * 100).toFixed(share < 0.1 ? 1 : 0)
const number = (value: number): string => value.toLocaleString('en-US')

function sizingRow(stores: number, callMs: number): string {
  const site = sizeFor(stores, callMs)
  if (!site) return `| ${number(stores)} | more than one replica holds |  |  |  |  |  |`
  const { mean, wave } = cpuShares(site)
  const cells = [
    site.concurrency,
    minutes(site.intervalMinutes),
    minutes(site.sessionMinutes),
    `${percent(mean)} / ${percent(wave)}`,
    createAllSeconds(site).toFixed(createAllSeconds(site) < 10 ? 1 : 0),
    (MEMORY_MIB.base + (MEMORY_MIB.thousand * stores) / 1_000).toFixed(0),
  ]
  return `| ${number(stores)} | ${cells.join(' | ')} |`
}

/** What many stores need, and the most that a replica holds, in Markdown. */
export function sizingTables(): string {
  const head = [
    '| stores | `--concurrency` | `verification.interval` | `sessionDuration` | CPU, % of a core: mean / wave | all at once, s | MiB |',
    '|---|---|---|---|---|---|---|',
  ]
  const tables = PLACES.map(({ callMs, where }) => {
    const useful = usefulConcurrency(callMs)
    const flag =
      useful > 16 ? `\`--concurrency\` makes stores Ready sooner up to ${useful}` : 'the default flags are enough'
    const title = `A service ${where}, ${callMs} ms a call (for stores that are created at once, ${flag}):`
    return [title, '', ...head, ...STORES.map(stores => sizingRow(stores, callMs))].join('\n')
  })
  const most = PLACES.map(({ callMs }) => {
    const cells = [capacity(callMs, DEFAULTS, [16]), ...SETTINGS.map(settings => capacity(callMs, settings))]
    return `| ${callMs} ms | ${cells.map(number).join(' | ')} |`
  })
  const settings = SETTINGS.map(each => `${minutes(each.intervalMinutes)}, ${minutes(each.sessionMinutes)}`)
  return [
    ...tables,
    [
      'The most stores of one replica, by `verification.interval` and `sessionDuration`:',
      '',
      `| a call takes | default flags | ${settings.join(' | ')} |`,
      `|${'---|'.repeat(settings.length + 2)}`,
      ...most,
    ].join('\n'),
  ].join('\n\n')
}
