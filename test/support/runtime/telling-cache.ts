/** A cache that tells what is put into it, as an informer does. */
import type { KubeObject } from '../../../src/api/object.ts'
import { keyOf } from '../../../src/api/object.ts'
import { Cache } from '../../../src/runtime/cache.ts'
import type { InformerEvent } from '../../../src/runtime/informer.ts'

let versions = 1_000

export function tellingCache<T extends KubeObject>() {
  const cache = new Cache<T>()
  const handlers: ((event: InformerEvent<T>) => void)[] = []
  return {
    cache,
    on: (handler: (event: InformerEvent<T>) => void) => void handlers.push(handler),
    /** Adds the object, or updates it. */
    put({ metadata, ...rest }: T) {
      const object = { ...rest, metadata: { ...metadata, resourceVersion: `${++versions}` } } as T
      const old = cache.get(keyOf(object))
      cache.observe(object)
      for (const handler of handlers) handler(old ? { type: 'updated', old, object } : { type: 'added', object })
    },
  }
}
