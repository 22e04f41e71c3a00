/** Wakes the objects to which a change of another object matters. Each controller watches its own kind by itself. */
import { type ArtifactStore, connectorKeyOf } from '../api/artifact-store.ts'
import { isReady } from '../api/kstatus.ts'
import { type KubeObject, keyOf, type ObjectKey } from '../api/object.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Controller } from '../runtime/controller.ts'
import type { InformerEvent } from '../runtime/informer.ts'
import { mayUse, refusalOf } from '../stores/plan/connection.ts'
import { isBorrower } from '../stores/plan/lending.ts'
import type { StoreView } from '../stores/plan/view.ts'
import { type Caches, type ReferenceKind, referenceKey, storesOf, storesToward } from './caches.ts'
import { isLabelled } from './look-up.ts'
import {
  after,
  before,
  connectorMattersToStores,
  connectorsToCount,
  isRequested,
  namespaceMatters,
  namespaceMattersToStoreIn,
  namespaceMattersToStoreToward,
  ownersToRepair,
  serviceAccountMatters,
  storeMattersToDefaults,
} from './matters.ts'
import type { ReferencedValues, ValuesKind } from './referenced-values.ts'

/** How long `status.stores` and `status.defaultInUse` may lag, so that a thousand new stores cost one write. */
const COUNT_AFTER_MS = 5_000
/** Least time between requests of borrowers that reach a connector. */
const BORROWERS_ASK_MS = 10_000

export interface Woken {
  connectors: Controller
  stores: Controller
  values: Pick<ReferencedValues, 'isChanged' | 'forget'>
  /** Drops the tokens of a ServiceAccount that is gone. */
  forgetTokens(namespace: string, name: string): void
  /** `forget` drops a connector's session and the failure that is remembered for it, `retry` that failure only. */
  sessions: { forget(connector: ObjectKey): void; retry(connector: ObjectKey): void }
  /** Lets one call through to each endpoint of a connector that does not answer. */
  letThrough(connector: ServiceConnector): void
  monotonic: Clock['monotonic']
}

export function wireWakeups(
  caches: Caches,
  view: Pick<StoreView, 'isRecipient' | 'connector' | 'namespaceLabels'>,
  woken: Woken,
): void {
  const { connectors, stores, values, forgetTokens, sessions, letThrough } = woken
  const wakeStoresOf = (connector: string) => wakeStores(caches, stores, connector)
  const wakeReferrers = (kind: ReferenceKind, { metadata }: KubeObject) => {
    const key = referenceKey(kind, metadata.namespace, metadata.name)
    for (const connector of caches.connectors.cache.byIndex('reference', key)) {
      connectors.enqueue(keyOf(connector), 'urgent')
      wakeStoresOf(keyOf(connector))
    }
  }

  caches.connectors.on(event => {
    // Before the controller takes the key: somebody has asked, and is not answered by what is remembered.
    if (event.type === 'updated' && isRequested(event.old, event.object)) {
      sessions.forget(keyOf(event.object))
      letThrough(event.object)
    }
    if (connectorMattersToStores(event)) wakeStoresOf(keyOf(event.object))
  })
  const askConnector = connectorAsker(view, woken)

  caches.stores.on(event => {
    if (event.type === 'updated' && isRequested(event.old, event.object)) askConnector(event.object)
    for (const key of connectorsToCount(event)) {
      // One that does not let the store in does not count it, and does nothing for strangers.
      const connector = view.connector(key)
      if (connector && mayUse(event.object, connector, view)) connectors.enqueueAfter(key, COUNT_AFTER_MS)
    }
    const { namespace = '', name } = event.object.metadata
    const defaults = caches.stores.cache.byIndex('default', namespace).filter(({ metadata }) => metadata.name !== name)
    if (storeMattersToDefaults(event)) for (const other of defaults) stores.enqueue(keyOf(other), 'urgent')
    // It has company now, which its status says, too.
    else if (event.type === 'added')
      for (const other of defaults) if (!other.status?.defaultInUse) stores.enqueueAfter(keyOf(other), COUNT_AFTER_MS)
  })
  for (const [kind, informer] of [['Secret', caches.secrets] as const, ['ConfigMap', caches.configMaps] as const]) {
    informer.on(event => {
      void valuesMatter(kind, event, values).then(matter => {
        if (matter) wakeReferrers(kind, event.object)
      })
    })
  }
  caches.serviceAccounts.on(event => {
    const { namespace = '', name } = event.object.metadata
    if (event.type === 'deleted') forgetTokens(namespace, name)
    if (serviceAccountMatters(event)) wakeReferrers('ServiceAccount', event.object)
  })
  caches.projected.on(event => {
    for (const store of ownersToRepair(event)) stores.enqueue(store, 'urgent')
  })
  caches.namespaces.on(event => {
    if (!namespaceMatters(event)) return
    for (const store of caches.stores.cache.byIndex('namespace', event.object.metadata.name)) {
      if (!namespaceMattersToStoreIn(event, store)) continue
      stores.enqueue(keyOf(store), 'urgent')
      // A store that its connector has let in, or no longer does, counts otherwise there.
      connectors.enqueueAfter(connectorKeyOf(store), COUNT_AFTER_MS)
    }
    for (const store of storesToward(caches, [before(event) ?? [], after(event) ?? []].flat())) {
      if (namespaceMattersToStoreToward(event, store, view)) stores.enqueue(keyOf(store), 'urgent')
    }
  })
}

/**
 * Returns a function that takes a store's request for a look as one for its connector, too, if the store may use it and
 * waits for it. Borrowers do not undo at will what spares their lender's endpoint.
 */
function connectorAsker(
  view: Pick<StoreView, 'connector' | 'namespaceLabels'>,
  { connectors, sessions, letThrough, monotonic }: Pick<Woken, 'connectors' | 'sessions' | 'letThrough' | 'monotonic'>,
): (store: ArtifactStore) => void {
  /** When borrowers last asked, by connector, the oldest first. */
  const askedAt = new Map<ObjectKey, number>()

  function mayAsk(connector: ObjectKey): boolean {
    const now = monotonic()
    for (const [key, at] of askedAt) {
      if (now - at < BORROWERS_ASK_MS) break
      askedAt.delete(key)
    }
    if (askedAt.has(connector)) return false
    askedAt.set(connector, now)
    return true
  }

  return store => {
    const connector = view.connector(connectorKeyOf(store))
    if (!connector || refusalOf(store, view)) return
    if (isBorrower(store, connector) && !mayAsk(keyOf(connector))) return
    letThrough(connector)
    if (isReady(connector.status?.conditions)) return
    sessions.retry(keyOf(connector))
    connectors.enqueue(keyOf(connector), 'urgent')
  }
}

/** Whether a change of a Secret or ConfigMap matters to the connectors that name it, and to their stores. */
async function valuesMatter(
  kind: ValuesKind,
  event: InformerEvent<KubeObject>,
  values: Woken['values'],
): Promise<boolean> {
  if (event.type === 'updated') return values.isChanged(kind, event.object, isLabelled)
  if (event.type === 'deleted') values.forget(kind, event.object)
  return true
}

/** `except`: key of a store that knows already: its next attempt waits as long as its failures make it. */
export function wakeStores(
  caches: Caches,
  stores: Pick<Controller, 'enqueue'>,
  connector: string,
  except?: string,
): void {
  for (const store of storesOf(caches, connector)) if (keyOf(store) !== except) stores.enqueue(keyOf(store), 'urgent')
}
