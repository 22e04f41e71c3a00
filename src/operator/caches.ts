/** Caches of all that the operator watches, with their indexes, and with as little of each object as is read. */
import { type ArtifactStore, connectorKeyOf } from '../api/artifact-store.ts'
import { CREDENTIALS_LABEL, MANAGED_BY_LABEL, OPERATOR, STORE_LABEL } from '../api/names.ts'
import { type KubeObject, type ObjectKey, objectKey } from '../api/object.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import { Semaphore } from '../async/semaphore.ts'
import { type Providers, referencesOf } from '../connectors/plan.ts'
import type { Client } from '../kube/client.ts'
import {
  ARTIFACT_STORES,
  CONFIG_MAPS,
  NAMESPACES,
  type Resource,
  SECRETS,
  SERVICE_ACCOUNTS,
  SERVICE_CONNECTORS,
} from '../kube/resource.ts'
import { Informer, type InformerOptions, type ObjectInformer } from '../runtime/informer.ts'
import type { Log } from '../runtime/log.ts'
import { NamespacedInformer } from '../runtime/namespaced-informer.ts'
import { ownerKeyOf, type ProjectedSecret } from '../stores/plan/projected-secret.ts'
import type { Seal } from '../stores/plan/seal.ts'
import {
  type KeptNamespace,
  keptConnector,
  keptCredentials,
  keptNamespace,
  keptProjected,
  keptServiceAccount,
  keptStore,
} from './kept.ts'
import { keyOfName, keysOfNamespace, keysOfStore, labelsOf } from './namespace-index.ts'
import { SharedParts } from './shared-parts.ts'
import type { WatchedNamespaces } from './watched-namespaces.ts'

export type ReferenceKind = 'Secret' | 'ConfigMap' | 'ServiceAccount'

export const referenceKey = (kind: ReferenceKind, namespace: string | undefined, name: string): string =>
  `${kind}/${objectKey(namespace, name)}`

/** Objects of a page. Fewer than the API server could give, as each may have a quarter of a megabyte. */
const PAGE_SIZE = 100
/** The same where each may have a megabyte. */
const LARGE_PAGE_SIZE = 50
/** Pages that are in memory at a time, of all informers together. */
const PAGES_AT_ONCE = 2

interface CacheParts {
  providers: Providers
  seal: Seal
  log: Log
  /** Undefined: all namespaces are watched. */
  watched: WatchedNamespaces | undefined
}

export function createCaches(client: Client, { providers, seal, log, watched }: CacheParts) {
  const turns = new Semaphore(PAGES_AT_ONCE)
  const informer = <T extends KubeObject>(
    resource: Resource,
    options: Partial<InformerOptions<T>> = {},
  ): ObjectInformer<T> => {
    const parts = { client, resource, turns, pageSize: PAGE_SIZE, ...options }
    const warn = (err: unknown, where: object) =>
      log.warn({ err, resource: resource.plural, ...where }, 'watching failed')
    if (!watched) return new Informer<T>({ ...parts, onError: warn })
    return new NamespacedInformer<T>({
      ...parts,
      // Objects of the cluster can't be read: plans do without them.
      namespaces: resource.namespaced ? watched.names : [],
      onError: (error, where) => watched.refused(error, where.namespace) || warn(error, where),
      onSynced: watched.listed,
    })
  }
  const large = { pageSize: LARGE_PAGE_SIZE }
  const labelled = {
    ...large,
    labelSelector: `${CREDENTIALS_LABEL}=true`,
    // Values are read of what a connector names, when it is planned (docs/adr/0021).
    metadataOnly: true,
    transform: keptCredentials,
  }
  const shared = new SharedParts()
  const caches = {
    connectors: informer<ServiceConnector>(SERVICE_CONNECTORS, { transform: keptConnector }),
    stores: informer<ArtifactStore>(ARTIFACT_STORES, { transform: store => shared.of(keptStore(store)) }),
    projected: informer<ProjectedSecret>(SECRETS, {
      labelSelector: `${MANAGED_BY_LABEL}=${OPERATOR},${STORE_LABEL}`,
      transform: secret => keptProjected(secret, seal),
      ...large,
    }),
    secrets: informer<KubeObject>(SECRETS, labelled),
    configMaps: informer<KubeObject>(CONFIG_MAPS, labelled),
    serviceAccounts: informer<KubeObject>(SERVICE_ACCOUNTS, { metadataOnly: true, transform: keptServiceAccount }),
    namespaces: informer<KeptNamespace>(NAMESPACES, { metadataOnly: true, transform: keptNamespace }),
  }
  caches.stores.cache.addIndex('connector', store => [connectorKeyOf(store)])
  caches.stores.cache.addIndex('namespace', ({ metadata }) => [metadata.namespace ?? ''])
  caches.stores.cache.addIndex('default', ofDefaults)
  caches.stores.cache.addIndex('target', keysOfStore)
  caches.namespaces.cache.addIndex('label', labelsOf)
  caches.projected.cache.addIndex('store', secret => {
    const owner = ownerKeyOf(secret)
    return owner === undefined ? [] : [owner]
  })
  caches.connectors.cache.addIndex('reference', connector => referenceKeysOf(connector, providers))
  return caches
}

/** The namespace of a store that wants to be its default. */
export const ofDefaults = ({ spec, metadata }: ArtifactStore): string[] =>
  spec.default ? [metadata.namespace ?? ''] : []

export type Caches = ReturnType<typeof createCaches>

export const storesOf = (caches: Caches, connector: ObjectKey): ArtifactStore[] =>
  caches.stores.cache.byIndex('connector', connector)

/** Returns the stores that name a namespace. */
export const storesNaming = (caches: Pick<Caches, 'stores'>, namespace: string): ArtifactStore[] =>
  caches.stores.cache.byIndex('target', keyOfName(namespace))

/** Returns the stores that may lead to a namespace, given as it was and as it is. */
export const storesToward = (caches: Caches, namespaces: KubeObject[]): Set<ArtifactStore> =>
  new Set(namespaces.flatMap(keysOfNamespace).flatMap(key => caches.stores.cache.byIndex('target', key)))

function referenceKeysOf(connector: ServiceConnector, providers: Providers): string[] {
  const { namespace } = connector.metadata
  const { keys, serviceAccount } = referencesOf(connector, providers)
  const named = keys.map(({ kind, name }) => referenceKey(kind, namespace, name))
  return serviceAccount ? [...named, referenceKey('ServiceAccount', namespace, serviceAccount.name)] : named
}
