/** First in, first out, for keys that are ready to be worked on; one can leave before its turn. */

export interface Ready {
  key: string
  /** Monotonic ms when the key became ready. */
  since: number
}

const COMPACT_AT = 1024

export class ReadyLane {
  #entries: Ready[] = []
  #head = 0
  /** The entry that counts for each key; others in #entries are leftovers of keys that left early. */
  readonly #live = new Map<string, Ready>()

  get size(): number {
    return this.#live.size
  }

  has(key: string): boolean {
    return this.#live.has(key)
  }

  push(entry: Ready): void {
    this.#live.set(entry.key, entry)
    this.#entries.push(entry)
  }

  /** Takes a key out before its turn. */
  take(key: string): Ready | undefined {
    const entry = this.#live.get(key)
    this.#live.delete(key)
    return entry
  }

  shift(): Ready | undefined {
    for (;;) {
      const entry = this.#entries[this.#head]
      if (!entry) return undefined
      this.#head++
      // Array.shift moves all that is left; cutting the used-up half now and then costs a constant per entry.
      if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#entries.length) {
        this.#entries = this.#entries.slice(this.#head)
        this.#head = 0
      }
      if (this.#live.get(entry.key) === entry) {
        this.#live.delete(entry.key)
        return entry
      }
    }
  }

  clear(): void {
    this.#entries = []
    this.#head = 0
    this.#live.clear()
  }
}
