/**
 * What other tenants can do to the operator's memory, with the bundled operator: many and large objects, and an
 * endpoint that answers everything with megabytes. Prints the memory, and the time until stores of others are Ready,
 * without and with all that: right after each of some starts, when everything is looked at and what uses the endpoint is
 * new, and later, while the hostile tenant asks again and again for all of it to be looked at. Ends with 1 when the
 * memory is above the bound.
 *
 * Flags: --starts STARTS of which the median is taken (default 3), --scale SHARE of all numbers of objects (default 1), --stores STORES of others (default 100), --parts PARTS of
 * what is measured: secrets, accounts, maps, hose (default all).
 */
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { MANAGED_BY_LABEL, OPERATOR, REQUESTED_AT_ANNOTATION, STORE_LABEL } from '../../src/api/names.ts'
import { inTurns } from '../../src/async/in-turns.ts'
import {
  ARTIFACT_STORES,
  CONFIG_MAPS,
  resourcePath,
  SECRETS,
  SERVICE_ACCOUNTS,
  SERVICE_CONNECTORS,
} from '../../src/kube/resource.ts'
import { type LoadResult, load } from '../bench/load.ts'
import { memoryOf } from '../bench/machine.ts'
import { quantile } from '../bench/statistics.ts'
import { asInTheImage } from '../support/operator-process.ts'
import { type Tenant, World } from '../support/world.ts'
import { type FireHose, startFireHose } from './fire-hose.ts'

const PARTS = ['secrets', 'accounts', 'maps', 'hose'] as const
type Part = (typeof PARTS)[number]

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    stores: { type: 'string', default: '100' },
    starts: { type: 'string', default: '3' },
    parts: { type: 'string', default: PARTS.join() },
  },
})
const scale = Number(values.scale)
const count = Number(values.stores)
const starts = Number(values.starts)
const parts = PARTS.filter(part => values.parts.split(',').includes(part))

const KIB = 1024
const BOUND_MIB = 256
const AT_ONCE = 16
const LINGER_MS = 30_000
const ASK_EVERY_MS = 5_000
/** A cluster full of large objects takes a while to list. */
const READY_MS = 240_000

async function many(what: string, full: number, create: (index: number) => Promise<unknown>): Promise<void> {
  const number = Math.ceil(full * scale)
  const started = performance.now()
  await inTurns(
    Array.from({ length: number }, (_, index) => index),
    AT_ONCE,
    create,
  )
  console.log(`${number} ${what} in ${Math.round((performance.now() - started) / 1000)} s`)
}

/** The objects of tenants that are careless, or worse. */
const FILL: Record<Part, (hostile: Tenant, hose: FireHose) => Promise<void>> = {
  secrets(hostile) {
    const data = { key: Buffer.alloc(7_500, 'x').toString('base64') } // 10 KiB as text
    const labels = { [MANAGED_BY_LABEL]: OPERATOR, [STORE_LABEL]: 'nobody' }
    return many('Secrets of 10 KiB with the labels of projected ones', 33_000, index => {
      const name = `foreign-${index}`
      return hostile.create(SECRETS, name, { data, metadata: { name, namespace: hostile.name, labels } })
    })
  },

  accounts(hostile) {
    const annotations = { 'their.example/note': 'x'.repeat(255 * KIB) }
    return many('ServiceAccounts with 255 KiB of annotations', 1_500, index => {
      const name = `account-${index}`
      return hostile.create(SERVICE_ACCOUNTS, name, { metadata: { name, namespace: hostile.name, annotations } })
    })
  },

  async maps(hostile) {
    const map = { data: { 'ca.crt': 'x'.repeat(1_000 * KIB) } }
    await many('labelled ConfigMaps of 1,000 KiB', 200, index => hostile.create(CONFIG_MAPS, `map-${index}`, map, true))
    const auth = { accessKey: { secretName: 'key' } }
    await many('connectors that name such a ConfigMap', 40, index =>
      hostile.connector(`large-${index}`, { caBundle: { configMapKeyRef: { name: `map-${index}` } }, auth }),
    )
  },

  async hose(hostile, { endpoint }) {
    await many('connectors and pairs of stores at an endpoint that answers with 7 MiB', 40, async index => {
      const name = `hose-${index}`
      await hostile.secret(name, { aws_access_key_id: `AKIA${index}`, aws_secret_access_key: 'hush' })
      const auth = { accessKey: { secretName: name } }
      await hostile.create(SERVICE_CONNECTORS, name, { spec: { aws: { endpoint, auth }, resources: ['s3://*'] } })
      for (const bucket of ['hose', 'usage']) {
        const spec = { path: `s3://${bucket}/${index}`, connectorRef: { name }, usage: { source: 'List' as const } }
        await hostile.store(`${bucket}-${index}`, spec)
      }
    })
  },
}

/** Creates stores of another tenant, and times them. */
async function others(world: World, name: string) {
  const tenant = await world.tenant(name)
  await tenant.connector('minio')
  await tenant.connectorReady('minio')
  return load(world.client, { namespace: name, count })
}

/** Has all that uses the endpoint looked at again and again, as a tenant may who never stops asking, until `signal`. */
async function keepAsking(world: World, { name: namespace }: Tenant, signal: AbortSignal): Promise<void> {
  const indexes = Array.from({ length: Math.ceil(40 * scale) }, (_, index) => index)
  const asked = indexes.flatMap(index => [
    { resource: SERVICE_CONNECTORS, name: `hose-${index}` },
    { resource: ARTIFACT_STORES, name: `hose-${index}` },
    { resource: ARTIFACT_STORES, name: `usage-${index}` },
  ])
  while (!signal.aborted) {
    const annotations = { [REQUESTED_AT_ANNOTATION]: new Date().toISOString() }
    const patch = [{ op: 'add' as const, path: '/metadata/annotations', value: annotations }]
    await inTurns(asked, 4, ({ resource, name }) => world.client.jsonPatch(resource, { namespace, name }, patch))
    await setTimeout(ASK_EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
}

/** Has a tenant with new objects that use the endpoint, in place of the one before. */
async function newHose(world: World, index: number, before: Tenant | undefined): Promise<Tenant | undefined> {
  if (!parts.includes('hose')) return undefined
  if (before) {
    for (const resource of [ARTIFACT_STORES, SERVICE_CONNECTORS]) {
      await world.controlPlane.request('DELETE', resourcePath(resource, before.name))
    }
  }
  const tenant = await world.tenant(`hose-${index}`)
  await FILL.hose(tenant, hose)
  return tenant
}

/** Starts an operator, which finds everything that is there, and times stores of another tenant. */
async function start(world: World, name: string) {
  const startedAt = performance.now()
  const operator = await world.startOperator([], { ...asInTheImage(), readyMs: READY_MS })
  await operator.leads()
  const startMs = Math.round(performance.now() - startedAt)
  return { operator, startMs, first: await others(world, name) }
}

async function measure(world: World, name: string, isHostile: boolean) {
  const firsts: LoadResult[] = []
  const peaks: number[] = []
  let tenant: Tenant | undefined
  for (let index = 1; ; index++) {
    if (isHostile) tenant = await newHose(world, index, tenant)
    const { operator, startMs, first } = await start(world, `${name}-${index}`)
    firsts.push(first)
    if (index < starts) {
      peaks.push(memoryOf(operator).peak)
      await operator.stop()
      continue
    }
    const later = await measureLater(world, name, tenant)
    const { now, peak } = memoryOf(operator)
    const lags = operator.logs.filter(({ msg }) => msg.startsWith('the event loop')).map(({ lagMs }) => lagMs)
    await operator.stop()
    return { startMs, firsts, later, rssMiB: now, peakMiB: Math.max(peak, ...peaks), lags }
  }
}

/** Times stores while the hostile tenant asks. What its endpoint is asked takes longer than what others need. */
async function measureLater(world: World, name: string, tenant: Tenant | undefined): Promise<LoadResult> {
  await setTimeout(LINGER_MS)
  const enough = new AbortController()
  const asks = tenant && keepAsking(world, tenant, enough.signal)
  const later = await others(world, `${name}-later`)
  await setTimeout(LINGER_MS)
  enough.abort()
  await asks
  return later
}

const p50Ms = (results: readonly LoadResult[]) =>
  Math.round(
    quantile(
      results.map(({ p50Ms }) => p50Ms),
      0.5,
    ),
  )

const world = await World.start()
const hose = await startFireHose()
try {
  const without = await measure(world, 'before', false)
  const hostile = await world.tenant('hostile')
  for (const part of parts) if (part !== 'hose') await FILL[part](hostile, hose)
  const beside = await measure(world, 'beside', true)
  const row = ({ firsts, later, lags, ...rest }: typeof beside) => ({
    ...rest,
    ready: [...firsts, later].reduce((sum, { ready }) => sum + ready, 0),
    firstP50Ms: firsts.map(first => first.p50Ms).join(),
    laterP50Ms: later.p50Ms,
    laterP99Ms: later.p99Ms,
    lags: lags.join(),
  })
  console.table({ without: row(without), with: row(beside) })
  console.log(`answers of 7 MiB: ${JSON.stringify(Object.fromEntries(hose.answers))}`)
  const later = (beside.later.p50Ms / without.later.p50Ms).toFixed(2)
  const first = (p50Ms(beside.firsts) / p50Ms(without.firsts)).toFixed(2)
  console.log(`p50 with / without: ${later}, and ${first} right after a start (medians of ${starts})`)
  if (beside.peakMiB > BOUND_MIB) {
    console.error(`${beside.peakMiB} MiB of memory is above ${BOUND_MIB} MiB`)
    process.exitCode = 1
  }
} finally {
  await hose.close()
  await world.stop()
}
