/**
 * Writes of Secrets that were refused, or altered on their way, so that a dry run of the same write comes before new
 * credentials are issued. They are kept as they were: a policy may judge the values, and stand-ins would not do.
 */
import type { KubeObject, ObjectKey } from '../../api/object.ts'
import type { SecretWrite } from './desired-secret.ts'

/** Writes of one store that are kept: their data fills memory. What is forgotten costs a grant at its next try. */
const MAX_OF_STORE = 50

/** Writes of all stores: a policy may refuse those of a whole cluster. */
const MAX_OF_ALL = 1_000

export class Refusals {
  readonly #byStore = new Map<string, Map<ObjectKey, SecretWrite>>()

  add({ metadata: { uid } }: KubeObject, key: ObjectKey, write: SecretWrite): void {
    const writes = this.#byStore.get(uid) ?? new Map()
    this.#byStore.set(uid, writes)
    writes.delete(key)
    writes.set(key, write)
    const [oldest] = writes.keys()
    if (writes.size > MAX_OF_STORE && oldest !== undefined) writes.delete(oldest)
    if (this.size > MAX_OF_ALL) this.#dropOne()
  }

  /** Drops the oldest write of the store that has most: a policy that refuses all of one tenant costs no other. */
  #dropOne(): void {
    const [uid, writes] = [...this.#byStore].reduce((one, other) => (other[1].size > one[1].size ? other : one))
    const [oldest] = writes.keys()
    if (oldest !== undefined) writes.delete(oldest)
    if (writes.size === 0) this.#byStore.delete(uid)
  }

  /** The refused write at this key. One that was made from something else says nothing, and is forgotten. */
  get(store: KubeObject, key: ObjectKey, grant: string): SecretWrite | undefined {
    const write = this.#byStore.get(store.metadata.uid)?.get(key)
    if (write === undefined || write.stamp.grant === grant) return write
    this.remove(store, key)
    return undefined
  }

  remove({ metadata: { uid } }: KubeObject, key: ObjectKey): void {
    const writes = this.#byStore.get(uid)
    writes?.delete(key)
    if (writes?.size === 0) this.#byStore.delete(uid)
  }

  forget({ metadata: { uid } }: KubeObject): void {
    this.#byStore.delete(uid)
  }

  /** Writes of all stores. */
  get size(): number {
    return [...this.#byStore.values()].reduce((sum, { size }) => sum + size, 0)
  }
}
