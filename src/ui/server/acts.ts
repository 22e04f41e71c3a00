/** `verify` and `refresh` for the page: by the same functions as the commands. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { type Asking, connectorOf, refreshConnector, verifyFound } from '../../cli/actions/request.ts'
import type { Cluster } from '../../cli/cluster/connect.ts'
import type { Found } from '../../cli/cluster/find.ts'
import { readOne } from '../../cli/cluster/read.ts'
import { ARTIFACT_STORES, SERVICE_CONNECTORS } from '../../kube/resource.ts'
import type { ActionRequest, Outcome } from '../contract.ts'
import { type Refused, refused } from './gate.ts'

export async function act(
  cluster: Cluster,
  action: 'verify' | 'refresh',
  request: ActionRequest,
  asking: Asking,
): Promise<Outcome[] | Refused> {
  const found = await read(cluster, request, asking.signal)
  if (!found) return refused(404, 'NotFound', `there is no ${request.kind} "${request.namespace}/${request.name}"`)
  // As if the person had given the namespace of the object with -n.
  const there = { ...cluster, namespace: request.namespace, ownNamespace: request.namespace }
  if (action === 'verify') return [await verifyFound(there, asking, found)]
  const { results } = await refreshConnector(there, asking, await connectorOf(there, found, asking.signal))
  return results
}

async function read(
  cluster: Cluster,
  { kind, namespace, name }: ActionRequest,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const key = { namespace, name }
  if (kind === 'store') {
    const object = await readOne<ArtifactStore>(cluster, ARTIFACT_STORES, key, signal)
    return object && { kind, resource: ARTIFACT_STORES, object }
  }
  const object = await readOne<ServiceConnector>(cluster, SERVICE_CONNECTORS, key, signal)
  return object && { kind, resource: SERVICE_CONNECTORS, object }
}
