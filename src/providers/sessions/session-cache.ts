/** Open sessions: one a connector, shared by all its stores, replaced before it ends. */
import { type Failure, isFailure, transient } from '../../api/failures.ts'
import { abortable, withDeadlineOr } from '../../async/deadline.ts'
import type { Identity, Session, SessionSource, SharedSession } from '../provider.ts'
import { isRejection } from '../rejection.ts'
import { CountedSession } from './shared-session.ts'

export interface SessionCacheOptions {
  /** Its signal ends with the shared deadline, not with one caller. */
  open(identity: Identity, signal: AbortSignal): Promise<Session | Failure>
  now: () => Date
  /** How many connectors are remembered; beyond, the least recently used one is let go. */
  max: number
  /** A session of this connector was refused: what its stores have is suspect. */
  onRejected?(connector: string): void
}

const OPEN_DEADLINE_MS = 20_000
/** A session is replaced at half of its life, at the latest this long before its end. */
const REPLACE_BEFORE_END_MS = 5 * 60_000
/** One without an end is proven again this often: keys are disabled and deleted. */
const PROVE_AGAIN_MS = 10 * 60_000
/** Shorter than this before its end it is of no use. */
const LEAST_LIFE_MS = 30_000
/** Refused sooner than this, a session never worked, and opening the next one is not worth hurrying. */
const PROVEN_AFTER_MS = 60_000

const REMEMBER_STALLED_MS = 30_000
const REMEMBER_WAITING_MS = 1_000
const REMEMBER_TRANSIENT_MS = { min: 1_000, max: 30_000 }

interface Open {
  session: CountedSession
  since: number
}

interface Entry {
  readonly fingerprint: string
  open?: Open
  flight?: Promise<SharedSession | Failure>
  /** When the last session of it was refused. */
  refusedAt?: Date
  /** The last failure, the how manieth in a row; nobody tries again before `retryAt`. */
  failure?: { failure: Failure; at: number; retryAt: number; attempt: number }
}

export class SessionCache implements SessionSource {
  readonly #options: SessionCacheOptions
  /** By connector, least recently used first. */
  readonly #entries = new Map<string, Entry>()

  constructor(options: SessionCacheOptions) {
    this.#options = options
  }

  /**
   * The identity's session, or why there is none. Callers share one opening of it; a failure is remembered for a
   * while, so that a thousand stores of a broken connector cost one call. Rejects only with `signal.reason`, or with
   * what `open` throws.
   */
  async get(identity: Identity, signal: AbortSignal): Promise<SharedSession | Failure> {
    signal.throwIfAborted()
    const entry = this.#entryOf(identity)
    const now = this.#now()
    this.#dropUnusable(entry, identity, now)

    const session = entry.open?.session
    if (entry.open && now < replaceAt(entry.open)) return entry.open.session
    if (!entry.flight && entry.failure && now < entry.failure.retryAt) return session ?? entry.failure.failure
    const flight = this.#open(entry, identity)
    return session ?? abortable(flight, signal)
  }

  /** Lets go of what is known about a connector, also of a remembered failure. */
  forget(connector: string): void {
    this.#entries.get(connector)?.open?.session.close()
    this.#entries.delete(connector)
  }

  close(): void {
    for (const connector of [...this.#entries.keys()]) this.forget(connector)
  }

  #entryOf(identity: Identity): Entry {
    const { connector, fingerprint } = identity
    let entry = this.#entries.get(connector)
    if (entry?.fingerprint !== fingerprint) {
      this.forget(connector)
      entry = { fingerprint }
    }
    this.#entries.delete(connector)
    this.#entries.set(connector, entry)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > this.#options.max && oldest !== undefined) this.forget(oldest)
    return entry
  }

  #dropUnusable(entry: Entry, identity: Identity, now: number): void {
    if (!entry.open) return
    const { session, since } = entry.open
    const proven = now >= since + PROVEN_AFTER_MS
    if (proven && entry.failure && entry.failure.at <= since) delete entry.failure
    const ended = session.expiresAt !== undefined && now >= session.expiresAt.getTime() - LEAST_LIFE_MS
    if (session.rejected) this.#refuse(entry, entry.open)
    else if (ended) this.#drop(entry, entry.open)
    if (!session.rejected || proven) return
    const message = `${identity.connector}: the service refused the credentials of a session that was just opened`
    this.#remember(entry, transient('SessionRejected', message), now)
  }

  #refuse(entry: Entry, open: Open): void {
    entry.refusedAt = this.#options.now()
    this.#drop(entry, open)
  }

  #drop(entry: Entry, { session }: Open): void {
    session.close()
    delete entry.open
  }

  #open(entry: Entry, identity: Identity): Promise<SharedSession | Failure> {
    if (entry.flight) return entry.flight
    const flight = this.#attempt(entry, identity).finally(() => {
      delete entry.flight
    })
    // A refresh in the background has nobody who waits: its failure is remembered in the entry, a bug shows when they do.
    flight.catch(() => undefined)
    entry.flight = flight
    return flight
  }

  async #attempt(entry: Entry, identity: Identity): Promise<SharedSession | Failure> {
    const opened = await this.#openInTime(identity)
    const now = this.#now()
    if (isFailure(opened)) {
      // A session with an end is good until then; keys that are refused now are good for nothing.
      if (isRejection(opened) && entry.open && !entry.open.session.expiresAt) this.#refuse(entry, entry.open)
      this.#remember(entry, opened, now)
      return opened
    }
    const session = new CountedSession(opened, {
      refusedAt: entry.refusedAt,
      trouble: () => troubleOf(entry),
      onRejected: () => this.#options.onRejected?.(identity.connector),
    })
    if (this.#entries.get(identity.connector) !== entry) {
      // Forgotten meanwhile: those who wait may use it, nobody else will.
      session.close()
      return session
    }
    entry.open?.session.close()
    entry.open = { session, since: now }
    return session
  }

  #openInTime(identity: Identity): Promise<Session | Failure> {
    const open = (signal: AbortSignal) => this.#options.open(identity, signal)
    return withDeadlineOr(OPEN_DEADLINE_MS, undefined, open, () =>
      transient(
        'SessionTimeout',
        `${identity.connector}: no session within ${OPEN_DEADLINE_MS / 1000} s: check that the service answers`,
      ),
    )
  }

  #remember(entry: Entry, failure: Failure, now: number): void {
    const attempt = (entry.failure?.attempt ?? 0) + 1
    entry.failure = { failure, at: now, attempt, retryAt: now + rememberMs(failure, attempt) }
  }

  #now(): number {
    return this.#options.now().getTime()
  }
}

/** A failure from before the session was opened is kept for its backoff only. */
function troubleOf({ open, failure }: Entry): Failure | undefined {
  return open && failure && failure.at > open.since ? failure.failure : undefined
}

function replaceAt({ session, since }: Open): number {
  if (!session.expiresAt) return since + PROVE_AGAIN_MS
  const end = session.expiresAt.getTime()
  return Math.min(since + (end - since) / 2, end - REPLACE_BEFORE_END_MS)
}

function rememberMs({ intent }: Failure, attempt: number): number {
  if (intent === 'stalled') return REMEMBER_STALLED_MS
  if (intent === 'waiting') return REMEMBER_WAITING_MS
  return Math.min(REMEMBER_TRANSIENT_MS.max, REMEMBER_TRANSIENT_MS.min * 2 ** (attempt - 1))
}
