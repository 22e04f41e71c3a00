/**
 * Limits how often a Secret that others change is written again: at once, then once a minute. Software that insists on
 * its change (an admission webhook, a mirror) would otherwise cost a grant with each of its writes.
 */
const PAUSE_MS = 60_000

export class RepairLimit {
  /** When each target was last repaired, by the monotonic clock, the oldest first. */
  readonly #repairedAt = new Map<string, number>()

  /** How many targets are remembered. */
  get size(): number {
    return this.#repairedAt.size
  }

  /** Says whether the target may be repaired at this time of the monotonic clock, and counts the repair if so. */
  take(target: string, time: number): boolean {
    this.#forgetOld(time)
    if (this.#repairedAt.has(target)) return false
    this.#repairedAt.set(target, time)
    return true
  }

  /** Looks at no more than it forgets, and at one more. */
  #forgetOld(time: number): void {
    for (const [target, at] of this.#repairedAt) {
      if (time - at < PAUSE_MS) return
      this.#repairedAt.delete(target)
    }
  }
}
