/**
 * Limits how often a Secret that others change is written again: at once, then once a minute. Software that insists on
 * its change (an admission webhook, a mirror) would otherwise cost a grant with each of its writes.
 */
const PAUSE_MS = 60_000
const REMEMBERED = 1_000

export class RepairLimit {
  /** When each target was last repaired, ms since the epoch. */
  readonly #repairedAt = new Map<string, number>()

  /** Says whether the target may be repaired now, and counts the repair if so. */
  take(target: string, now: Date): boolean {
    const time = now.getTime()
    const last = this.#repairedAt.get(target)
    if (last !== undefined && time - last < PAUSE_MS) return false
    if (this.#repairedAt.size >= REMEMBERED) this.#forgetOld(time)
    this.#repairedAt.set(target, time)
    return true
  }

  #forgetOld(time: number): void {
    for (const [target, at] of this.#repairedAt) if (time - at >= PAUSE_MS) this.#repairedAt.delete(target)
  }
}
