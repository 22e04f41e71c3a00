/** Who is reconciled when something else changes. The controllers themselves watch their own kind. */
import { isDeepStrictEqual } from 'node:util'
import { type ArtifactStore, connectorKeyOf } from '../api/artifact-store.ts'
import { findCondition, READY } from '../api/conditions.ts'
import { CONFIRM_DELETE_ANNOTATION } from '../api/names.ts'
import { type KubeObject, keyOf, type ObjectKey, objectKey } from '../api/object.ts'
import { requestedAt } from '../api/requested-at.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import type { Controller } from '../runtime/controller.ts'
import type { InformerEvent } from '../runtime/informer.ts'
import { isEdited, ownerKeyOf, type ProjectedSecret, readStamp } from '../stores/plan/projected-secret.ts'
import type { StoreView } from '../stores/plan/view.ts'
import { type Caches, type ReferenceKind, referenceKey, storesOf, storesToward } from './caches.ts'
import { concerns } from './namespace-index.ts'

/** How long `status.stores` may lag: a thousand new stores are one write. */
const COUNT_AFTER_MS = 5_000

export interface Woken {
  connectors: Controller
  stores: Controller
  /** A ServiceAccount is gone or another one: its tokens are of no use. */
  forgetTokens(namespace: string, name: string): void
  /** Somebody asks for another look: a failure that is remembered counts no more. */
  forgetSession(connector: string): void
}

export function wireWakeups(
  caches: Caches,
  view: Pick<StoreView, 'isRecipient'>,
  { connectors, stores, forgetTokens, forgetSession }: Woken,
): void {
  const wakeStoresOf = (connector: string) => wakeStores(caches, stores, connector)
  const wakeReferrers = (kind: ReferenceKind, { metadata }: KubeObject) => {
    const key = referenceKey(kind, metadata.namespace, metadata.name)
    for (const connector of caches.connectors.cache.byIndex('reference', key)) {
      connectors.enqueue(keyOf(connector), 'urgent')
      wakeStoresOf(keyOf(connector))
    }
  }

  caches.connectors.on(event => {
    if (event.type === 'updated' && isRequested(event.old, event.object)) forgetSession(keyOf(event.object))
    if (event.type !== 'updated' || connectorMatters(event.old, event.object)) wakeStoresOf(keyOf(event.object))
  })
  caches.stores.on(event => {
    for (const connector of countChanged(event)) connectors.enqueueAfter(connector, COUNT_AFTER_MS)
    if (!mayMoveDefault(event)) return
    const { namespace = '', name } = event.object.metadata
    for (const { spec, metadata } of caches.stores.cache.byIndex('namespace', namespace)) {
      if (spec.default && metadata.name !== name) stores.enqueue(objectKey(namespace, metadata.name), 'urgent')
    }
  })
  for (const [kind, informer] of [['Secret', caches.secrets] as const, ['ConfigMap', caches.configMaps] as const]) {
    informer.on(event => {
      if (event.type !== 'updated' || !isDeepStrictEqual(event.old.values, event.object.values)) {
        wakeReferrers(kind, event.object)
      }
    })
  }
  caches.serviceAccounts.on(event => {
    const { namespace = '', name } = event.object.metadata
    if (event.type === 'deleted') forgetTokens(namespace, name)
    if (
      event.type !== 'updated' ||
      !isDeepStrictEqual(event.old.metadata.annotations, event.object.metadata.annotations)
    ) {
      wakeReferrers('ServiceAccount', event.object)
    }
  })
  caches.projected.on(event => {
    for (const store of ownersToRepair(event)) stores.enqueue(store, 'urgent')
  })
  caches.namespaces.on(event => {
    const { name } = event.object.metadata
    const isGoing = event.type === 'updated' && startsToGo(event.old, event.object)
    const isRelabelled =
      event.type !== 'updated' || !isDeepStrictEqual(event.old.metadata.labels, event.object.metadata.labels)
    if (!isGoing && !isRelabelled) return
    for (const store of caches.stores.cache.byIndex('namespace', name)) {
      if (isGoing || (store.spec.connectorRef.namespace ?? name) !== name) stores.enqueue(keyOf(store), 'urgent')
    }
    const before = event.type === 'updated' ? event.old : event.type === 'deleted' ? event.object : undefined
    const now = event.type === 'deleted' ? undefined : event.object
    for (const store of storesToward(caches, [before ?? [], now ?? []].flat())) {
      if (concerns(store, before, now, view)) stores.enqueue(keyOf(store), 'urgent')
    }
  })
}

export function wakeStores(caches: Caches, stores: Pick<Controller, 'enqueue'>, connector: string): void {
  for (const store of storesOf(caches, connector)) stores.enqueue(keyOf(store), 'urgent')
}

/** Pure: whether a connector's change can mean something to its stores; its count and expiry can't. */
export function connectorMatters(old: ServiceConnector, now: ServiceConnector): boolean {
  const ready = (connector: ServiceConnector) => findCondition(connector.status?.conditions, READY)
  return (
    isRequested(old, now) ||
    old.metadata.generation !== now.metadata.generation ||
    ready(old)?.status !== ready(now)?.status ||
    ready(old)?.reason !== ready(now)?.reason
  )
}

/** Pure: whether somebody asked for a verification. */
export const isRequested = (old: KubeObject, now: KubeObject): boolean => requestedAt(old) !== requestedAt(now)

/** Pure: whether somebody asked for something by annotation: a verification, or the end of a protected store. */
export const isAsked = (old: KubeObject, now: KubeObject): boolean =>
  isRequested(old, now) ||
  old.metadata.annotations?.[CONFIRM_DELETE_ANNOTATION] !== now.metadata.annotations?.[CONFIRM_DELETE_ANNOTATION]

/** Pure: whether another store may become the default of the namespace, or may go now that this one went. */
export const mayMoveDefault = (event: InformerEvent<ArtifactStore>): boolean =>
  event.type === 'deleted' ||
  (event.object.spec.default ?? false) !== (event.type === 'updated' && (event.old.spec.default ?? false))

const startsToGo = (old: KubeObject, now: KubeObject): boolean =>
  old.metadata.deletionTimestamp === undefined && now.metadata.deletionTimestamp !== undefined

/** Pure: the connectors that got or lost a store. */
export function countChanged(event: InformerEvent<ArtifactStore>): string[] {
  const now = connectorKeyOf(event.object)
  if (event.type !== 'updated') return [now]
  const before = connectorKeyOf(event.old)
  return before === now ? [] : [before, now]
}

/** Pure: whose Secret somebody else deleted, changed or gave away; the operator's own writes need nothing. */
export function ownersToRepair(event: InformerEvent<ProjectedSecret>): ObjectKey[] {
  const { type, object } = event
  const isFine = type !== 'deleted' && !isEdited(object) && readStamp(object) !== undefined
  const owner = ownerKeyOf(object)
  const before = type === 'updated' ? ownerKeyOf(event.old) : owner
  const owners = isFine ? [before].filter(key => key !== owner) : [owner, before]
  return [...new Set(owners)].filter(key => key !== undefined)
}
