/**
 * Pure: a bounded map that many owners share. Who has most gives up its oldest: so an owner who makes thousands of
 * entries displaces those of nobody else.
 */
export class FairMap<V> {
  readonly #max: number
  readonly #entries = new Map<string, { owner: string; value: V }>()
  /** By owner, the oldest first. */
  readonly #keys = new Map<string, Set<string>>()

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string): V | undefined {
    return this.#entries.get(key)?.value
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  /** Sets an entry, which is its owner's newest then. One that is there stays its first owner's. */
  set(owner: string, key: string, value: V): void {
    const first = this.#entries.get(key)?.owner ?? owner
    this.delete(key)
    this.#entries.set(key, { owner: first, value })
    const keys = this.#keys.get(first) ?? new Set()
    this.#keys.set(first, keys.add(key))
    if (this.size > this.#max) this.#dropOne()
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#entries.delete(key)
    const keys = this.#keys.get(entry.owner)
    keys?.delete(key)
    if (keys?.size === 0) this.#keys.delete(entry.owner)
  }

  *[Symbol.iterator](): Iterator<[key: string, value: V]> {
    for (const [key, { value }] of this.#entries) yield [key, value]
  }

  #dropOne(): void {
    const [oldest] = this.#keys.values().reduce((one, other) => (other.size > one.size ? other : one))
    if (oldest !== undefined) this.delete(oldest)
  }
}

/** Sets an entry of a map that has one owner, as its newest, and drops the oldest beyond `max`. */
export function setNewest<V>(map: Map<string, V>, key: string, value: V, max: number): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > max && oldest !== undefined) map.delete(oldest)
}
