/** Pure: how much time of workers each owner of keys had of late. */

/** Time after which half of what an owner had is forgotten. */
const HALF_LIFE_MS = 30_000

/**
 * What was used is kept as a level: the binary logarithm of the used ms, plus the time of the use in half-lives. So the
 * levels of all owners can be compared at any time, though all uses fade, and none has to be touched for that.
 */
export class RecentUse {
  readonly #levels = new Map<string, number>()
  #sweptAt = 0

  /** Owners of whom something is remembered. */
  get size(): number {
    return this.#levels.size
  }

  /** Says that the owner has used so many ms. `now` is in monotonic ms. */
  add(owner: string, ms: number, now: number): void {
    if (ms <= 0) return
    this.#sweep(now)
    const level = Math.log2(ms) + now / HALF_LIFE_MS
    this.#levels.set(owner, sumOf(level, this.levelOf(owner)))
  }

  /** A number that is higher the more the owner used, and that only rises. */
  levelOf(owner: string): number {
    return this.#levels.get(owner) ?? Number.NEGATIVE_INFINITY
  }

  /** Forgets owners of whose use less than a ms is left. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < HALF_LIFE_MS) return
    this.#sweptAt = now
    for (const [owner, level] of this.#levels) if (level < now / HALF_LIFE_MS) this.#levels.delete(owner)
  }
}

/** Logarithm of the sum of two numbers given by their logarithms. */
function sumOf(a: number, b: number): number {
  const high = Math.max(a, b)
  return high + Math.log2(1 + 2 ** (Math.min(a, b) - high))
}
