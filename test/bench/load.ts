/** Creates stores, or objects of another kind, and measures how long each of them takes to become Ready. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ArtifactStoreSpec } from '../../src/api/artifact-store.ts'
import type { Client } from '../../src/kube/client.ts'
import { ARTIFACT_STORES, type Resource } from '../../src/kube/resource.ts'
import { ReadyWatch } from './ready-watch.ts'
import { quantile } from './statistics.ts'

export interface LoadResult {
  n: number
  ready: number
  createMs: number
  /** Time from the first create request to the last object that became Ready. */
  totalMs: number
  p50Ms: number
  p99Ms: number
  maxMs: number
  /** Status writes of each object. */
  writesPerObject: number
}

/** What is created. */
export interface Kind {
  resource: Resource
  specOf(namespace: string, name: string): object
}

export interface Load {
  namespace: string
  count: number
  /** Default: stores. */
  kind?: Kind
}

const PARALLEL = 16
/** Time for an object: some operators are slow, and some machines. */
const TIMEOUT_MS = 300
const TIMEOUT_AT_LEAST_MS = 300_000

/** Stores of the namespace's connector `minio` and its bucket. */
export const stores = (spec: Partial<ArtifactStoreSpec> = {}): Kind => ({
  resource: ARTIFACT_STORES,
  specOf: (namespace, name) => ({
    path: `s3://${namespace}/${name}`,
    connectorRef: { name: 'minio' },
    credentials: [{ name: 'step', formats: ['AwsProfile'] }],
    ...spec,
  }),
})

function objectOf({ resource: { apiVersion, kind }, specOf }: Kind, namespace: string, name: string) {
  return { apiVersion, kind, metadata: { name, namespace }, spec: specOf(namespace, name) }
}

/** Creates so many objects at once; the first one is `store-0`. */
export async function load(client: Client, { namespace, count, kind = stores() }: Load): Promise<LoadResult> {
  const watch = await ReadyWatch.start(client, kind.resource, namespace)
  const { readyAt, writes } = watch
  const createdAt = new Map<string, number>()
  const started = performance.now()
  const creator = async () => {
    while (createdAt.size < count) {
      const name = `store-${createdAt.size}`
      createdAt.set(name, performance.now())
      await client.create(kind.resource, objectOf(kind, namespace, name))
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

/** A namespace in which one store after the other is created. */
export interface Newcomers {
  /** Creates the next store. Resolves with the time from the request to Ready, in ms. */
  next(): Promise<number>
  stop(): void
}

export async function newcomers(
  client: Client,
  namespace: string,
  spec: Partial<ArtifactStoreSpec> = {},
): Promise<Newcomers> {
  const watch = await ReadyWatch.start(client, ARTIFACT_STORES, namespace)
  const kind = stores(spec)
  let created = 0
  return {
    async next() {
      const name = `new-${created++}`
      const createdAt = performance.now()
      await client.create(ARTIFACT_STORES, objectOf(kind, namespace, name))
      await watch.until(() => watch.readyAt.has(name), 60_000)
      const readyAt = watch.readyAt.get(name)
      if (readyAt === undefined) throw new Error(`${name} is not Ready after a minute`)
      return readyAt - createdAt
    },
    stop: () => watch.stop(),
  }
}
