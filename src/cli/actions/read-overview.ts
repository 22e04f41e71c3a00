/** Reads what `status` shows: connectors, stores, and what their Secrets' annotations say of their life. */
import { type ArtifactStore, connectorKeyOf } from '../../api/artifact-store.ts'
import { MANAGED_BY_LABEL, OPERATOR } from '../../api/names.ts'
import { type KubeObject, keyOf } from '../../api/object.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { inTurns } from '../../async/in-turns.ts'
import { orNothing } from '../../kube/errors.ts'
import { ARTIFACT_STORES, type Resource, SECRETS, SERVICE_CONNECTORS } from '../../kube/resource.ts'
import type { Cluster } from '../cluster/connect.ts'
import { ifAllowed, listAll, listPages } from '../cluster/read.ts'
import type { Right } from '../cluster/rights.ts'
import type { Overview } from '../overview/overview.ts'
import { connectorRow, storeRow } from '../overview/rows.ts'

/** How many namespaces are asked for their Secrets at a time. */
const AT_ONCE = 6

export interface Objects {
  connectors: ServiceConnector[]
  stores: ArtifactStore[]
  /** Rights that are missing, in words. */
  notes: string[]
}

/** Connectors and stores of the namespace of the command, and connectors elsewhere that those stores use. */
export async function readObjects(cluster: Cluster, signal: AbortSignal): Promise<Objects> {
  const { namespace } = cluster
  const [connectors, stores] = await Promise.all([
    listAll<ServiceConnector>(cluster, SERVICE_CONNECTORS, namespace, { signal }),
    listAll<ArtifactStore>(cluster, ARTIFACT_STORES, namespace, { signal }),
  ])
  if (namespace === undefined) return { connectors, stores, notes: [] }
  const elsewhere = await readConnectors(cluster, connectorsElsewhere(stores, namespace), signal)
  return { connectors: [...connectors, ...elsewhere.connectors], stores, notes: elsewhere.notes }
}

const connectorsElsewhere = (stores: ArtifactStore[], namespace: string): string[] => [
  ...new Set(stores.map(connectorKeyOf).filter(key => !key.startsWith(`${namespace}/`))),
]

/** The connectors of these keys, as far as they are there and may be read. */
export async function readConnectors(
  cluster: Cluster,
  keys: string[],
  signal: AbortSignal,
): Promise<{ connectors: ServiceConnector[]; notes: string[] }> {
  const notes = new Set<string>()
  const found = await inTurns(keys, AT_ONCE, async key => {
    const [namespace = '', name = ''] = key.split('/')
    const right: Right = { verb: 'get', resource: SERVICE_CONNECTORS, namespace }
    const call = () => cluster.client.get<ServiceConnector>(SERVICE_CONNECTORS, namespace, name, { signal })
    return name === '' ? undefined : orNote(notes, right, () => call().catch(orNothing))
  })
  return { connectors: found.filter(connector => connector !== undefined), notes: [...notes] }
}

async function orNote<T>(notes: Set<string>, right: Right, call: () => Promise<T>): Promise<T | undefined> {
  const { value, note } = await ifAllowed(right, call)
  if (note) notes.add(note)
  return value
}

/** Rows of these objects. Of Secrets only metadata is asked for: their values never come here. */
export async function overviewOf(
  cluster: Cluster,
  { connectors, stores, notes }: Objects,
  signal: AbortSignal,
): Promise<{ overview: Overview; notes: string[] }> {
  const secrets = await readSecrets(cluster, stores, signal)
  const byKey = new Map(secrets.found.map(secret => [keyOf(secret), secret]))
  return {
    overview: {
      connectors: connectors.map(connectorRow),
      stores: stores.map(store => storeRow(store, key => byKey.get(key))),
    },
    notes: [...notes, ...secrets.notes],
  }
}

async function readSecrets(cluster: Cluster, stores: ArtifactStore[], signal: AbortSignal) {
  const named = new Set(stores.flatMap(({ status }) => (status?.credentials ?? []).map(({ namespace }) => namespace)))
  // One list of all namespaces is cheaper, where all of them are asked for.
  const all: (string | undefined)[] = cluster.namespace === undefined && named.size > 1 ? [undefined] : [...named]
  const notes = new Set<string>()
  const options = { signal, metadataOnly: true, labelSelector: `${MANAGED_BY_LABEL}=${OPERATOR}` }
  const lists = await inTurns(all, AT_ONCE, namespace =>
    ifAllowed({ verb: 'list', resource: SECRETS, namespace }, () =>
      listPages<KubeObject>(cluster, SECRETS, namespace, options),
    ),
  )
  for (const { note } of lists) if (note) notes.add(`when credentials are refreshed is not shown: ${note}`)
  return { found: lists.flatMap(({ value }) => value ?? []), notes: [...notes] }
}

/** The connector of a store, as far as it may be read, and the stores of a connector in the namespace. */
export async function related(
  cluster: Cluster,
  found: { kind: 'store'; object: ArtifactStore } | { kind: 'connector'; object: ServiceConnector },
  signal: AbortSignal,
): Promise<Objects> {
  if (found.kind === 'store') {
    const { connectors, notes } = await readConnectors(cluster, [connectorKeyOf(found.object)], signal)
    return { connectors, stores: [found.object], notes }
  }
  const key = keyOf(found.object)
  const stores = await storesOf(cluster, key, signal)
  return { connectors: [found.object], ...stores }
}

/** Connectors and stores that the person may list, if any: of all namespaces, or else of that of the command. */
export async function readAround(cluster: Cluster, signal: AbortSignal): Promise<Objects> {
  const [connectors, stores] = await Promise.all([
    listAround<ServiceConnector>(cluster, SERVICE_CONNECTORS, signal),
    listAround<ArtifactStore>(cluster, ARTIFACT_STORES, signal),
  ])
  const notes = [connectors.note, stores.note].flatMap(note => note ?? [])
  return { connectors: connectors.found, stores: stores.found, notes }
}

async function listAround<T extends KubeObject>(
  cluster: Cluster,
  resource: Resource,
  signal: AbortSignal,
): Promise<{ found: T[]; note?: string }> {
  const right: Right = { verb: 'list', resource, namespace: undefined }
  const everywhere = await ifAllowed(right, () => listPages<T>(cluster, resource, undefined, { signal }))
  if (everywhere.value) return { found: everywhere.value }
  const namespace = cluster.ownNamespace
  const own = await ifAllowed({ ...right, namespace }, () => listPages<T>(cluster, resource, namespace, { signal }))
  return { found: own.value ?? [], note: `only of namespace "${namespace}": ${everywhere.note}` }
}

/** Stores that use a connector: of all namespaces where the person may list those, else of the connector's own. */
export async function storesOf(
  cluster: Cluster,
  connector: string,
  signal: AbortSignal,
): Promise<{ stores: ArtifactStore[]; notes: string[] }> {
  const mine = (stores: ArtifactStore[]) => stores.filter(store => connectorKeyOf(store) === connector)
  const right: Right = { verb: 'list', resource: ARTIFACT_STORES, namespace: undefined }
  const everywhere = await ifAllowed(right, () =>
    listPages<ArtifactStore>(cluster, ARTIFACT_STORES, undefined, { signal }),
  )
  if (everywhere.value) return { stores: mine(everywhere.value), notes: [] }
  const own = await listAll<ArtifactStore>(cluster, ARTIFACT_STORES, cluster.ownNamespace, { signal })
  return { stores: mine(own), notes: [`only stores of namespace "${cluster.ownNamespace}": ${everywhere.note}`] }
}
