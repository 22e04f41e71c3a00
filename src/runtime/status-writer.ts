/** Writes statuses, and says in an event what refuses one: status can't say so itself. */
import { type Condition, withForeign } from '../api/conditions.ts'
import { type KubeObject, keyOf } from '../api/object.ts'
import type { Client } from '../kube/client.ts'
import { type ApiError, isConflict, isNotFound, isRefused } from '../kube/errors.ts'
import type { Resource } from '../kube/resource.ts'
import { leavesOwners } from '../kube/status-put.ts'
import type { Tracer } from '../telemetry/tracer.ts'
import type { Cache } from './cache.ts'
import { cutBytes } from './event.ts'
import type { Informer } from './informer.ts'
import type { Recorder } from './recorder.ts'
import { sameStatus, statusPatch } from './status.ts'

interface Parts<T extends KubeObject> {
  resource: Resource
  client: Pick<Client, 'jsonPatch' | 'raw' | 'replaceStatus'>
  informer: Pick<Informer<T>, 'observe'> & { cache: Pick<Cache<T>, 'get'> }
  recorder: Pick<Recorder, 'record'>
  tracer: Pick<Tracer, 'span'>
  onWritten?: (() => void) | undefined
}

/** Bytes of others' words: an event has room for 1024, and the cure comes after them. */
const WORDS_MAX = 700

interface WithConditions {
  conditions?: Condition[]
}

/**
 * Returns a function that writes a status if it differs from the newest one known, and makes the answer known at once.
 * Conditions of other writers stay as they are. Rejects when somebody has changed conditions since: they are read again.
 */
export function createStatusWriter<S extends WithConditions, T extends KubeObject & { status?: S }>({
  resource,
  client,
  informer,
  recorder,
  tracer,
  onWritten,
}: Parts<T>): (object: T, status: S, signal: AbortSignal) => Promise<void> {
  async function write(current: T, status: S, signal: AbortSignal): Promise<T> {
    if (await leavesOwners(client)) {
      try {
        return await client.replaceStatus<T>(resource, current.metadata, status, { signal })
      } catch (error) {
        if (!isConflict(error)) throw error
      }
    }
    const patch = statusPatch(current.metadata.uid, current.status, status)
    return client.jsonPatch<T>(resource, current.metadata, patch, { subresource: 'status', signal })
  }
  return async (object, concluded, signal) => {
    const current = informer.cache.get(keyOf(object))
    if (current?.metadata.uid !== object.metadata.uid) return
    const { conditions } = concluded
    const status = conditions
      ? { ...concluded, conditions: withForeign(conditions, current.status?.conditions) }
      : concluded
    if (sameStatus(current.status, status)) return
    try {
      const written = await tracer.span('write status', {}, () => write(current, status, signal))
      informer.observe(written)
      onWritten?.()
    } catch (error) {
      if (isNotFound(error)) return
      if (isRefused(error)) recorder.record(object, refusal(error, resource))
      throw error
    }
  }
}

const refusal = ({ words, code }: ApiError, { plural }: Resource) => ({
  type: 'Warning' as const,
  reason: 'StatusRefused',
  action: 'WriteStatus',
  message: `the status could not be written (${cutBytes(words, WORDS_MAX) || `HTTP ${code}`}), so what it says is out of date: let the operator write ${plural}/status; it is tried again`,
})
