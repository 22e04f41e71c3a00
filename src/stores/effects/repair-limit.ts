/**
 * Limits how often a Secret that others change is written again: at once, then after a minute, and ever more seldom while
 * it goes on. Software that insists on its change (a mirror, a person with a script) would otherwise cost a grant with
 * each of its writes, and show consumers the one state and the other by turns.
 */
const PAUSE_MS = 60_000
const LONGEST_MS = 3_600_000

export class RepairLimit {
  /** When each target was last repaired, by the monotonic clock, and the pause after that; the oldest first. */
  readonly #repaired = new Map<string, { at: number; pauseMs: number }>()

  /** How many targets are remembered. */
  get size(): number {
    return this.#repaired.size
  }

  /** Whether the target may not be repaired yet at this time of the monotonic clock. */
  isPaused(target: string, time: number): boolean {
    const last = this.#repaired.get(target)
    return last !== undefined && time - last.at < last.pauseMs
  }

  /** Says whether the target may be repaired at this time of the monotonic clock, and counts the repair if so. */
  take(target: string, time: number): boolean {
    this.#forgetOld(time)
    if (this.isPaused(target, time)) return false
    const last = this.#repaired.get(target)
    this.#repaired.delete(target)
    this.#repaired.set(target, { at: time, pauseMs: last ? Math.min(LONGEST_MS, last.pauseMs * 2) : PAUSE_MS })
    return true
  }

  /** Forgets targets that stayed as they are for as long as their pause once more. Looks at one that it keeps. */
  #forgetOld(time: number): void {
    for (const [target, { at, pauseMs }] of this.#repaired) {
      if (time - at < pauseMs * 2) return
      this.#repaired.delete(target)
    }
  }
}
