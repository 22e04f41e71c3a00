/**
 * How often a Secret that others change is written again: at once, then once a minute. Somebody who insists (an
 * admission webhook, a mirror) would otherwise cost a grant at each of their writes.
 */
const PAUSE_MS = 60_000
const REMEMBERED = 1_000

export class RepairLimit {
  /** When each target was last repaired, ms since the epoch. */
  readonly #repairedAt = new Map<string, number>()

  /** True, and counted, when the target may be repaired now. */
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
