/**
 * Sessions by which the operator can undo what it did for a store after the store has lost its connector, or a Secret
 * that this names: whoever deletes a namespace, or a release, deletes them together, in any order (docs/adr/0008).
 */
import type { SharedSession } from '../../providers/provider.ts'

interface Kept {
  session: SharedSession
  /** When the store was first seen without its connector, by the monotonic clock. */
  lostAt?: number
}

/** How long a session is kept for a store that has lost its connector: who takes a key away wants it used no more. */
const KEEP_MS = 10 * 60_000

/** Sessions by the uid of their store; forgotten with the process. */
export class KeptSessions {
  readonly #byUid = new Map<string, Kept>()

  /** Keeps a session that works now. */
  keep(uid: string, session: SharedSession): void {
    this.#byUid.set(uid, { session })
  }

  /** Notes that the store has no session now, and gives up the kept one when that has been so for long. */
  lose(uid: string, now: number): void {
    const kept = this.#byUid.get(uid)
    if (!kept) return
    kept.lostAt ??= now
    if (now - kept.lostAt > KEEP_MS) this.delete(uid)
  }

  /** The kept session, if it has not ended. */
  get(uid: string, { now, monotonic }: { now: Date; monotonic: number }): SharedSession | undefined {
    this.lose(uid, monotonic)
    const { session } = this.#byUid.get(uid) ?? {}
    return session?.expiresAt && session.expiresAt <= now ? undefined : session
  }

  delete(uid: string): void {
    this.#byUid.delete(uid)
  }
}
