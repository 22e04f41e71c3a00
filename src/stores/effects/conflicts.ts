/**
 * Keys at which a Secret of somebody else was in the way of a store, so that they are looked at again before a grant
 * that would reach nobody. The operator does not watch Secrets of others.
 */
import type { KubeObject, ObjectKey } from '../../api/object.ts'

/** Keys of one store: whoever changes its spec again and again must not fill the memory. What is forgotten costs a grant. */
const MAX_OF_STORE = 1_000

export class Conflicts {
  readonly #byStore = new Map<string, Set<ObjectKey>>()

  add({ metadata: { uid } }: KubeObject, key: ObjectKey): void {
    const keys = this.#byStore.get(uid) ?? new Set()
    this.#byStore.set(uid, keys)
    keys.delete(key)
    keys.add(key)
    const [oldest] = keys
    if (keys.size > MAX_OF_STORE && oldest !== undefined) keys.delete(oldest)
  }

  /** Whether a Secret was in the way there. It is forgotten: the next look tells. */
  take({ metadata: { uid } }: KubeObject, key: ObjectKey): boolean {
    const keys = this.#byStore.get(uid)
    const known = keys?.delete(key) ?? false
    if (keys?.size === 0) this.#byStore.delete(uid)
    return known
  }

  forget({ metadata: { uid } }: KubeObject): void {
    this.#byStore.delete(uid)
  }

  /** Keys of all stores. */
  get size(): number {
    return [...this.#byStore.values()].reduce((sum, { size }) => sum + size, 0)
  }
}
