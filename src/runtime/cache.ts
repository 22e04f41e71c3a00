/** The objects of one resource by key and by index, as far as the API server has told us. */
import type { KubeObject, ObjectKey } from '../api/object.ts'
import { keyOf } from '../api/object.ts'

/** The values under which an object is found in an index. */
export type IndexFunction<T> = (object: T) => readonly string[]

export interface CacheOptions<T> {
  /** Applied to each object before it is kept; must keep name, namespace, uid and resourceVersion. */
  transform?: (object: T) => T
}

/** What a list replaces the cache with, page by page. */
export interface Replacement<T> {
  /** Takes an object of the list. False: the cache has it, or a newer own write. */
  add(object: T): boolean
  /** After the last page: drops, and returns, the objects that are gone. */
  finish(): T[]
}

interface Index<T> {
  valuesOf: IndexFunction<T>
  keys: Map<string, Set<ObjectKey>>
}

/**
 * Objects are shared and must not be changed by readers.
 *
 * Two writers feed it: the stream (lists and watches), and own writes that are observed before the stream shows them.
 * `version` is how far the stream has come. An own write at or before it is old news: the stream has already shown it,
 * or what came after it, also when that was a deletion. So no tombstones are needed.
 */
export class Cache<T extends KubeObject> {
  readonly #objects = new Map<ObjectKey, T>()
  readonly #indexes = new Map<string, Index<T>>()
  readonly #transform: (object: T) => T
  #version = ''

  constructor({ transform = withoutManagedFields }: CacheOptions<T> = {}) {
    this.#transform = transform
  }

  /** The resourceVersion up to which the stream has been seen; empty before the first list. */
  get version(): string {
    return this.#version
  }

  get size(): number {
    return this.#objects.size
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(key)
  }

  values(): IterableIterator<T> {
    return this.#objects.values()
  }

  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    if (this.#indexes.has(name)) throw new Error(`cache: index "${name}" exists already`)
    const index: Index<T> = { valuesOf, keys: new Map() }
    this.#indexes.set(name, index)
    for (const [key, object] of this.#objects) insert(index, key, object)
  }

  byIndex(name: string, value: string): T[] {
    const index = this.#indexes.get(name)
    if (!index) throw new Error(`cache: there is no index "${name}"`)
    return Array.from(index.keys.get(value) ?? [], key => this.#objects.get(key) as T)
  }

  /** Takes a newer state of an object. False, and no change, when it is not newer than what is known. */
  observe(object: T): boolean {
    const known = this.#objects.get(keyOf(object))
    if (compareVersions(object.metadata.resourceVersion, this.#version) <= 0) return false
    if (known && !isAfter(object, known)) return false
    this.#put(object)
    return true
  }

  /** Takes a deletion that the stream shows. Undefined when the object is not known, or is a newer one of its name. */
  delete(object: T): T | undefined {
    const known = this.#objects.get(keyOf(object))
    if (!known || isAfter(known, object)) return undefined
    this.#drop(keyOf(object), known)
    return known
  }

  /** The stream has come this far. */
  advance(version: string): void {
    if (compareVersions(version, this.#version) > 0) this.#version = version
  }

  /** Begins to take a list that shows the state at `version`. */
  replace(version: string): Replacement<T> {
    // etcd was restored from a backup: what is known belongs to a history that did not happen.
    const rewound = compareVersions(version, this.#version) < 0
    const isNewer = (known: T): boolean => !rewound && compareVersions(known.metadata.resourceVersion, version) > 0
    const listed = new Set<ObjectKey>()
    return {
      add: object => {
        const key = keyOf(object)
        listed.add(key)
        const known = this.#objects.get(key)
        if (known && !rewound && !isAfter(object, known)) return false
        this.#put(object)
        return true
      },
      finish: () => {
        const gone = [...this.#objects].filter(([key, known]) => !listed.has(key) && !isNewer(known))
        for (const [key, known] of gone) this.#drop(key, known)
        this.#version = version
        return gone.map(([, known]) => known)
      },
    }
  }

  #put(object: T): void {
    const key = keyOf(object)
    const kept = this.#transform(object)
    const known = this.#objects.get(key)
    for (const index of this.#indexes.values()) {
      if (known) remove(index, key, known)
      insert(index, key, kept)
    }
    this.#objects.set(key, kept)
  }

  #drop(key: ObjectKey, known: T): void {
    for (const index of this.#indexes.values()) remove(index, key, known)
    this.#objects.delete(key)
  }
}

/**
 * Orders resourceVersions: decimal integers of any length, without leading zeros. They are comparable across all
 * objects of a resource.
 */
export function compareVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a === b ? 0 : a < b ? -1 : 1
}

const isAfter = (a: KubeObject, b: KubeObject): boolean =>
  compareVersions(a.metadata.resourceVersion, b.metadata.resourceVersion) > 0

/** managedFields are about half of an object, and nobody reads them. */
function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as KubeObject['metadata'] & { managedFields?: unknown }
  return { ...object, metadata }
}

function insert<T>({ valuesOf, keys }: Index<T>, key: ObjectKey, object: T): void {
  for (const value of valuesOf(object)) {
    const set = keys.get(value)
    if (set) set.add(key)
    else keys.set(value, new Set([key]))
  }
}

function remove<T>({ valuesOf, keys }: Index<T>, key: ObjectKey, object: T): void {
  for (const value of valuesOf(object)) {
    const set = keys.get(value)
    if (set?.delete(key) && set.size === 0) keys.delete(value)
  }
}
