/** Caches of all that the operator watches, with their indexes, and with as little of each object as is read. */
import { type ArtifactStore, connectorKeyOf } from '../api/artifact-store.ts'
import { CREDENTIALS_LABEL, MANAGED_BY_LABEL, OPERATOR, STORE_LABEL } from '../api/names.ts'
import { type KubeObject, type ObjectKey, objectKey } from '../api/object.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import { type Providers, referencesOf } from '../connectors/plan.ts'
import type { KeyValues } from '../connectors/view.ts'
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
import { Informer, type InformerOptions } from '../runtime/informer.ts'
import type { Log } from '../runtime/log.ts'
import { ownerKeyOf, type ProjectedSecret, toProjected } from '../stores/plan/projected-secret.ts'
import type { Seal } from '../stores/plan/seal.ts'
import { keysOfNamespace, keysOfStore, labelsOf } from './namespace-index.ts'

/** A labelled Secret or ConfigMap with its values as text. */
export type CredentialsObject = KubeObject & KeyValues

export type ReferenceKind = 'Secret' | 'ConfigMap' | 'ServiceAccount'

export const referenceKey = (kind: ReferenceKind, namespace: string | undefined, name: string): string =>
  `${kind}/${objectKey(namespace, name)}`

interface CacheParts {
  providers: Providers
  seal: Seal
  log: Log
}

export function createCaches(client: Client, { providers, seal, log }: CacheParts) {
  const informer = <T extends KubeObject>(resource: Resource, options: Partial<InformerOptions<T>> = {}) =>
    new Informer<T>({
      client,
      resource,
      onError: (error, { phase }) => log.warn({ err: error, resource: resource.plural, phase }, 'watching failed'),
      ...options,
    })
  const labelled = { labelSelector: `${CREDENTIALS_LABEL}=true` }
  const caches = {
    connectors: informer<ServiceConnector>(SERVICE_CONNECTORS),
    stores: informer<ArtifactStore>(ARTIFACT_STORES),
    projected: informer<ProjectedSecret>(SECRETS, {
      labelSelector: `${MANAGED_BY_LABEL}=${OPERATOR},${STORE_LABEL}`,
      transform: secret => toProjected(secret, seal),
    }),
    secrets: informer<CredentialsObject>(SECRETS, { ...labelled, transform: decodeSecret }),
    configMaps: informer<CredentialsObject>(CONFIG_MAPS, { ...labelled, transform: decodeConfigMap }),
    serviceAccounts: informer<KubeObject>(SERVICE_ACCOUNTS, { metadataOnly: true, transform: leanMetadata }),
    namespaces: informer<KubeObject>(NAMESPACES, { metadataOnly: true, transform: leanMetadata }),
  }
  caches.stores.cache.addIndex('connector', store => [connectorKeyOf(store)])
  caches.stores.cache.addIndex('namespace', ({ metadata }) => [metadata.namespace ?? ''])
  caches.stores.cache.addIndex('target', keysOfStore)
  caches.namespaces.cache.addIndex('label', labelsOf)
  caches.projected.cache.addIndex('store', secret => {
    const owner = ownerKeyOf(secret)
    return owner === undefined ? [] : [owner]
  })
  caches.connectors.cache.addIndex('reference', connector => referenceKeysOf(connector, providers))
  return caches
}

export type Caches = ReturnType<typeof createCaches>

export const storesOf = (caches: Caches, connector: ObjectKey): ArtifactStore[] =>
  caches.stores.cache.byIndex('connector', connector)

/** Returns the stores that may lead to a namespace, given as it was and as it is. */
export const storesToward = (caches: Caches, namespaces: KubeObject[]): Set<ArtifactStore> =>
  new Set(namespaces.flatMap(keysOfNamespace).flatMap(key => caches.stores.cache.byIndex('target', key)))

function referenceKeysOf(connector: ServiceConnector, providers: Providers): string[] {
  const { namespace } = connector.metadata
  const { keys, serviceAccount } = referencesOf(connector, providers)
  const named = keys.map(({ kind, name }) => referenceKey(kind, namespace, name))
  return serviceAccount ? [...named, referenceKey('ServiceAccount', namespace, serviceAccount.name)] : named
}

function decodeSecret(secret: CredentialsObject & { data?: Record<string, string> }): CredentialsObject {
  const entries = Object.entries(secret.data ?? {})
  return withValues(secret, Object.fromEntries(entries.map(([key, value]) => [key, decode(value)])))
}

const decode = (value: string): string => Buffer.from(value, 'base64').toString('utf8')

const decodeConfigMap = (map: CredentialsObject & { data?: Record<string, string> }): CredentialsObject =>
  withValues(map, map.data ?? {})

const withValues = (object: KubeObject, values: Record<string, string>): CredentialsObject => ({
  ...leanMetadata(object),
  values,
})

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** Keeps what is read of these objects: names, labels and annotations, and whether they are being deleted. */
function leanMetadata({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, deletionTimestamp, labels, annotations } = metadata
  const { [LAST_APPLIED]: _, ...kept } = annotations ?? {}
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      uid,
      resourceVersion,
      ...(deletionTimestamp ? { deletionTimestamp } : {}),
      ...(labels ? { labels } : {}),
      ...(Object.keys(kept).length > 0 ? { annotations: kept } : {}),
    },
  }
}
