/** Pure: which changes of a watched object matter, and to whom: each wakes a reconcile, and no other change does. */
import { isDeepStrictEqual } from 'node:util'
import type { ArtifactStore } from '../api/artifact-store.ts'
import { findCondition, READY } from '../api/conditions.ts'
import { CONFIRM_DELETE_ANNOTATION, REQUESTED_AT_ANNOTATION } from '../api/names.ts'
import type { KubeObject, ObjectKey } from '../api/object.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import type { KeyValues } from '../connectors/view.ts'
import type { InformerEvent } from '../runtime/informer.ts'
import { matters } from '../runtime/matters.ts'
import { connectorKeyOf } from '../stores/plan/connection.ts'
import { isEdited, ownerKeyOf, type ProjectedSecret, readStamp } from '../stores/plan/projected-secret.ts'
import type { StoreView } from '../stores/plan/view.ts'
import { concerns } from './namespace-index.ts'

/** To the connector itself. */
export const connectorMatters = (old: ServiceConnector, now: ServiceConnector): boolean =>
  matters(old, now) || isRequested(old, now)

/** To all stores of a connector: not its count of stores, nor when its identity expires. */
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

/** To the store itself: also the annotation that ends a protected store. */
export const storeMatters = (old: ArtifactStore, now: ArtifactStore): boolean =>
  matters(old, now) || isRequested(old, now) || isConfirmed(old, now)

/** To the stores of its namespace that want to be the default: another one may become it, or go now that this one went. */
export const storeMattersToDefaults = (event: InformerEvent<ArtifactStore>): boolean =>
  event.type === 'deleted' ||
  (event.object.spec.default ?? false) !== (event.type === 'updated' && (event.old.spec.default ?? false))

/** The connectors that got or lost a store, and count again. */
export function connectorsToCount(event: InformerEvent<ArtifactStore>): ObjectKey[] {
  const now = connectorKeyOf(event.object)
  if (event.type !== 'updated') return [now]
  const before = connectorKeyOf(event.old)
  return before === now ? [] : [before, now]
}

/** A Secret or ConfigMap, to the connectors that name it and to their stores. */
export const valuesMatter = (event: InformerEvent<KubeObject & KeyValues>): boolean =>
  event.type !== 'updated' || !isDeepStrictEqual(event.old.values, event.object.values)

/** To the connectors that name the ServiceAccount and to their stores. */
export const serviceAccountMatters = (event: InformerEvent<KubeObject>): boolean =>
  event.type !== 'updated' || !isDeepStrictEqual(event.old.metadata.annotations, event.object.metadata.annotations)

/** A namespace, to any store. */
export const namespaceMatters = (event: InformerEvent<KubeObject>): boolean =>
  startsToGo(event) ||
  event.type !== 'updated' ||
  !isDeepStrictEqual(event.old.metadata.labels, event.object.metadata.labels)

/** A namespace whose change matters, to a store in it: its labels decide only whether it may use connectors elsewhere. */
export const namespaceMattersToStoreIn = (event: InformerEvent<KubeObject>, { spec }: ArtifactStore): boolean => {
  const { name } = event.object.metadata
  return startsToGo(event) || (spec.connectorRef.namespace ?? name) !== name
}

/** A namespace whose change matters, to a store that may lead to it. */
export const namespaceMattersToStoreToward = (
  event: InformerEvent<KubeObject>,
  store: ArtifactStore,
  view: Pick<StoreView, 'isRecipient'>,
): boolean => concerns(store, before(event), after(event), view)

/** Of a projected Secret that somebody else deleted, changed or gave away; the operator's own writes need nothing. */
export function ownersToRepair(event: InformerEvent<ProjectedSecret>): ObjectKey[] {
  const { type, object } = event
  const isFine = type !== 'deleted' && !isEdited(object) && readStamp(object) !== undefined
  const owner = ownerKeyOf(object)
  const before = type === 'updated' ? ownerKeyOf(event.old) : owner
  const owners = isFine ? [before].filter(key => key !== owner) : [owner, before]
  return [...new Set(owners)].filter(key => key !== undefined)
}

/** Whether somebody has asked for another look. */
export const isRequested = (old: KubeObject, now: KubeObject): boolean =>
  old.metadata.annotations?.[REQUESTED_AT_ANNOTATION] !== now.metadata.annotations?.[REQUESTED_AT_ANNOTATION]

const isConfirmed = (old: KubeObject, now: KubeObject): boolean =>
  old.metadata.annotations?.[CONFIRM_DELETE_ANNOTATION] !== now.metadata.annotations?.[CONFIRM_DELETE_ANNOTATION]

const startsToGo = (event: InformerEvent<KubeObject>): boolean =>
  event.type === 'updated' &&
  event.old.metadata.deletionTimestamp === undefined &&
  event.object.metadata.deletionTimestamp !== undefined

/** The object as it was; undefined: it was not there. */
export function before<T>(event: InformerEvent<T>): T | undefined {
  if (event.type === 'updated') return event.old
  return event.type === 'deleted' ? event.object : undefined
}

/** The object as it is; undefined: it is not there any more. */
export const after = <T>(event: InformerEvent<T>): T | undefined =>
  event.type === 'deleted' ? undefined : event.object
