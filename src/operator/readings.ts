/**
 * Pure: what metrics tell of the objects in the caches. It is read when somebody asks, in one pass over the stores, the
 * connectors and their Secrets, so that nothing has to be kept, and what is gone is told no more.
 */
import type { ArtifactStore } from '../api/artifact-store.ts'
import { type Condition, findCondition, READY } from '../api/conditions.ts'
import { type KubeObject, keyOf, type ObjectKey } from '../api/object.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import { isGoing, latestRefreshAt, ownerKeyOf, type ProjectedSecret } from '../stores/plan/projected-secret.ts'
import type { Readings, Sample } from '../telemetry/read-gauges.ts'

interface Source<T> {
  cache: { get(key: ObjectKey): T | undefined; values(): IterableIterator<T> }
}

export interface Observable {
  stores: Source<ArtifactStore>
  connectors: Source<ServiceConnector>
  projected: Source<ProjectedSecret>
}

/** `byName`: whether each object is told of, and not only how many there are. */
export function readObjects(caches: Observable, byName: boolean, now: Date): Readings {
  const due = refreshTimes(caches)
  const stores = [...caches.stores.cache.values()]
  const connectors = [...caches.connectors.cache.values()]
  const first = due.values().reduce((one, other) => Math.min(one, other), now.getTime())
  const totals: Readings = {
    objects: [...totalsOf('ArtifactStore', stores), ...totalsOf('ServiceConnector', connectors)],
    credentials_refresh_overdue_seconds: [{ labels: {}, value: (now.getTime() - first) / 1000 }],
  }
  if (!byName) return totals
  const ofStores = (read: (store: ArtifactStore) => number | undefined) => samplesOf(stores, read)
  return {
    ...totals,
    store_ready: ofStores(readiness),
    connector_ready: samplesOf(connectors, readiness),
    credentials_expire_timestamp_seconds: ofStores(({ status }) => seconds(Date.parse(status?.expiresAt ?? ''))),
    credentials_refresh_due_timestamp_seconds: ofStores(store => seconds(due.get(keyOf(store)) ?? Number.NaN)),
    usage_bytes: ofStores(({ status }) => status?.usage?.bytes),
    usage_objects: ofStores(({ status }) => status?.usage?.objects),
  }
}

/**
 * When the first Secret of each store should have been refreshed by. Nobody refreshes those of suspended stores, and deleted
 * ones, which a finalizer of a tenant may hold for ever.
 */
function refreshTimes({ stores, projected }: Observable): Map<ObjectKey, number> {
  const first = new Map<ObjectKey, number>()
  for (const secret of projected.cache.values()) {
    const owner = isGoing(secret) ? undefined : ownerKeyOf(secret)
    const store = owner === undefined ? undefined : stores.cache.get(owner)
    if (owner === undefined || !store || store.spec.suspend) continue
    const due = latestRefreshAt(secret)?.getTime()
    if (due !== undefined && due < (first.get(owner) ?? Number.POSITIVE_INFINITY)) first.set(owner, due)
  }
  return first
}

type Subject = KubeObject & { spec: { suspend?: boolean }; status?: { conditions?: Condition[] } }

function* samplesOf<T extends Subject>(objects: T[], read: (object: T) => number | undefined): Generator<Sample> {
  for (const object of objects) {
    const value = read(object)
    const { namespace = '', name } = object.metadata
    if (value !== undefined) yield { labels: { namespace, name }, value }
  }
}

const readyOf = ({ status }: Subject) => findCondition(status?.conditions, READY)

const readiness = (object: Subject): number | undefined =>
  object.spec.suspend ? undefined : Number(readyOf(object)?.status === 'True')

const seconds = (ms: number): number | undefined => (Number.isNaN(ms) ? undefined : ms / 1000)

/** A word of the operator's own; others may write a status, too. */
const REASON = /^[A-Za-z]{1,64}$/

function totalsOf(kind: string, objects: Subject[]): Sample[] {
  const totals = new Map<string, Sample>()
  for (const object of objects) {
    const { status: ready = 'Unknown', reason = 'NotObserved' } = readyOf(object) ?? {}
    const labels = { kind, ready, reason: REASON.test(reason) ? reason : 'other' }
    const key = `${labels.ready} ${labels.reason}`
    const total = totals.get(key) ?? { labels, value: 0 }
    total.value++
    totals.set(key, total)
  }
  return [...totals.values()]
}
