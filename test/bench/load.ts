/** Creates stores, and measures how long each of them takes to become Ready. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ArtifactStoreSpec } from '../../src/api/artifact-store.ts'
import { API_VERSION } from '../../src/api/names.ts'
import type { Client } from '../../src/kube/client.ts'
import { ARTIFACT_STORES } from '../../src/kube/resource.ts'
import { ReadyWatch } from './ready-watch.ts'
import { quantile } from './statistics.ts'

export interface LoadResult {
  n: number
  ready: number
  createMs: number
  /** Time from the first create request to the last store that became Ready. */
  totalMs: number
  p50Ms: number
  p99Ms: number
  maxMs: number
  /** Status writes of each store. */
  writesPerObject: number
}

export interface Load {
  namespace: string
  count: number
  spec?: Partial<ArtifactStoreSpec>
}

const PARALLEL = 16
/** Time for a store: some operators are slow, and some machines. */
const TIMEOUT_MS = 300
const TIMEOUT_AT_LEAST_MS = 300_000

const storeOf = (namespace: string, name: string, spec: Partial<ArtifactStoreSpec> = {}) => ({
  apiVersion: API_VERSION,
  kind: ARTIFACT_STORES.kind,
  metadata: { name, namespace },
  spec: {
    path: `s3://${namespace}/${name}`,
    connectorRef: { name: 'minio' },
    credentials: [{ name: 'step', formats: ['AwsProfile'] }],
    ...spec,
  },
})

/** Creates so many stores at once, of the namespace's connector `minio` and its bucket. */
export async function load(client: Client, { namespace, count, spec }: Load): Promise<LoadResult> {
  const watch = await ReadyWatch.start(client, namespace)
  const { readyAt, writes } = watch
  const createdAt = new Map<string, number>()
  const started = performance.now()
  const creator = async () => {
    while (createdAt.size < count) {
      const name = `store-${createdAt.size}`
      createdAt.set(name, performance.now())
      await client.create(ARTIFACT_STORES, storeOf(namespace, name, spec))
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, creator))
  const createMs = performance.now() - started
  await watch.until(() => readyAt.size >= count, Math.max(TIMEOUT_AT_LEAST_MS, count * TIMEOUT_MS))
  // A superfluous write would follow within these seconds.
  await sleep(3_000)
  watch.stop()

  const times = [...readyAt].map(([name, at]) => at - (createdAt.get(name) ?? at))
  return {
    n: count,
    ready: readyAt.size,
    createMs: Math.round(createMs),
    totalMs: Math.round(Math.max(...readyAt.values()) - started),
    p50Ms: Math.round(quantile(times, 0.5)),
    p99Ms: Math.round(quantile(times, 0.99)),
    maxMs: Math.round(quantile(times, 1)),
    writesPerObject: [...writes.values()].reduce((sum, each) => sum + each, 0) / count,
  }
}

export interface OneByOne {
  namespace: string
  /** Names begin with this. */
  prefix: string
  /** Whether another one is to be created, after so many. */
  goesOn(created: number): boolean
  /** Between two stores. Default: none. */
  pauseMs?: number
  spec?: Partial<ArtifactStoreSpec>
}

/** Creates one store after the other is Ready. Returns the time of each from the request to Ready, in ms. */
export async function oneByOne(client: Client, options: OneByOne): Promise<number[]> {
  const { namespace, prefix, goesOn, pauseMs = 0, spec } = options
  const watch = await ReadyWatch.start(client, namespace)
  const times: number[] = []
  while (goesOn(times.length)) {
    const name = `${prefix}-${times.length}`
    const createdAt = performance.now()
    await client.create(ARTIFACT_STORES, storeOf(namespace, name, spec))
    await watch.until(() => watch.readyAt.has(name), 60_000)
    times.push((watch.readyAt.get(name) ?? Number.POSITIVE_INFINITY) - createdAt)
    await sleep(pauseMs)
  }
  watch.stop()
  return times
}
