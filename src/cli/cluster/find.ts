/** Finds what a person names: `models`, `store/models`, `connector/aws`. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { ARTIFACT_STORES, type Resource, SERVICE_CONNECTORS } from '../../kube/resource.ts'
import { usageFailure } from '../frame/failures.ts'
import type { Cluster } from './connect.ts'
import { readOne } from './read.ts'

export type Found =
  | { kind: 'store'; resource: Resource; object: ArtifactStore }
  | { kind: 'connector'; resource: Resource; object: ServiceConnector }

type Kind = Found['kind']

const WORDS: Record<string, Kind> = {
  store: 'store',
  artifactstore: 'store',
  artifactstores: 'store',
  'artifactstore.artifactstore.dev': 'store',
  astore: 'store',
  connector: 'connector',
  serviceconnector: 'connector',
  serviceconnectors: 'connector',
  'serviceconnector.artifactstore.dev': 'connector',
  sconn: 'connector',
}

/** The kind and name that a reference says; no kind where it says none. */
export function parseReference(text: string): { kind?: Kind; name: string } {
  const slash = text.indexOf('/')
  const [word, name] = slash < 0 ? ['', text] : [text.slice(0, slash).toLowerCase(), text.slice(slash + 1)]
  const kind = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined
  if (word !== '' && !kind)
    throw usageFailure(`"${text}" names no store or connector`, `write store/${name} or connector/${name}`)
  if (!/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name))
    throw usageFailure(`"${name}" can't be the name of an object`, 'use the name that kubectl shows')
  return kind ? { kind, name } : { name }
}

interface FindOptions {
  /** What the command takes. Default: both. */
  only?: Kind
  signal: AbortSignal
}

/** Finds an object in the namespace of the command. */
export async function find(cluster: Cluster, reference: string, { only, signal }: FindOptions): Promise<Found> {
  const { kind = only, name } = parseReference(reference)
  if (only && kind !== only) {
    throw usageFailure(`"${reference}" is no ${only}`, `name a ${only}, as only that can be asked for`)
  }
  const namespace = cluster.ownNamespace
  if (cluster.namespace === undefined)
    throw usageFailure('a name and -A exclude each other', 'give its namespace with -n')
  const key = { namespace, name }
  const found: Found[] = []
  if (kind !== 'connector') {
    const object = await readOne<ArtifactStore>(cluster, ARTIFACT_STORES, key, signal)
    if (object) found.push({ kind: 'store', resource: ARTIFACT_STORES, object })
  }
  if (kind !== 'store') {
    const object = await readOne<ServiceConnector>(cluster, SERVICE_CONNECTORS, key, signal)
    if (object) found.push({ kind: 'connector', resource: SERVICE_CONNECTORS, object })
  }
  const [one, other] = found
  if (other) {
    throw usageFailure(
      `"${name}" is a store and a connector in namespace "${namespace}"`,
      `write store/${name} or connector/${name}`,
    )
  }
  if (!one) {
    const what = kind ?? 'store or connector'
    throw usageFailure(
      `there is no ${what} "${name}" in namespace "${namespace}": ${cluster.where}`,
      'see all of them with "kubectl artifactstore status -A"',
    )
  }
  return one
}

/** Finds a store by a command that takes nothing else. */
export async function findStore(cluster: Cluster, reference: string, signal: AbortSignal): Promise<ArtifactStore> {
  const found = await find(cluster, reference, { only: 'store', signal })
  return found.object as ArtifactStore
}
