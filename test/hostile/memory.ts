/**
 * What other tenants can do to the operator's memory, with the bundled operator: many and large objects, and an
 * endpoint that answers everything with megabytes. Prints the memory, and the time until stores of others are Ready,
 * without and with all that. Ends with 1 when the memory is above the bound.
 *
 * Flags: --scale SHARE of all numbers of objects (default 1), --stores STORES of others (default 100).
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { API_VERSION, MANAGED_BY_LABEL, OPERATOR, STORE_LABEL } from '../../src/api/names.ts'
import { inTurns } from '../../src/async/in-turns.ts'
import {
  ARTIFACT_STORES,
  CONFIG_MAPS,
  resourcePath,
  SECRETS,
  SERVICE_ACCOUNTS,
  SERVICE_CONNECTORS,
} from '../../src/kube/resource.ts'
import { load } from '../bench/load.ts'
import { asInTheImage, type OperatorProcess } from '../support/operator-process.ts'
import { type Tenant, World } from '../support/world.ts'

const { values } = parseArgs({
  options: { scale: { type: 'string', default: '1' }, stores: { type: 'string', default: '100' } },
})
const scale = Number(values.scale)
const count = Number(values.stores)
const scaled = (number: number): number => Math.ceil(number * scale)

const KIB = 1024
const BOUND_MIB = 256
const SECRETS_COUNT = scaled(33_000)
const ACCOUNTS_COUNT = scaled(1_500)
const CONFIG_MAPS_COUNT = scaled(200)
/** Connectors that name one of the ConfigMaps, and connectors with a store at the endpoint. */
const HOSTILE_CONNECTORS = scaled(40)
const ANSWER_BYTES = 7 * KIB * KIB
const AT_ONCE = 16
/** A cluster full of large objects takes a while to list. */
const READY_MS = 240_000

/** Memory of a process in MiB: now, and the most that it ever was. */
function memoryOf({ pid }: OperatorProcess): { now: number; peak: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mib = (name: string) => Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / KIB)
  return { now: mib('VmRSS'), peak: mib('VmHWM') }
}

/** An endpoint that answers everything with 7 MiB. */
async function startFireHose() {
  let answers = 0
  const chunk = Buffer.alloc(64 * KIB, '<Key>k</Key>')
  const server = createServer((request, response) => {
    answers++
    let left = ANSWER_BYTES
    const more = () => {
      while (left > 0 && !response.destroyed) {
        left -= chunk.length
        if (!response.write(chunk)) return
      }
      response.end()
    }
    request.resume()
    response
      .writeHead(200, { 'content-type': 'application/xml' })
      .on('drain', more)
      .on('error', () => undefined)
    more()
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers: () => answers,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function many(what: string, number: number, create: (index: number) => Promise<unknown>): Promise<void> {
  const started = performance.now()
  await inTurns(
    Array.from({ length: number }, (_, index) => index),
    AT_ONCE,
    create,
  )
  console.log(`${number} ${what} in ${Math.round((performance.now() - started) / 1000)} s`)
}

/** The objects of tenants that are careless, or worse. */
async function fill(hostile: Tenant, endpoint: string): Promise<void> {
  const data = { key: Buffer.alloc(7_500, 'x').toString('base64') } // 10 KiB as text
  const labels = { [MANAGED_BY_LABEL]: OPERATOR, [STORE_LABEL]: 'nobody' }
  await many('Secrets of 10 KiB with the labels of projected ones', SECRETS_COUNT, index =>
    hostile.create(SECRETS, `foreign-${index}`, { data, metadata: metadata(`foreign-${index}`, labels) }),
  )
  const annotations = { 'their.example/note': 'x'.repeat(255 * KIB) }
  await many('ServiceAccounts with 255 KiB of annotations', ACCOUNTS_COUNT, index =>
    hostile.create(SERVICE_ACCOUNTS, `account-${index}`, {
      metadata: { ...metadata(`account-${index}`, {}), annotations },
    }),
  )
  const map = { data: { 'ca.crt': 'x'.repeat(1_000 * KIB) } }
  await many('labelled ConfigMaps of 1,000 KiB', CONFIG_MAPS_COUNT, index =>
    hostile.create(CONFIG_MAPS, `map-${index}`, map, true),
  )
  await hostile.secret('key', { aws_access_key_id: 'AKIA', aws_secret_access_key: 'hush' })
  const auth = { accessKey: { secretName: 'key' } }
  await many(
    'connectors that name such a ConfigMap, and at an endpoint that answers all with 7 MiB',
    HOSTILE_CONNECTORS,
    async index => {
      const name = `c-${index}`
      const caBundle = { configMapKeyRef: { name: `map-${index}` } }
      await hostile.connector(`large-${index}`, { caBundle, auth })
      await hostile.create(SERVICE_CONNECTORS, name, { spec: { aws: { endpoint, auth } } })
      const connectorRef = { name }
      await hostile.store(`hose-${index}`, { path: 's3://hose/a', connectorRef, usage: { source: 'List' } })
    },
  )

  function metadata(name: string, labels: Record<string, string>) {
    return { name, namespace: hostile.name, labels }
  }
}

/** Creates stores of another tenant, and times them. */
async function others(world: World, name: string) {
  const tenant = await world.tenant(name)
  await tenant.connector('minio')
  await tenant.connectorReady('minio')
  return load(world.controlPlane, {
    path: resourcePath(ARTIFACT_STORES, name),
    count,
    object: index => ({
      ...{ apiVersion: API_VERSION, kind: ARTIFACT_STORES.kind },
      metadata: { name: `store-${index}`, namespace: name },
      spec: {
        path: `s3://${name}/store-${index}`,
        connectorRef: { name: 'minio' },
        credentials: [{ name: 'step', formats: ['AwsProfile'] }],
      },
    }),
  })
}

async function measure(world: World, name: string) {
  const startedAt = performance.now()
  const operator = await world.startOperator([], { ...asInTheImage(), readyMs: READY_MS })
  await operator.leads()
  const startMs = Math.round(performance.now() - startedAt)
  const atStart = memoryOf(operator)
  const times = await others(world, name)
  const { now, peak } = memoryOf(operator)
  const lag = operator.logs.filter(({ msg }) => msg.startsWith('the event loop'))
  await operator.stop()
  return {
    startMs,
    startPeakMiB: atStart.peak,
    ...times,
    rssMiB: now,
    peakMiB: peak,
    lags: lag.map(({ lagMs }) => lagMs),
  }
}

const world = await World.start()
const hose = await startFireHose()
try {
  const without = await measure(world, 'before')
  await fill(await world.tenant('hostile'), hose.endpoint)
  const beside = await measure(world, 'beside')
  const row = ({ ready, n, startMs, p50Ms, p99Ms, startPeakMiB, rssMiB, peakMiB, lags }: typeof beside) => ({
    ready: `${ready} of ${n}`,
    ...{ startMs, p50Ms, p99Ms, startPeakMiB, rssMiB, peakMiB, lags: lags.join() },
  })
  console.table({ without: row(without), with: row(beside) })
  console.log(`the endpoint answered ${hose.answers()} times; p50 ratio ${(beside.p50Ms / without.p50Ms).toFixed(2)}`)
  if (beside.peakMiB > BOUND_MIB) {
    console.error(`${beside.peakMiB} MiB of memory is above ${BOUND_MIB} MiB`)
    process.exitCode = 1
  }
} finally {
  hose.close()
  await world.stop()
}
