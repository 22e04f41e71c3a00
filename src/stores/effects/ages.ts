/**
 * How old credentials really are. Their times are of the wall clock, as others read them. When it is set back, they
 * seem younger than they are, and would be refreshed after their end.
 */
import { type KubeObject, keyOf } from '../../api/object.ts'
import { type ProjectedSecret, readStamp } from '../plan/projected-secret.ts'

export interface Moment {
  now: Date
  /** The same moment by the monotonic clock, in ms. */
  monotonic: number
}

interface Seen {
  issuedAt: number
  wall: number
  monotonic: number
}

export class Ages {
  /** When each Secret of each store was written, or first seen, with the credentials that it has. */
  readonly #byStore = new Map<string, Map<string, Seen>>()

  /** Notes that Secrets of the store got credentials that were issued at a time, which the moment is close to. */
  wrote({ metadata: { uid } }: KubeObject, keys: string[], issuedAt: Date, moment: Moment): void {
    const seen = this.#seenOf(uid)
    for (const key of keys) seen.set(key, seenAt(issuedAt.getTime(), moment))
  }

  /** By how much, in ms, the credentials in these Secrets of the store are older than the wall clock says. */
  lag({ metadata: { uid } }: KubeObject, secrets: (ProjectedSecret | undefined)[], moment: Moment): number {
    const seen = this.#seenOf(uid)
    const lags = secrets.map(secret => {
      const stamp = secret && readStamp(secret)
      return stamp ? lagOf(seen, keyOf(secret), stamp.issuedAt.getTime(), moment) : 0
    })
    return Math.max(0, ...lags)
  }

  /** Drops what is remembered of a store, but for these Secrets. */
  keep({ metadata: { uid } }: KubeObject, keys: Set<string>): void {
    const seen = this.#byStore.get(uid)
    for (const key of seen?.keys() ?? []) if (!keys.has(key)) seen?.delete(key)
  }

  delete(uid: string): void {
    this.#byStore.delete(uid)
  }

  #seenOf(uid: string): Map<string, Seen> {
    const seen = this.#byStore.get(uid) ?? new Map<string, Seen>()
    this.#byStore.set(uid, seen)
    return seen
  }
}

const seenAt = (issuedAt: number, { now, monotonic }: Moment): Seen => ({ issuedAt, wall: now.getTime(), monotonic })

function lagOf(seen: Map<string, Seen>, key: string, issuedAt: number, moment: Moment): number {
  const first = seen.get(key)
  if (first?.issuedAt !== issuedAt) {
    seen.set(key, seenAt(issuedAt, moment))
    return 0
  }
  return moment.monotonic - first.monotonic - (moment.now.getTime() - first.wall)
}
