/**
 * Leaves objects in a namespace of `--watch-namespaces` alone until all of it is in the caches, of which one may be there
 * long before another: a Secret that was not read yet would look like one that has to be made (docs/adr/0039).
 */
import { type KubeObject, keyOf } from '../api/object.ts'
import type { Controller } from '../runtime/controller.ts'
import type { Next } from '../runtime/outcome.ts'
import type { OrphanCollector } from '../stores/orphans.ts'
import { ownerKeyOf } from '../stores/plan/projected-secret.ts'
import { type Caches, storesNaming } from './caches.ts'
import type { WatchedNamespaces } from './watched-namespaces.ts'

type Reconcile<T extends KubeObject, O> = (object: T, signal: AbortSignal) => Promise<O | { next: Next }>

/**
 * The same reconciler, which does nothing in a namespace that is not read. It is called again when that is read. An object
 * that is being deleted is let go: the Roles of its namespace may have gone first.
 */
export const onceRead =
  <T extends KubeObject, O>(
    watched: Pick<WatchedNamespaces, 'isRead'> | undefined,
    reconcile: Reconcile<T, O>,
  ): Reconcile<T, O> =>
  async (object, signal) => {
    const { namespace = '', deletionTimestamp } = object.metadata
    const mayWait = watched && deletionTimestamp === undefined
    return mayWait && !watched.isRead(namespace) ? { next: 'await-change' } : reconcile(object, signal)
  }

export interface WokenOnceRead {
  connectors: Pick<Controller, 'enqueue'>
  stores: Pick<Controller, 'enqueue'>
  orphans: Pick<OrphanCollector, 'considerAll'>
}

/** Wakes what a namespace matters to as soon as it is read: what is in it, and stores that lead to it, or once did. */
export function wakeOnceRead(
  watched: Pick<WatchedNamespaces, 'onRead'> | undefined,
  caches: Pick<Caches, 'connectors' | 'stores' | 'projected'>,
  { connectors, stores, orphans }: WokenOnceRead,
): void {
  watched?.onRead(namespace => {
    const isIn = ({ metadata }: KubeObject) => metadata.namespace === namespace
    for (const connector of caches.connectors.cache.values()) {
      if (isIn(connector)) connectors.enqueue(keyOf(connector), 'urgent')
    }
    const inside = caches.stores.cache.byIndex('namespace', namespace)
    const owners = [...caches.projected.cache.values()].filter(isIn).map(ownerKeyOf)
    for (const key of new Set([...[...inside, ...storesNaming(caches, namespace)].map(keyOf), ...owners])) {
      if (key !== undefined) stores.enqueue(key, 'urgent')
    }
    orphans.considerAll()
  })
}
