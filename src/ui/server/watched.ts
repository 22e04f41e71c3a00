/**
 * Connectors, stores and what Secrets say of their life, kept equal to the cluster with the person's own rights. Of Secrets
 * only metadata is asked for, and of that only the operator's own labels and annotations are kept: values never come here.
 */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { GROUP, MANAGED_BY_LABEL, OPERATOR } from '../../api/names.ts'
import { type KubeObject, keyOf } from '../../api/object.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import type { Cluster } from '../../cli/cluster/connect.ts'
import { guarded } from '../../cli/cluster/read.ts'
import type { TransportError } from '../../kube/errors.ts'
import { ARTIFACT_STORES, type Resource, SECRETS, SERVICE_CONNECTORS } from '../../kube/resource.ts'
import { Informer, type InformerOptions } from '../../runtime/informer.ts'
import { claimedStoreOf } from '../../stores/plan/projected-secret.ts'
import type { Key, Link } from '../contract.ts'
import { ConnectorsElsewhere } from './elsewhere.ts'
import { Connection, worst } from './link.ts'
import { feelPulse } from './pulse.ts'

/** Namespaces whose Secrets are watched one by one, where not all are: each watch is a connection. */
const NAMESPACES_MAX = 20

/** A person looks at it: it is tried again soon, whatever has failed. Denied rights wait longer: see link.ts. */
const PAUSES_MS = { away: 1_000, refused: 2_000 }

export type Change = { kind: 'connector' | 'store'; key: Key } | { kind: 'links' }

export interface Watched {
  connectors(): ServiceConnector[]
  stores(): ArtifactStore[]
  connector(key: Key): ServiceConnector | undefined
  store(key: Key): ArtifactStore | undefined
  /** Metadata of a Secret. */
  secret(this: void, key: Key): KubeObject | undefined
  links(): Link[]
  /** Rights that are missing for connectors of other namespaces, in words. */
  notes(): string[]
}

interface Watching {
  cluster: Cluster
  signal: AbortSignal
  onChange: (change: Change) => void
}

/** Resolves once everything was read. Rejects as commands do where the person may not list stores or connectors. */
export async function watchCluster(watching: Watching): Promise<Watched> {
  const { cluster, signal, onChange } = watching
  const { namespace } = cluster
  for (const resource of [SERVICE_CONNECTORS, ARTIFACT_STORES]) {
    await guarded(cluster, { verb: 'list', resource, namespace }, () =>
      cluster.client.list(resource, namespace, { limit: 1, signal }),
    )
  }
  const connectors = inform<ServiceConnector>(watching, SERVICE_CONNECTORS, namespace)
  const stores = inform<ArtifactStore>(watching, ARTIFACT_STORES, namespace)
  const elsewhere = new ConnectorsElsewhere(watching, () => stores.informer.cache.values())
  const secrets = new SecretWatches(watching)
  connectors.informer.on(({ object }) => onChange({ kind: 'connector', key: keyOf(object) }))
  stores.informer.on(({ object }) => {
    secrets.follow(object)
    onChange({ kind: 'store', key: keyOf(object) })
  })
  connectors.start()
  stores.start()
  await Promise.all([connectors.informer.synced, stores.informer.synced])
  await elsewhere.start()
  const interrupt = (error: TransportError) => {
    for (const connection of [connectors.connection, stores.connection, ...secrets.connections])
      connection.interrupt(error)
  }
  void feelPulse(cluster, { signal, onSilence: interrupt })
  return {
    connectors: () => [...connectors.informer.cache.values(), ...elsewhere.values()],
    stores: () => [...stores.informer.cache.values()],
    connector: key => connectors.informer.cache.get(key) ?? elsewhere.get(key),
    store: key => stores.informer.cache.get(key),
    secret: secrets.get,
    notes: () => [...elsewhere.notes],
    links: () => [
      { what: 'connectors', ...connectors.connection.health },
      { what: 'stores', ...stores.connection.health },
      { what: 'secrets', ...worst(secrets.connections.map(({ health }) => health)) },
    ],
  }
}

function inform<T extends KubeObject>(
  { cluster, signal, onChange }: Watching,
  resource: Resource,
  namespace: string | undefined,
  more: Partial<InformerOptions<T>> = {},
) {
  const connection = new Connection(cluster, { resource, namespace }, () => onChange({ kind: 'links' }))
  const informer = new Informer<T>({
    ...{ client: connection.through(cluster.client), resource, pausesMs: PAUSES_MS },
    ...(namespace === undefined ? {} : { namespace }),
    onError: (error, { phase }) => connection.failed(error, phase),
    ...more,
  })
  return { informer, connection, start: () => void informer.start(signal) }
}

/** Of all namespaces by one watch, or of those that the stores of one namespace name. */
class SecretWatches {
  readonly #watching: Watching
  readonly #byNamespace = new Map<string | undefined, ReturnType<typeof inform<KubeObject>>>()

  constructor(watching: Watching) {
    this.#watching = watching
    if (watching.cluster.namespace === undefined) this.#watch(undefined)
  }

  get connections(): Connection[] {
    return [...this.#byNamespace.values()].map(({ connection }) => connection)
  }

  /** Watches the namespaces of the store's Secrets, too. */
  follow({ status }: ArtifactStore): void {
    if (this.#watching.cluster.namespace === undefined) return
    for (const { namespace } of status?.credentials ?? []) {
      if (!this.#byNamespace.has(namespace) && this.#byNamespace.size < NAMESPACES_MAX) this.#watch(namespace)
    }
  }

  get = (key: Key): KubeObject | undefined => {
    for (const { informer } of this.#byNamespace.values()) {
      const found = informer.cache.get(key)
      if (found) return found
    }
    return undefined
  }

  #watch(namespace: string | undefined): void {
    const selection = { metadataOnly: true, labelSelector: `${MANAGED_BY_LABEL}=${OPERATOR}` }
    const watch = inform<KubeObject>(this.#watching, SECRETS, namespace, { ...selection, transform: ownMetadata })
    watch.informer.on(({ object }) => {
      const key = claimedStoreOf(object)
      if (key) this.#watching.onChange({ kind: 'store', key })
    })
    this.#byNamespace.set(namespace, watch)
    watch.start()
  }
}

/** Annotations of others may hold anything: kubectl writes whole objects into one. */
function ownMetadata({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, labels, annotations = {} } = metadata
  const own = Object.entries(annotations).filter(([annotation]) => annotation.startsWith(`${GROUP}/`))
  return {
    ...{ apiVersion, kind },
    metadata: {
      ...{ name, uid, resourceVersion, annotations: Object.fromEntries(own) },
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels ? { labels } : {}),
    },
  }
}
