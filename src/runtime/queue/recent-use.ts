/** Pure: how much time of workers each owner of keys had of late. */

/** What something counts as when it begins, until it is known how long it takes. */
const ASSUMED_MS = 50
/** What takes no time counts as so much, or its owner were the next for ever. */
const LEAST_MS = 1

/** Time after which half of what an owner had is forgotten. */
const HALF_LIFE_MS = 30_000

/**
 * What was used is kept as a level: the binary logarithm of the used ms, plus the time of the use in half-lives. So the
 * levels of all owners can be compared at any time, though all uses fade, and none has to be touched for that.
 */
export class RecentUse {
  readonly #owners = new Map<string, { level: number; lastMs?: number }>()
  #sweptAt = 0

  /** Owners of whom something is remembered. */
  get size(): number {
    return this.#owners.size
  }

  /**
   * Says that a use of the owner begins. Returns the ms that it counts as until its end: as much as the last one took,
   * so that one who has much to do that takes little does not count like one with costly work.
   */
  begin(owner: string, now: number): number {
    const ms = Math.min(ASSUMED_MS, this.#owners.get(owner)?.lastMs ?? ASSUMED_MS)
    this.add(owner, ms, now)
    return ms
  }

  /** Says how many ms a use took. `begun`: what `begin` returned. */
  end(owner: string, { begun, ms }: { begun: number; ms: number }, now: number): void {
    this.add(owner, ms - begun, now)
    const used = this.#owners.get(owner)
    if (used) used.lastMs = Math.max(LEAST_MS, ms)
  }

  /** Says that the owner has used so many ms. `now` is in monotonic ms. */
  add(owner: string, ms: number, now: number): void {
    if (ms <= 0) return
    this.#sweep(now)
    const level = sumOf(Math.log2(ms) + now / HALF_LIFE_MS, this.levelOf(owner))
    this.#owners.set(owner, { ...this.#owners.get(owner), level })
  }

  /** A number that is higher the more the owner used, and that only rises. */
  levelOf(owner: string): number {
    return this.#owners.get(owner)?.level ?? Number.NEGATIVE_INFINITY
  }

  /** Forgets owners of whose use less than a ms is left. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < HALF_LIFE_MS) return
    this.#sweptAt = now
    for (const [owner, { level }] of this.#owners) if (level < now / HALF_LIFE_MS) this.#owners.delete(owner)
  }
}

/** Logarithm of the sum of two numbers given by their logarithms. */
function sumOf(a: number, b: number): number {
  const high = Math.max(a, b)
  return high + Math.log2(1 + 2 ** (Math.min(a, b) - high))
}
