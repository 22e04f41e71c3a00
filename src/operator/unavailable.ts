/**
 * What is done for objects whose endpoint answers, but with 5xx. Others may be well there, with other buckets, so nothing
 * keeps calls from it; each object alone would be back when its backoff ends, up to five minutes late. So now and then
 * one connector and one store of each such endpoint try, and once one of them is well, all of them are looked at.
 */
import { type ArtifactStore, connectorKeyOf } from '../api/artifact-store.ts'
import { findCondition, RECONCILING, STALLED } from '../api/conditions.ts'
import { isReady } from '../api/kstatus.ts'
import type { KubeObject } from '../api/object.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import type { Random } from '../runtime/backoff.ts'
import type { Clock } from '../runtime/clock.ts'
import type { InformerEvent } from '../runtime/informer.ts'
import type { Caches } from './caches.ts'
import { groupOf } from './limits.ts'
import { isWaiting, look, one, type Waiting, type WokenByOutages, waitingFor } from './outages.ts'

const UNAVAILABLE: ReadonlySet<string> = new Set(['ServiceUnavailable'])
/** An object comes back within half a minute: this, and the looks. */
const TRY_MS = 20_000
/** Time in which objects that are well again are dealt with together. */
const TOGETHER_MS = 1_000

interface Parts extends WokenByOutages {
  caches: {
    connectors: Pick<Caches['connectors'], 'cache' | 'on'>
    stores: Pick<Caches['stores'], 'cache' | 'on'>
  }
}

/** Returns a function that ends what is planned. */
export function wireUnavailable({ clock, random }: { clock: Pick<Clock, 'after'>; random: Random }, parts: Parts) {
  const { caches, providers } = parts
  let cancelTry: (() => void) | undefined
  let cancelLooks: (() => void) | undefined
  /** Groups of objects that are well again. */
  const well = new Set<string>()

  const connectorOf = (store: ArtifactStore) => caches.connectors.cache.get(connectorKeyOf(store))
  const ofStore = (store: ArtifactStore) => {
    const connector = connectorOf(store)
    return connector && groupOf(providers, connector)
  }
  const ofConnector = (connector: ServiceConnector) => groupOf(providers, connector)

  function planTry(): void {
    cancelTry ??= clock.after(TRY_MS, () => {
      cancelTry = undefined
      const { connectors, stores } = waitingFor(UNAVAILABLE, caches)
      if (connectors.length + stores.length > 0) planTry()
      for (const some of Map.groupBy(connectors, ofConnector).values()) lookAt('connectors', one(some, random))
      for (const [group, some] of Map.groupBy(stores, ofStore)) if (group) lookAt('stores', one(some, random))
    })
  }

  function planLooks(group: string): void {
    well.add(group)
    cancelLooks ??= clock.after(TOGETHER_MS, () => {
      cancelLooks = undefined
      const { connectors, stores } = waitingFor(UNAVAILABLE, caches)
      for (const connector of connectors) if (well.has(ofConnector(connector) ?? '')) lookAt('connectors', connector)
      for (const store of stores) if (well.has(ofStore(store) ?? '')) lookAt('stores', store)
      well.clear()
    })
  }

  function lookAt(kind: 'connectors' | 'stores', object: ServiceConnector | ArtifactStore | undefined): void {
    if (object) look(parts, kind, object)
  }

  const watch = <T extends KubeObject & Waiting>(event: InformerEvent<T>, group: (object: T) => string | undefined) => {
    if (event.type === 'deleted') return
    if (isWaiting(event.object, UNAVAILABLE)) planTry()
    if (event.type !== 'updated' || !isWaiting(event.old, UNAVAILABLE) || !isSettled(event.object)) return
    const where = group(event.object)
    if (where) planLooks(where)
  }
  caches.connectors.on(event => watch(event, ofConnector))
  caches.stores.on(event => watch(event, ofStore))

  return () => {
    cancelTry?.()
    cancelLooks?.()
  }
}

/** Whether an endpoint has told all that was asked: neither is anything tried again, nor is work under way. */
const isSettled = ({ status }: Waiting): boolean =>
  !findCondition(status?.conditions, RECONCILING) &&
  (isReady(status?.conditions) || findCondition(status?.conditions, STALLED) !== undefined)
