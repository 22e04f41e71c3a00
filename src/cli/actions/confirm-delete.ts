/** `confirm-delete`: lets a store with `deletionProtection` go, and waits for it if it was deleted already. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { findCondition, READY } from '../../api/conditions.ts'
import { CONFIRM_DELETE_ANNOTATION } from '../../api/names.ts'
import { keyOf } from '../../api/object.ts'
import { ARTIFACT_STORES } from '../../kube/resource.ts'
import { annotate, change } from '../cluster/change.ts'
import { type Cluster, onCluster } from '../cluster/connect.ts'
import { findStore } from '../cluster/find.ts'
import { waitFor } from '../cluster/wait.ts'
import type { Answer, Invocation } from '../frame/command.ts'
import { type Result, resultsAnswer, timeoutOf } from './await.ts'

export async function confirmDelete(invocation: Invocation): Promise<Answer> {
  const {
    arguments: [reference = ''],
    globals,
    signal,
  } = invocation
  timeoutOf(invocation)
  return onCluster(globals, async cluster => {
    const store = await findStore(cluster, reference, signal)
    const operations = annotate(store, CONFIRM_DELETE_ANNOTATION, store.metadata.name)
    await change(cluster, ARTIFACT_STORES, store, { operations, signal })
    const result = await resultOf(cluster, invocation, store)
    return resultsAnswer('ConfirmDelete', [result], { resource: ARTIFACT_STORES })
  })
}

/** Reason of a default store that is to be deleted while there are others. */
const IN_USE = 'DefaultInUse'

async function resultOf(cluster: Cluster, invocation: Invocation, store: ArtifactStore): Promise<Result> {
  const { namespace = '', name, uid, deletionTimestamp } = store.metadata
  const base = { kind: 'store' as const, namespace, name, done: 'deletion confirmed' }
  const timeoutMs = timeoutOf(invocation)
  if (deletionTimestamp === undefined) {
    return { ...base, result: 'NotAwaited', detail: `kubectl delete artifactstore ${name} -n ${namespace}` }
  }
  if (timeoutMs === undefined) return { ...base, result: 'NotAwaited' }
  invocation.progress(`waiting for the end of store ${keyOf(store)}`)
  const { object, isLate } = await waitFor<ArtifactStore>(
    cluster,
    { resource: ARTIFACT_STORES, namespace, name },
    now => now === undefined || now.metadata.uid !== uid || readyOf(now)?.reason === IN_USE,
    { timeoutMs, signal: invocation.signal },
  )
  if (!object || object.metadata.uid !== uid) return { ...base, result: 'Done', detail: 'it is gone' }
  const words = readyOf(object)?.message ?? ''
  return { ...base, result: isLate ? 'Late' : 'Failed', detail: `it is still there: ${words}` }
}

const readyOf = ({ status }: ArtifactStore) => findCondition(status?.conditions, READY)
