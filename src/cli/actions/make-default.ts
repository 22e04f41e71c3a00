/**
 * `make-default`: makes a store the default of its namespace. The old one gives way first, so that there are never two,
 * and gets it back if the new one can't become it.
 */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { keyOf } from '../../api/object.ts'
import type { JsonPatchOperation } from '../../kube/client.ts'
import { ARTIFACT_STORES } from '../../kube/resource.ts'
import { change } from '../cluster/change.ts'
import { type Cluster, onCluster } from '../cluster/connect.ts'
import { findStore } from '../cluster/find.ts'
import { listAll } from '../cluster/read.ts'
import type { Answer, Invocation } from '../frame/command.ts'
import { usageFailure } from '../frame/failures.ts'
import { awaitResult, isSettled, resultsAnswer, timeoutOf } from './await.ts'

const RISE: JsonPatchOperation[] = [{ op: 'add', path: '/spec/default', value: true }]
const STEP_BACK: JsonPatchOperation[] = [
  { op: 'test', path: '/spec/default', value: true },
  { op: 'remove', path: '/spec/default' },
]

export async function makeDefault(invocation: Invocation): Promise<Answer> {
  const {
    arguments: [reference = ''],
    globals,
    signal,
  } = invocation
  timeoutOf(invocation)
  return onCluster(globals, async cluster => {
    const store = await findStore(cluster, reference, signal)
    if (store.metadata.deletionTimestamp)
      throw usageFailure(`store "${keyOf(store)}" is being deleted`, 'name another store')
    const all = await listAll<ArtifactStore>(cluster, ARTIFACT_STORES, store.metadata.namespace, { signal })
    const old = all.filter(({ spec, metadata }) => spec.default === true && metadata.uid !== store.metadata.uid)
    const object = await move(cluster, { store, old }, signal)
    const found = { kind: 'store' as const, resource: ARTIFACT_STORES, object }
    const before = old.length > 0 ? ` in place of ${old.map(({ metadata }) => metadata.name).join(', ')}` : ''
    const result = await awaitResult(cluster, invocation, {
      found,
      done: `the default store of its namespace${before}`,
      isDone: isSettled,
    })
    return resultsAnswer('MakeDefault', [result], found)
  })
}

async function move(
  cluster: Cluster,
  { store, old }: { store: ArtifactStore; old: ArtifactStore[] },
  signal: AbortSignal,
): Promise<ArtifactStore> {
  // What is not allowed is found out before anything has changed.
  await change(cluster, ARTIFACT_STORES, store, { operations: RISE, dryRun: true, signal })
  for (const other of old)
    await change(cluster, ARTIFACT_STORES, other, { operations: STEP_BACK, dryRun: true, signal })
  const stepped: ArtifactStore[] = []
  try {
    for (const other of old) {
      await change(cluster, ARTIFACT_STORES, other, { operations: STEP_BACK, signal })
      stepped.push(other)
    }
    return await change(cluster, ARTIFACT_STORES, store, { operations: RISE, signal })
  } catch (error) {
    // A command that was interrupted must not leave the namespace without a default either.
    const undo = AbortSignal.timeout(UNDO_MS)
    for (const other of stepped) await change(cluster, ARTIFACT_STORES, other, { operations: RISE, signal: undo })
    throw error
  }
}

const UNDO_MS = 10_000
