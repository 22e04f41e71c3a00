/** One finalizer on objects of one kind: it delays their deletion until there is nothing left to clean up. */
import { type Failure, stalled, transient } from '../api/failures.ts'
import type { KubeObject } from '../api/object.ts'
import { keyOf } from '../api/object.ts'
import type { Client, JsonPatchOperation } from '../kube/client.ts'
import { isDenied, isFailedCall, isForbidden, isNotFound } from '../kube/errors.ts'
import type { Resource } from '../kube/resource.ts'
import { redact } from '../telemetry/redact.ts'

export interface Finalizer<T extends KubeObject> {
  /** Adds it before there is something to clean up; an object that is going takes none. Returns the object with it. */
  add(object: T, signal: AbortSignal): Promise<T | Failure>
  /** Removes it. Undefined: the finalizer is off, or the object is gone. */
  remove(object: T, signal: AbortSignal): Promise<Failure | undefined>
}

export interface FinalizerOptions<T> {
  client: Pick<Client, 'get' | 'jsonPatch'>
  resource: Resource
  /** Name of the finalizer: `example.com/finalizer`. */
  name: string
  /** Takes the object that a write has returned. */
  observe(object: T): void
}

/**
 * Both methods change one entry of the list, so that no finalizer of others is lost: the objects that they take may lack
 * those, and have an empty list where there are only others. Where the entry is now, `remove` asks the API server.
 * Cleaning up takes time, in which the status may be written, so `remove` only asks for the same spec.
 */
export function createFinalizer<T extends KubeObject>(options: FinalizerOptions<T>): Finalizer<T> {
  const { client, resource, name, observe } = options

  async function write(
    { metadata }: T,
    seen: readonly ('resourceVersion' | 'uid' | 'generation')[],
    change: JsonPatchOperation[],
    signal: AbortSignal,
  ): Promise<T> {
    const tests = seen.map(member => ({ op: 'test' as const, path: `/metadata/${member}`, value: metadata[member] }))
    const written = await client.jsonPatch<T>(resource, metadata, [...tests, ...change], { signal })
    observe(written)
    return written
  }

  const addition = ({ metadata }: T): JsonPatchOperation =>
    metadata.finalizers
      ? { op: 'add', path: '/metadata/finalizers/-', value: name }
      : { op: 'add', path: '/metadata/finalizers', value: [name] }

  return {
    async add(object, signal) {
      try {
        return await write(object, ['resourceVersion'], [addition(object)], signal)
      } catch (error) {
        return explain(error, object)
      }
    },
    async remove(object, signal) {
      const { namespace, name: of } = object.metadata
      try {
        const { metadata: now } = await client.get(resource, namespace, of, { signal, metadataOnly: true })
        const index = now.finalizers?.indexOf(name) ?? -1
        if (index < 0) return undefined
        const path = `/metadata/finalizers/${index}`
        const removal: JsonPatchOperation[] = [
          { op: 'test', path, value: name },
          { op: 'remove', path },
        ]
        await write(object, ['uid', 'generation'], removal, signal)
        return undefined
      } catch (error) {
        return isNotFound(error) ? undefined : explain(error, object)
      }
    },
  }
}

function explain(error: unknown, object: KubeObject): Failure {
  const what = `the finalizer of ${object.kind} "${keyOf(object)}"`
  if (isDenied(error)) {
    return stalled('FinalizerRefused', `${what} was refused: ${redact(error.words)}: change that policy`)
  }
  if (isForbidden(error)) {
    return stalled('FinalizerForbidden', `${what} may not be written: allow the operator to get and patch such objects`)
  }
  if (isFailedCall(error)) {
    return transient('FinalizerNotWritten', `${what} could not be written, or the object changed; it is tried again`)
  }
  throw error
}
