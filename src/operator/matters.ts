/** Pure: which changes of a watched object matter, and to which stores and connectors. No other change wakes them. */
import { isDeepStrictEqual } from 'node:util'
import { type ArtifactStore, connectorKeyOf, connectorNamespaceOf } from '../api/artifact-store.ts'
import { findCondition, READY } from '../api/conditions.ts'
import { CONFIRM_DELETE_ANNOTATION } from '../api/names.ts'
import type { KubeObject, ObjectKey } from '../api/object.ts'
import { requestedAt } from '../api/requested-at.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import type { InformerEvent } from '../runtime/informer.ts'
import { matters } from '../runtime/matters.ts'
import { isEdited, ownerKeyOf, type ProjectedSecret, readStamp } from '../stores/plan/projected-secret.ts'
import type { StoreView } from '../stores/plan/view.ts'
import { concerns } from './namespace-index.ts'

/** Whether a connector's change matters to the connector itself. */
export const connectorMatters = (old: ServiceConnector, now: ServiceConnector): boolean =>
  matters(old, now) || isRequested(old, now)

/** Whether a connector's change matters to all of its stores. How many they are, and its expiry, do not. */
export function connectorMattersToStores(event: InformerEvent<ServiceConnector>): boolean {
  if (event.type !== 'updated') return true
  const { old, object: now } = event
  const ready = (connector: ServiceConnector) => findCondition(connector.status?.conditions, READY)
  return (
    isRequested(old, now) ||
    old.metadata.generation !== now.metadata.generation ||
    ready(old)?.status !== ready(now)?.status ||
    ready(old)?.reason !== ready(now)?.reason
  )
}

/** Whether a store's change matters to the store itself: also the annotation that ends a protected store does. */
export const storeMatters = (old: ArtifactStore, now: ArtifactStore): boolean =>
  matters(old, now) || isRequested(old, now) || isConfirmed(old, now)

/** Whether a store's change matters to others that want to be the default: one may become it, or may go now. */
export const storeMattersToDefaults = (event: InformerEvent<ArtifactStore>): boolean =>
  event.type === 'deleted' ||
  (event.object.spec.default ?? false) !== (event.type === 'updated' && (event.old.spec.default ?? false))

/** Keys of the connectors that have got or lost a store, and count again. */
export function connectorsToCount(event: InformerEvent<ArtifactStore>): ObjectKey[] {
  const now = connectorKeyOf(event.object)
  if (event.type !== 'updated') return [now]
  const before = connectorKeyOf(event.old)
  return before === now ? [] : [before, now]
}

/** Whether a ServiceAccount's change matters to the connectors that name it, and to their stores. */
export const serviceAccountMatters = (event: InformerEvent<KubeObject>): boolean =>
  event.type !== 'updated' || !isDeepStrictEqual(event.old.metadata.annotations, event.object.metadata.annotations)

/** Whether a namespace's change matters to any store. */
export const namespaceMatters = (event: InformerEvent<KubeObject>): boolean =>
  startsToGo(event) ||
  event.type !== 'updated' ||
  !isDeepStrictEqual(event.old.metadata.labels, event.object.metadata.labels)

/** Whether it matters to a store in the namespace, whose labels only decide about connectors in other namespaces. */
export const namespaceMattersToStoreIn = (event: InformerEvent<KubeObject>, store: ArtifactStore): boolean =>
  startsToGo(event) || connectorNamespaceOf(store) !== event.object.metadata.name

/** Whether it matters to a store that may lead to the namespace. */
export const namespaceMattersToStoreToward = (
  event: InformerEvent<KubeObject>,
  store: ArtifactStore,
  view: Pick<StoreView, 'isRecipient'>,
): boolean => concerns(store, before(event), after(event), view)

/** Keys of stores whose Secret somebody else deleted, changed or gave away. The operator's own writes need nothing. */
export function ownersToRepair(event: InformerEvent<ProjectedSecret>): ObjectKey[] {
  const { type, object } = event
  const isFine = type !== 'deleted' && !isEdited(object) && readStamp(object) !== undefined
  const owner = ownerKeyOf(object)
  const before = type === 'updated' ? ownerKeyOf(event.old) : owner
  const owners = isFine ? [before].filter(key => key !== owner) : [owner, before]
  return [...new Set(owners)].filter(key => key !== undefined)
}

/** Whether somebody has asked for another look. */
export const isRequested = (old: KubeObject, now: KubeObject): boolean => requestedAt(old) !== requestedAt(now)

const isConfirmed = (old: KubeObject, now: KubeObject): boolean =>
  old.metadata.annotations?.[CONFIRM_DELETE_ANNOTATION] !== now.metadata.annotations?.[CONFIRM_DELETE_ANNOTATION]

const startsToGo = (event: InformerEvent<KubeObject>): boolean =>
  event.type === 'updated' &&
  event.old.metadata.deletionTimestamp === undefined &&
  event.object.metadata.deletionTimestamp !== undefined

/** Returns the object as it was; undefined when it was not there. */
export function before<T>(event: InformerEvent<T>): T | undefined {
  if (event.type === 'updated') return event.old
  return event.type === 'deleted' ? event.object : undefined
}

/** Returns the object as it is; undefined when it is not there any more. */
export const after = <T>(event: InformerEvent<T>): T | undefined =>
  event.type === 'deleted' ? undefined : event.object
