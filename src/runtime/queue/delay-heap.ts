/** Pure: keys in the order in which they fall due: a binary heap that knows where each key is, to take one out. */

interface Entry {
  key: string
  dueAt: number
  index: number
}

export class DelayHeap {
  readonly #heap: Entry[] = []
  readonly #entries = new Map<string, Entry>()

  get size(): number {
    return this.#heap.length
  }

  /** Time at which the first key falls due. */
  get nextDueAt(): number | undefined {
    return this.#heap[0]?.dueAt
  }

  /** Adds a key. Of two times for one key the earlier stays. */
  add(key: string, dueAt: number): void {
    const known = this.#entries.get(key)
    if (!known) {
      const entry = { key, dueAt, index: this.#heap.length }
      this.#heap.push(entry)
      this.#entries.set(key, entry)
      this.#up(entry)
    } else if (dueAt < known.dueAt) {
      known.dueAt = dueAt
      this.#up(known)
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#entries.delete(key)
    const last = this.#heap.pop() as Entry
    if (last === entry) return
    this.#place(last, entry.index)
    this.#up(last)
    this.#down(last)
  }

  /** Takes out the first key that is due at `now`. */
  takeDue(now: number): string | undefined {
    const first = this.#heap[0]
    if (!first || first.dueAt > now) return undefined
    this.delete(first.key)
    return first.key
  }

  clear(): void {
    this.#heap.length = 0
    this.#entries.clear()
  }

  #place(entry: Entry, index: number): void {
    entry.index = index
    this.#heap[index] = entry
  }

  #up(entry: Entry): void {
    while (entry.index > 0) {
      const index = entry.index
      const parent = this.#heap[(index - 1) >> 1] as Entry
      if (parent.dueAt <= entry.dueAt) return
      this.#place(entry, parent.index)
      this.#place(parent, index)
    }
  }

  #down(entry: Entry): void {
    for (;;) {
      const index = entry.index
      const left = this.#heap[2 * index + 1]
      const right = this.#heap[2 * index + 2]
      const child = right && left && right.dueAt < left.dueAt ? right : left
      if (!child || child.dueAt >= entry.dueAt) return
      this.#place(entry, child.index)
      this.#place(child, index)
    }
  }
}
