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
  /** Of the Secret. */
  key: string
  issuedAt: number
  /** By how much the monotonic clock was ahead of the wall clock, in ms. */
  ahead: number
}

export class Ages {
  /** When each Secret of each store was written, or first seen, with the credentials that it has. Most have one Secret. */
  readonly #byStore = new Map<string, Seen | Map<string, Seen>>()

  /** Notes that Secrets of the store got credentials that were issued at a time, which the moment is close to. */
  wrote({ metadata: { uid } }: KubeObject, keys: string[], issuedAt: Date, moment: Moment): void {
    for (const key of keys) this.#note(uid, { key, issuedAt: issuedAt.getTime(), ahead: aheadAt(moment) })
  }

  /** By how much, in ms, the credentials in these Secrets of the store are older than the wall clock says. */
  lag({ metadata: { uid } }: KubeObject, secrets: (ProjectedSecret | undefined)[], moment: Moment): number {
    const lags = secrets.map(secret => {
      const stamp = secret && readStamp(secret)
      return stamp ? this.#lagOf(uid, keyOf(secret), stamp.issuedAt.getTime(), moment) : 0
    })
    return Math.max(0, ...lags)
  }

  /** Drops what is remembered of a store, but for these Secrets. */
  keep({ metadata: { uid } }: KubeObject, keys: Set<string>): void {
    const known = this.#byStore.get(uid)
    if (known instanceof Map) {
      for (const key of known.keys()) if (!keys.has(key)) known.delete(key)
    } else if (known && !keys.has(known.key)) this.#byStore.delete(uid)
  }

  delete(uid: string): void {
    this.#byStore.delete(uid)
  }

  #lagOf(uid: string, key: string, issuedAt: number, moment: Moment): number {
    const known = this.#byStore.get(uid)
    const first = known instanceof Map ? known.get(key) : known
    if (first?.key === key && first.issuedAt === issuedAt) return aheadAt(moment) - first.ahead
    this.#note(uid, { key, issuedAt, ahead: aheadAt(moment) })
    return 0
  }

  #note(uid: string, now: Seen): void {
    const known = this.#byStore.get(uid)
    if (known instanceof Map) known.set(now.key, now)
    else if (!known || known.key === now.key) this.#byStore.set(uid, now)
    else this.#byStore.set(uid, new Map([known, now].map(seen => [seen.key, seen])))
  }
}

const aheadAt = ({ now, monotonic }: Moment): number => monotonic - now.getTime()
