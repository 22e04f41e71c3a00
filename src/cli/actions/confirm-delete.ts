/** `confirm-delete`: lets a store or connector go that is kept from it, and waits for it if it was deleted already. */
import { findCondition, READY } from '../../api/conditions.ts'
import { CONFIRM_DELETE_ANNOTATION } from '../../api/names.ts'
import { keyOf } from '../../api/object.ts'
import { annotate, change } from '../cluster/change.ts'
import { type Cluster, onCluster } from '../cluster/connect.ts'
import { type Found, find, parseReference } from '../cluster/find.ts'
import { waitFor } from '../cluster/wait.ts'
import type { Answer, Invocation } from '../frame/command.ts'
import { kubectl, shellOf } from '../text/kubectl.ts'
import { type Result, resultsAnswer, timeoutOf } from './await.ts'

export async function confirmDelete(invocation: Invocation): Promise<Answer> {
  const {
    arguments: [reference = ''],
    globals,
    signal,
  } = invocation
  timeoutOf(invocation)
  return onCluster(globals, async cluster => {
    // A name alone is that of a store, also where a connector has it.
    const { kind: only = 'store' } = parseReference(reference)
    const found = await find(cluster, reference, { only, signal })
    const { resource, object } = found
    const operations = annotate(object, CONFIRM_DELETE_ANNOTATION, object.metadata.name)
    await change(cluster, resource, object, { operations, signal })
    return resultsAnswer('ConfirmDelete', [await resultOf(cluster, invocation, found)], found)
  })
}

async function resultOf(cluster: Cluster, invocation: Invocation, { kind, resource, object }: Found): Promise<Result> {
  const { namespace = '', name, uid, deletionTimestamp } = object.metadata
  const base = { kind, namespace, name, done: 'deletion confirmed' }
  const timeoutMs = timeoutOf(invocation)
  if (deletionTimestamp === undefined) {
    const words = ['delete', resource.kind.toLowerCase(), name, '-n', namespace]
    return { ...base, result: 'NotAwaited', next: kubectl(shellOf(invocation.globals), words) }
  }
  if (timeoutMs === undefined) return { ...base, result: 'NotAwaited' }
  invocation.progress(`waiting for the end of ${kind} ${keyOf(object)}`)
  const { object: left } = await waitFor<Found['object']>(
    cluster,
    { resource, namespace, name },
    now => now === undefined || now.metadata.uid !== uid,
    { timeoutMs, signal: invocation.signal },
  )
  if (!left || left.metadata.uid !== uid) return { ...base, result: 'Done', detail: 'it is gone' }
  const words = findCondition(left.status?.conditions, READY)?.message ?? ''
  return { ...base, result: 'Late', detail: `it is still there: ${words}` }
}
