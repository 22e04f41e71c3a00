/** Waits for an object to become what a command is after. */
import { setTimeout as delay } from 'node:timers/promises'
import type { KubeObject } from '../../api/object.ts'
import { isForbidden, isGone, orNothing, TransportError } from '../../kube/errors.ts'
import type { Resource } from '../../kube/resource.ts'
import type { Cluster } from './connect.ts'
import { guarded } from './read.ts'

/** How often it is asked where the person may not watch, and after a watch broke. */
const ASK_MS = 1_000

export interface Waited<T> {
  /** What the wait ended with; undefined: the object is gone. */
  object: T | undefined
  /** Whether the time was up first. */
  isLate: boolean
}

/**
 * Waits until `isDone` says so of the object, or of undefined once it is gone. Looks once where there is no time to wait.
 * Rejects with the reason of the signal.
 */
export async function waitFor<T extends KubeObject>(
  cluster: Cluster,
  { resource, namespace, name }: { resource: Resource; namespace: string; name: string },
  isDone: (object: T | undefined) => boolean,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<Waited<T>> {
  if (timeoutMs <= 0) {
    const object = await get<T>(cluster, resource, { namespace, name }, signal)
    return { object, isLate: !isDone(object) }
  }
  const late = AbortSignal.timeout(timeoutMs)
  const either = AbortSignal.any([signal, late])
  let object: T | undefined
  try {
    for (;;) {
      object = await get<T>(cluster, resource, { namespace, name }, either)
      if (isDone(object)) return { object, isLate: false }
      if (!object) {
        await delay(ASK_MS, undefined, { signal: either })
        continue
      }
      const changed = await watchUntil(cluster, { resource, object }, isDone, either)
      if (changed) return { object: changed.object, isLate: false }
    }
  } catch (error) {
    if (late.aborted && !signal.aborted) return { object, isLate: true }
    throw error
  }
}

function get<T extends KubeObject>(
  cluster: Cluster,
  resource: Resource,
  { namespace, name }: { namespace: string; name: string },
  signal: AbortSignal,
): Promise<T | undefined> {
  return guarded(cluster, { verb: 'get', resource, namespace }, () =>
    cluster.client.get<T>(resource, namespace, name, { signal }).catch(orNothing),
  )
}

/** The object once it is done; undefined when it must be read again. */
async function watchUntil<T extends KubeObject>(
  { client }: Cluster,
  { resource, object }: { resource: Resource; object: T },
  isDone: (object: T | undefined) => boolean,
  signal: AbortSignal,
): Promise<{ object: T | undefined } | undefined> {
  const { namespace, name, resourceVersion } = object.metadata
  const fieldSelector = `metadata.name=${name}`
  const options = { resourceVersion, fieldSelector, timeoutSeconds: 300, idleTimeoutMs: 120_000, signal }
  try {
    for await (const { type, object } of client.watch<T>(resource, namespace, options)) {
      if (type === 'BOOKMARK') continue
      const now = type === 'DELETED' ? undefined : object
      if (isDone(now)) return { object: now }
      if (!now) return undefined
    }
  } catch (error) {
    if (signal.aborted) throw error
    if (!isForbidden(error) && !isGone(error) && !(error instanceof TransportError)) throw error
    await delay(ASK_MS, undefined, { signal })
  }
  return undefined
}
