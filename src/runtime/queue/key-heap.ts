/**
 * Pure: keys in the order of a number: a binary heap that knows where each key is, to take one out. Of keys with the
 * same number the first that was added comes first.
 */

interface Entry {
  key: string
  at: number
  /** How many were added before. */
  place: number
  index: number
}

export class KeyHeap {
  readonly #heap: Entry[] = []
  readonly #entries = new Map<string, Entry>()
  #added = 0

  get size(): number {
    return this.#heap.length
  }

  /** Number of the first key. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.at
  }

  /** Adds a key. Of two numbers for one key the lower stays. */
  add(key: string, at: number): void {
    const known = this.#entries.get(key)
    if (!known) {
      const entry = { key, at, place: this.#added++, index: this.#heap.length }
      this.#heap.push(entry)
      this.#entries.set(key, entry)
      this.#up(entry)
    } else if (at < known.at) {
      known.at = at
      this.#up(known)
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#entries.delete(key)
    const last = this.#heap.pop() as Entry
    if (last === entry) return
    this.#put(last, entry.index)
    this.#up(last)
    this.#down(last)
  }

  /** Takes out the first key whose number is not above this one. */
  take(upTo = Number.POSITIVE_INFINITY): string | undefined {
    const first = this.#heap[0]
    if (!first || first.at > upTo) return undefined
    this.delete(first.key)
    return first.key
  }

  clear(): void {
    this.#heap.length = 0
    this.#entries.clear()
  }

  #put(entry: Entry, index: number): void {
    entry.index = index
    this.#heap[index] = entry
  }

  #up(entry: Entry): void {
    while (entry.index > 0) {
      const index = entry.index
      const parent = this.#heap[(index - 1) >> 1] as Entry
      if (!isBefore(entry, parent)) return
      this.#put(entry, parent.index)
      this.#put(parent, index)
    }
  }

  #down(entry: Entry): void {
    for (;;) {
      const index = entry.index
      const left = this.#heap[2 * index + 1]
      const right = this.#heap[2 * index + 2]
      const child = right && left && isBefore(right, left) ? right : left
      if (!child || !isBefore(child, entry)) return
      this.#put(entry, child.index)
      this.#put(child, index)
    }
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.place < b.place)
