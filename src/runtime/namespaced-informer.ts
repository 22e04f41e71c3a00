/**
 * One informer for each of some namespaces, which readers take for one of the whole cluster. A namespace that the API
 * server refuses, because it is absent or grants no rights, holds up no other: its informer goes on trying.
 */
import { type KubeObject, namespaceInKey, type ObjectKey } from '../api/object.ts'
import { isForbidden } from '../kube/errors.ts'
import {
  Informer,
  type InformerEvent,
  type InformerOptions,
  type ObjectCache,
  type ObjectInformer,
} from './informer.ts'

export interface NamespacedOptions<T> extends Omit<InformerOptions<T>, 'namespace' | 'onError'> {
  namespaces: readonly string[]
  /** Told of everything that goes wrong. Must not throw. */
  onError: (error: unknown, where: Parameters<InformerOptions<T>['onError']>[1] & { namespace: string }) => void
  /** Told once for each namespace, when its first list is in the cache. */
  onSynced?: (namespace: string) => void
}

export class NamespacedInformer<T extends KubeObject> implements ObjectInformer<T> {
  readonly cache: ObjectCache<T>
  /** Resolves when each namespace was listed or refused, and one of them was listed. Rejects as an informer does. */
  readonly synced: Promise<void>
  readonly #members: ReadonlyMap<string, Informer<T>>
  /** Namespaces whose first list was refused. */
  readonly #refused = new Set<string>()
  readonly #settled = Promise.withResolvers<void>()

  constructor({ namespaces, onError, onSynced = () => {}, ...options }: NamespacedOptions<T>) {
    const member = (namespace: string) =>
      new Informer<T>({
        ...options,
        namespace,
        onError: (error, where) => {
          if (where.phase === 'list' && isForbidden(error)) this.#refused.add(namespace)
          onError(error, { ...where, namespace })
          this.#settleIfSynced()
        },
      })
    this.#members = new Map(namespaces.map(namespace => [namespace, member(namespace)]))
    this.cache = mergedCache(this.#members)
    this.synced = this.#settled.promise
    this.synced.catch(() => {}) // waiting for it is optional
    for (const [namespace, { synced }] of this.#members) {
      synced.then(
        () => {
          onSynced(namespace)
          this.#settleIfSynced()
        },
        () => {},
      )
    }
    this.#settleIfSynced()
  }

  get hasSynced(): boolean {
    const members = [...this.#members]
    const isListed = members.some(([, { hasSynced }]) => hasSynced) || members.length === 0
    return isListed && members.every(([namespace, { hasSynced }]) => hasSynced || this.#refused.has(namespace))
  }

  on(handler: (event: InformerEvent<T>) => void): void {
    for (const member of this.#members.values()) member.on(handler)
  }

  observe(object: T): void {
    this.#members.get(object.metadata.namespace ?? '')?.observe(object)
  }

  async start(signal: AbortSignal): Promise<void> {
    const ended = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
    await Promise.all([...this.#members.values()].map(member => member.start(signal)))
    // Without a namespace there is nothing to watch, which is no end.
    if (!signal.aborted) await ended
    this.#settled.reject(signal.reason)
  }

  #settleIfSynced(): void {
    if (this.hasSynced) this.#settled.resolve()
  }
}

function mergedCache<T extends KubeObject>(members: ReadonlyMap<string, Informer<T>>): ObjectCache<T> {
  const caches = [...members.values()].map(({ cache }) => cache)
  return {
    get size() {
      return caches.reduce((sum, { size }) => sum + size, 0)
    },
    get: (key: ObjectKey) => members.get(namespaceInKey(key))?.cache.get(key),
    *values() {
      for (const cache of caches) yield* cache.values()
    },
    addIndex(name, valuesOf) {
      for (const cache of caches) cache.addIndex(name, valuesOf)
    },
    byIndex: (name, value) => caches.flatMap(cache => cache.byIndex(name, value)),
  }
}
