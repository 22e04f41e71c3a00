/** `verify` and `refresh`: ask the operator for another look by the annotation, and wait until it has answered. */
import { type ArtifactStore, connectorKeyOf } from '../../api/artifact-store.ts'
import { REQUESTED_AT_ANNOTATION } from '../../api/names.ts'
import { keyOf } from '../../api/object.ts'
import { requestedAt } from '../../api/requested-at.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { inTurns } from '../../async/in-turns.ts'
import { ARTIFACT_STORES, SERVICE_CONNECTORS } from '../../kube/resource.ts'
import { annotate, change } from '../cluster/change.ts'
import { type Cluster, onCluster } from '../cluster/connect.ts'
import { type Found, find } from '../cluster/find.ts'
import { readOne } from '../cluster/read.ts'
import type { Answer, Invocation } from '../frame/command.ts'
import { foundFailure, usageFailure } from '../frame/failures.ts'
import { healthOf } from '../overview/health.ts'
import { isAnswered, valueAfter } from './asked.ts'
import { awaitResult, type Result, resultsAnswer, timeoutOf, type Waiting } from './await.ts'
import { storesOf } from './read-overview.ts'

/** How many stores are waited for at a time: each wait is a watch. */
const AT_ONCE = 8

/** What a request needs of an invocation. */
export type Asking = Waiting & Pick<Invocation, 'now'>

export async function verify(invocation: Invocation): Promise<Answer> {
  const {
    arguments: [reference = ''],
    globals,
    signal,
  } = invocation
  timeoutOf(invocation)
  return onCluster(globals, async cluster => {
    const found = await find(cluster, reference, { signal })
    return resultsAnswer('Verify', [await verifyFound(cluster, invocation, found)], found)
  })
}

/** Asks for a verification of one object, and waits for the answer. */
export async function verifyFound(cluster: Cluster, asking: Asking, found: Found): Promise<Result> {
  const value = await request(cluster, found, asking)
  return awaitResult(cluster, asking, {
    found,
    done: 'verification asked for',
    isDone: ({ status }) => isAnswered(value, status?.lastHandledRequest),
  })
}

/** New credentials for all stores of a connector. */
export async function refresh(invocation: Invocation): Promise<Answer> {
  const {
    arguments: [reference = ''],
    globals,
    signal,
  } = invocation
  timeoutOf(invocation)
  return onCluster(globals, async cluster => {
    const found = await connectorOf(cluster, await find(cluster, reference, { signal }), signal)
    const { results, notes } = await refreshConnector(cluster, invocation, found)
    return { ...resultsAnswer('Refresh', results, found), notes }
  })
}

/** Asks for new credentials, and waits for those of each store. The result of the connector comes first. */
export async function refreshConnector(
  cluster: Cluster,
  asking: Asking,
  found: Found & { kind: 'connector' },
): Promise<{ results: Result[]; notes: string[] }> {
  const { signal, progress } = asking
  const timeoutMs = timeoutOf(asking) ?? 0
  const { stores, notes } = await storesOf(cluster, keyOf(found.object), signal)
  const value = await request(cluster, found, asking)
  const end = performance.now() + timeoutMs
  const connector = await awaitResult(cluster, asking, {
    found,
    done: 'new credentials asked for',
    isDone: ({ status }) => isAnswered(value, status?.lastHandledRequest),
  })
  const waits = connector.result === 'Done' ? stores.filter(({ spec }) => !spec.suspend) : []
  const results = await inTurns(waits, AT_ONCE, async store => {
    progress(`waiting for new credentials of ${waits.length} stores`)
    return refreshed(cluster, asking, { store, value, timeoutMs: Math.max(0, Math.round(end - performance.now())) })
  })
  return { results: [connector, ...results], notes }
}

/** The connector that a reference means: that of the store, if it names one. */
export async function connectorOf(
  cluster: Cluster,
  found: Found,
  signal: AbortSignal,
): Promise<Found & { kind: 'connector' }> {
  if (found.kind === 'connector') return found
  const key = connectorKeyOf(found.object)
  const [namespace = '', name = ''] = key.split('/')
  const object = await readOne<ServiceConnector>(cluster, SERVICE_CONNECTORS, { namespace, name }, signal)
  if (!object) {
    throw foundFailure(`connector "${key}" of store "${keyOf(found.object)}" is not there`, 'create it, and try again')
  }
  return { kind: 'connector', resource: SERVICE_CONNECTORS, object }
}

/** Waits until all credentials are made for this request or a later one, or the store says why not. */
async function refreshed(
  cluster: Cluster,
  asking: Asking,
  { store, value, timeoutMs }: { store: ArtifactStore; value: string; timeoutMs: number },
): Promise<Result> {
  const result = await awaitResult(cluster, asking, {
    found: { kind: 'store', resource: ARTIFACT_STORES, object: store },
    done: 'new credentials written',
    timeoutMs,
    isDone: object => {
      const { status } = object as ArtifactStore
      return isAnswered(value, status?.lastHandledConnectorRequest) || healthOf(object).isStalled
    },
  })
  return result.result === 'Done' ? result : { ...result, done: 'no new credentials' }
}

/** Writes the annotation. Returns its value, which is another one each time. */
async function request(cluster: Cluster, { resource, object }: Found, { now, signal }: Asking): Promise<string> {
  if (object.spec.suspend) {
    throw usageFailure(
      `${resource.kind} "${keyOf(object)}" is suspended, and the operator does not look at it`,
      `run "kubectl artifactstore resume ${object.metadata.name} -n ${object.metadata.namespace}" first`,
    )
  }
  // The operator only waits for the end of a store, and answers no request.
  if (object.metadata.deletionTimestamp) {
    throw usageFailure(
      `${resource.kind} "${keyOf(object)}" is being deleted`,
      `see what holds it up with "kubectl artifactstore status ${object.metadata.name} -n ${object.metadata.namespace}"`,
    )
  }
  const value = valueAfter(requestedAt(object), now())
  await change(cluster, resource, object, { operations: annotate(object, REQUESTED_AT_ANNOTATION, value), signal })
  return value
}
