/** Pure: the connector that a store names -> the identity to act as, or why that is impossible. */
import { type ArtifactStore, connectorKeyOf, connectorNamespaceOf } from '../../api/artifact-store.ts'
import { findCondition, READY } from '../../api/conditions.ts'
import { type Failure, isFailure, stalled, waiting } from '../../api/failures.ts'
import { keyOf, type ObjectKey } from '../../api/object.ts'
import { matchesResource } from '../../api/resource-pattern.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { formatStoreUri, parseStoreUri, type StoreUri } from '../../api/uri.ts'
import { type ConnectorPlan, type Providers, planConnector } from '../../connectors/plan.ts'
import { isMissing, type MissingReference } from '../../connectors/resolve.ts'
import { refuseAllowedSelector } from '../../connectors/selectors.ts'
import { mayReference } from './allowed-namespaces.ts'
import { hiddenFailure } from './discretion.ts'
import { isBorrower } from './lending.ts'
import type { StoreView } from './view.ts'

export interface Connection extends Pick<ConnectorPlan, 'provider' | 'identity'> {
  connector: ServiceConnector
  /** Whether the connector is of another namespace: the store is told less. */
  isBorrowed: boolean
}

/** A Failure of the connector, which is absent, refuses or can't authenticate, while the store itself is fine. */
export interface ConnectorFailure extends Failure {
  blames: 'connector'
}

export const blamesConnector = (failure: Failure): failure is ConnectorFailure => 'blames' in failure

const blameConnector = (failure: Failure): ConnectorFailure => ({ ...failure, blames: 'connector' })

export function planConnection(
  store: ArtifactStore,
  uri: StoreUri,
  view: StoreView,
  providers: Providers,
): Connection | Failure {
  const connector = findConnector(store, view)
  if (isFailure(connector)) return blameConnector(connector)
  const refused = refuseBucket(store, uri, connector)
  const connected = planConnector(connector, view, providers)
  if (isFailure(connected)) return refused ?? connectorNotReady(store, connector, connected)
  const { provider, identity } = connected
  if (uri.cloud !== provider.name) return otherCloud(store, uri, connector, provider)
  return refused ?? { connector, provider, identity, isBorrowed: isBorrower(store, connector) }
}

/**
 * Why the connector's owner does not let the store use it, or not for its bucket, whatever else is wrong with either of
 * them. A connector that is absent refuses nothing: it may be made anew soon, or be misspelt. Nor does one whose selector
 * can't be followed: nobody knows whom it allows.
 */
export function refusalOf(
  store: ArtifactStore,
  view: Pick<StoreView, 'connector' | 'namespaceLabels' | 'watched'>,
): Failure | undefined {
  const key = connectorKeyOf(store)
  const connector = view.connector(key)
  if (!connector) return undefined
  const isUndecided = refuseAllowedSelector(connector.spec, view) !== undefined
  if (!isUndecided && !mayUse(store, connector, view)) return connectorNotAllowed(store, key)
  // A spec that is invalid may have anything here.
  const path: unknown = store.spec.path
  const uri = typeof path === 'string' ? parseStoreUri(path) : undefined
  return uri && !isFailure(uri) ? refuseBucket(store, uri, connector) : undefined
}

/** Whether the store has lost its connector, or what that names, as opposed to being refused by it. */
export function hasLostConnector(store: ArtifactStore, view: StoreView, providers: Providers): boolean {
  const connector = view.connector(connectorKeyOf(store))
  if (!connector) return true
  if (connector.spec.suspend || refusalOf(store, view)) return false
  const connected = planConnector(connector, view, providers)
  return isFailure(connected) && isMissing(connected)
}

/** Whether the connector allows the namespace of the store. */
export const mayUse = (
  { metadata: { namespace = '' } }: ArtifactStore,
  connector: ServiceConnector,
  view: Pick<StoreView, 'namespaceLabels'>,
): boolean => mayReference(connector, namespace, view.namespaceLabels(namespace))

const connectorNotAllowed = ({ metadata: { namespace } }: ArtifactStore, key: ObjectKey): Failure =>
  stalled(
    'ConnectorNotAllowed',
    `spec.connectorRef: ServiceConnector "${key}" does not exist or does not allow namespace "${namespace}": have its owner set spec.allowedNamespaces`,
  )

/**
 * Finds the connector. In another namespace, one that is absent and one that refuses look the same: a store must not
 * learn which names exist there.
 */
function findConnector(store: ArtifactStore, view: StoreView): ServiceConnector | Failure {
  const key = connectorKeyOf(store)
  const _namespace = store.metadata.namespace ?? ''
  const connector = view.connector(key)
  const elsewhere = connectorNamespaceOf(store) !== store.metadata.namespace
  if (elsewhere && !(connector && mayUse(store, connector, view))) return connectorNotAllowed(store, key)
  if (!connector) {
    return stalled(
      'ConnectorNotFound',
      `spec.connectorRef: there is no ServiceConnector "${key}": create it, or name another`,
    )
  }
  if (connector.spec.suspend) {
    return waiting(
      'ConnectorSuspended',
      `ServiceConnector "${key}" is suspended: set its spec.suspend to false to resume`,
    )
  }
  return connector
}

const otherCloud = (
  { spec: { path } }: ArtifactStore,
  { cloud }: StoreUri,
  connector: ServiceConnector,
  { name }: ConnectorPlan['provider'],
): Failure =>
  stalled(
    'CloudMismatch',
    `spec.path: ${path} needs a ServiceConnector for ${cloud}, and "${keyOf(connector)}" is for ${name}: use another connector, or correct the path`,
  )

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(part => typeof part === 'string')

/** Lists the buckets that a connector lends only for stores beside it: others may not be allowed to read it. */
function refuseBucket(store: ArtifactStore, uri: StoreUri, connector: ServiceConnector): ConnectorFailure | undefined {
  const patterns: unknown = connector.spec.resources
  const bucket = formatStoreUri({ ...uri, prefix: '' })
  // A connector whose spec is invalid may have anything here: it says so itself, and refuses nothing.
  if (!isTexts(patterns) || patterns.some(pattern => matchesResource(pattern, bucket))) return undefined
  const key = keyOf(connector)
  const why = isBorrower(store, connector)
    ? `does not allow ${bucket}: have its owner add it to spec.resources`
    : `allows only ${patterns.join(', ')}: use another bucket, or add ${bucket} to its spec.resources`
  return blameConnector(stalled('ResourceNotAllowed', `spec.path: ServiceConnector "${key}" ${why}`))
}

/**
 * Prefers the message of the connector's own status, which may know more, such as that a Secret is there without its
 * label. That message names objects of the connector's namespace, so stores of other namespaces do not repeat it.
 */
function connectorNotReady(
  store: ArtifactStore,
  connector: ServiceConnector,
  failure: Failure,
): ConnectorFailure & Partial<MissingReference> {
  const { generation } = connector.metadata
  const ready = findCondition(connector.status?.conditions, READY)
  const known = connector.status?.observedGeneration === generation && ready?.status === 'False' ? ready : undefined
  const { reason, message } = known ?? failure
  const blamed = sessionFailed(keyOf(connector), { ...failure, reason, message }, isBorrower(store, connector))
  // The reconcile of the connector finds out why the object is missing, and its new status wakes this store.
  // Values that were not read yet say nothing of the connector: they are looked up, and the plan is made again.
  const isOpen = isMissing(failure) && (!known || failure.missing.unread)
  return isOpen ? { ...blamed, intent: 'waiting', missing: failure.missing } : blamed
}

/** A Failure of the connector as its stores report it. Those that only borrow it are told the reason, and no more. */
export const sessionFailed = (
  connector: ObjectKey,
  { intent, reason, message }: Failure,
  isBorrowed: boolean,
): ConnectorFailure =>
  blameConnector({
    kind: 'failure',
    intent,
    reason: 'ConnectorNotReady',
    message: isBorrowed ? hiddenFailure(connector, reason) : `ServiceConnector "${connector}": ${reason}: ${message}`,
  })
