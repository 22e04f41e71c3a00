/** The objects of one resource by key and by index, as far as the API server has told of them. */
import type { KubeObject, ObjectKey } from '../api/object.ts'
import { keyOf } from '../api/object.ts'

/** Returns the values under which an index finds an object. */
export type IndexFunction<T> = (object: T) => readonly string[]

export interface CacheOptions<T> {
  /** Changes each object before it is kept. Must leave name, namespace, uid and resourceVersion as they are. */
  transform?: (object: T) => T
}

/** A list that replaces the content of the cache, page by page. */
export interface Replacement<T> {
  /** Takes what `keep` makes of an object of the list. False: the cache has it already, or a newer own write of it. */
  add(object: T): boolean
  /** Ends the list after its last page: drops the objects that are gone, and returns them. */
  finish(): T[]
}

interface Index<T> {
  valuesOf: IndexFunction<T>
  /** A set only where several objects have a value: most have one of their own, and a set takes 300 bytes. */
  keys: Map<string, ObjectKey | Set<ObjectKey>>
}

/**
 * Readers share the objects and must not change them.
 *
 * Two writers feed the cache: the stream (lists and watches), and own writes, observed before the stream shows them.
 * `version` is how far the stream has come. An own write at or before it is old news: the stream has already shown it,
 * or has shown what came after it, also when that was a deletion. So no tombstones are needed.
 */
export class Cache<T extends KubeObject> {
  readonly #objects = new Map<ObjectKey, T>()
  readonly #indexes = new Map<string, Index<T>>()
  /** Makes of an object what is kept of it. */
  readonly keep: (object: T) => T
  #version = ''

  constructor({ transform = withoutManagedFields }: CacheOptions<T> = {}) {
    this.keep = transform
  }

  /** The resourceVersion up to which the stream has come; empty before the first list. */
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
    for (const [key, object] of this.#objects) insert(index, key, valuesOf(object))
  }

  byIndex(name: string, value: string): T[] {
    const index = this.#indexes.get(name)
    if (!index) throw new Error(`cache: there is no index "${name}"`)
    const keys = index.keys.get(value) ?? []
    return Array.from(typeof keys === 'string' ? [keys] : keys, key => this.#objects.get(key) as T)
  }

  /** Takes a newer state of an object. Returns false, and changes nothing, when it is not newer than what is known. */
  observe(object: T): boolean {
    const known = this.#objects.get(keyOf(object))
    if (compareVersions(object.metadata.resourceVersion, this.#version) <= 0) return false
    if (known && !isAfter(object, known)) return false
    this.#put(this.keep(object))
    return true
  }

  /** Takes a deletion from the stream. Undefined when the object is not known, or a newer one has its name. */
  delete(object: T): T | undefined {
    const known = this.#objects.get(keyOf(object))
    if (!known || isAfter(known, object)) return undefined
    this.#drop(keyOf(object), known)
    return known
  }

  /** Notes how far the stream has come. */
  advance(version: string): void {
    if (compareVersions(version, this.#version) > 0) this.#version = version
  }

  /** Begins to take a list that shows the state at `version`. */
  replace(version: string): Replacement<T> {
    // An older version: etcd was restored from a backup, and what is known belongs to a history that did not happen.
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

  #put(kept: T): void {
    const key = keyOf(kept)
    const known = this.#objects.get(key)
    for (const index of this.#indexes.values()) {
      const [before, after] = [known ? index.valuesOf(known) : [], index.valuesOf(kept)]
      if (isSame(before, after)) continue
      remove(index, key, before)
      insert(index, key, after)
    }
    this.#objects.set(key, kept)
  }

  #drop(key: ObjectKey, known: T): void {
    for (const index of this.#indexes.values()) remove(index, key, index.valuesOf(known))
    this.#objects.delete(key)
  }
}

/**
 * Orders resourceVersions, which are decimal integers of any length without leading zeros. They can be compared across
 * all objects of a resource.
 */
export function compareVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a === b ? 0 : a < b ? -1 : 1
}

const isAfter = (a: KubeObject, b: KubeObject): boolean =>
  compareVersions(a.metadata.resourceVersion, b.metadata.resourceVersion) > 0

/** Drops managedFields, which are about half of an object and are read by nobody. */
function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as KubeObject['metadata'] & { managedFields?: unknown }
  return { ...object, metadata }
}

const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((value, index) => value === others[index])

function insert<T>({ keys }: Index<T>, key: ObjectKey, values: readonly string[]): void {
  for (const value of values) {
    const known = keys.get(value)
    if (known === undefined) keys.set(value, key)
    else if (typeof known === 'string') keys.set(value, new Set([known, key]))
    else known.add(key)
  }
}

function remove<T>({ keys }: Index<T>, key: ObjectKey, values: readonly string[]): void {
  for (const value of values) {
    const known = keys.get(value)
    if (known === key || (known instanceof Set && known.delete(key) && known.size === 0)) keys.delete(value)
  }
}
