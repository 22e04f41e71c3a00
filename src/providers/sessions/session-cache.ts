/** Cache of open sessions. All stores of a connector share its session, which is replaced before it ends. */
import { type Failure, isFailure, transient } from '../../api/failures.ts'
import { abortable, withDeadlineOr } from '../../async/deadline.ts'
import type { Identity, Session, SessionSource, SharedSession } from '../provider.ts'
import { isRejection } from '../rejection.ts'
import { CountedSession } from './shared-session.ts'

export interface SessionCacheOptions {
  /** Opens a session. The signal ends with the deadline that all callers share, not with one caller. */
  open(identity: Identity, signal: AbortSignal): Promise<Session | Failure>
  /** Wall clock: tells how much is left of a session that has an end. */
  now: () => Date
  /** Time in ms that never jumps. */
  monotonic: () => number
  /** How many connectors are remembered. When there are more, the least recently used one is forgotten. */
  max: number
  /**
   * Called when the service has refused a session of a connector: what its stores have may no longer work. `reporter`:
   * the user that met it, who knows already.
   */
  onRejected?(connector: string, reporter?: string): void
  /**
   * Called when a session was refused and no other one can be opened: a person must act, and the connector should say so,
   * whoever met it. Once for each reason.
   */
  onLost?(connector: string): void
}

const OPEN_DEADLINE_MS = 20_000
/** A session is replaced after half of its life, or this long before its end if that is sooner. */
const REPLACE_BEFORE_END_MS = 5 * 60_000
/** A session without an end is opened anew this often: its key may have been disabled or deleted. */
const PROVE_AGAIN_MS = 10 * 60_000
/** A session that ends sooner than this is of no use. */
const LEAST_LIFE_MS = 30_000
/** A session that is refused sooner than this has never worked, so the next one is not opened in a hurry. */
const PROVEN_AFTER_MS = 60_000

/** How long a failure is remembered, by its intent. */
/** Clouds see late what was made a moment ago: the first looks come sooner (`runtime/patience.ts`). */
const REMEMBER_STALLED_MS = { min: 8_000, max: 30_000 }
const REMEMBER_WAITING_MS = 1_000
const REMEMBER_TRANSIENT_MS = { min: 1_000, max: 30_000 }

/** Times are of the monotonic clock. */
interface Open {
  session: CountedSession
  since: number
  /** Undefined: the session has no end. */
  endsAt: number | undefined
}

interface Entry {
  readonly fingerprint: string
  readonly provider: string
  open?: Open
  flight?: Promise<CountedSession | Failure>
  /** When the service last refused a session of the connector, by the monotonic clock. */
  refusedAt?: number
  /** The last failure, and how many there have been in a row. No session is opened before `retryAt`. */
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
   * Returns the identity's session, or why there is none. Callers share the opening of a session. A failure is
   * remembered for a while, so that a thousand stores of a broken connector cost one call. Rejects only with
   * `signal.reason`, or with what `open` throws.
   */
  async get(identity: Identity, signal: AbortSignal, user?: string): Promise<SharedSession | Failure> {
    const session = await this.#get(identity, signal)
    return isFailure(session) || user === undefined ? session : session.usedBy(user)
  }

  async #get(identity: Identity, signal: AbortSignal): Promise<CountedSession | Failure> {
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

  /** Forgets all that is known about a connector, even a remembered failure. */
  forget(connector: string): void {
    this.#entries.get(connector)?.open?.session.close()
    this.#entries.delete(connector)
  }

  /** Forgets a failure that may be over by now, so that the next user opens a session. */
  retry(connector: string): void {
    const entry = this.#entries.get(connector)
    if (entry?.failure?.failure.intent === 'transient') entry.failure.retryAt = this.#now()
  }

  /** How many sessions are open at a provider. */
  openAt(name: string): number {
    return [...this.#entries.values()].filter(({ open, provider }) => open && provider === name).length
  }

  close(): void {
    for (const connector of [...this.#entries.keys()]) this.forget(connector)
  }

  #entryOf(identity: Identity): Entry {
    const { connector, fingerprint, provider } = identity
    let entry = this.#entries.get(connector)
    if (entry?.fingerprint !== fingerprint) {
      this.forget(connector)
      entry = { fingerprint, provider }
    }
    this.#entries.delete(connector)
    this.#entries.set(connector, entry)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > this.#options.max && oldest !== undefined) this.forget(oldest)
    return entry
  }

  #dropUnusable(entry: Entry, identity: Identity, now: number): void {
    if (!entry.open) return
    const { session, since, endsAt } = entry.open
    const proven = now >= since + PROVEN_AFTER_MS
    if (proven && entry.failure && entry.failure.at <= since) delete entry.failure
    const ended = endsAt !== undefined && now >= endsAt - LEAST_LIFE_MS
    if (session.rejected) this.#refuse(entry, entry.open)
    else if (ended) this.#drop(entry, entry.open)
    if (!session.rejected || proven) return
    const message = `${identity.connector}: the service refused the credentials of a session that was just opened`
    this.#remember(entry, transient('SessionRejected', message), now)
  }

  #refuse(entry: Entry, open: Open): void {
    entry.refusedAt = this.#now()
    this.#drop(entry, open)
  }

  #drop(entry: Entry, { session }: Open): void {
    session.close()
    delete entry.open
  }

  #open(entry: Entry, identity: Identity): Promise<CountedSession | Failure> {
    if (entry.flight) return entry.flight
    const flight = this.#attempt(entry, identity).finally(() => {
      delete entry.flight
    })
    // A session may be replaced while nobody waits for it. Its failure is remembered in the entry, and an error reaches
    // those who do wait.
    flight.catch(() => undefined)
    entry.flight = flight
    return flight
  }

  async #attempt(entry: Entry, identity: Identity): Promise<CountedSession | Failure> {
    const opened = await this.#openInTime(identity)
    const now = this.#now()
    if (isFailure(opened)) {
      // A session with an end works until then. A session without one acts with the very key that was refused.
      if (isRejection(opened) && entry.open && !entry.open.session.expiresAt) this.#refuse(entry, entry.open)
      const isLost = entry.refusedAt !== undefined && opened.intent === 'stalled'
      const isKnown = entry.failure?.failure.reason === opened.reason
      this.#remember(entry, opened, now)
      if (isLost && !isKnown) this.#options.onLost?.(identity.connector)
      return opened
    }
    const session = new CountedSession(opened, {
      refusedAt: () => this.#wallTime(entry.refusedAt),
      trouble: () => troubleOf(entry),
      onRejected: reporter => this.#options.onRejected?.(identity.connector, reporter),
    })
    if (this.#entries.get(identity.connector) !== entry) {
      // The connector was forgotten meanwhile: those who wait may use the session, and nobody else will.
      session.close()
      return session
    }
    entry.open?.session.close()
    const left = opened.expiresAt && opened.expiresAt.getTime() - this.#options.now().getTime()
    entry.open = { session, since: now, endsAt: left === undefined ? undefined : now + left }
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
    return this.#options.monotonic()
  }

  /** What the wall clock, as it is now, showed then. */
  #wallTime(then: number | undefined): Date | undefined {
    return then === undefined ? undefined : new Date(this.#options.now().getTime() + then - this.#now())
  }
}

/** Why the next session can't be opened. A failure from before the open session only counts for the backoff. */
function troubleOf({ open, failure }: Entry): Failure | undefined {
  return open && failure && failure.at > open.since ? failure.failure : undefined
}

function replaceAt({ since, endsAt }: Open): number {
  if (endsAt === undefined) return since + PROVE_AGAIN_MS
  return Math.min(since + (endsAt - since) / 2, endsAt - REPLACE_BEFORE_END_MS)
}

function rememberMs({ intent }: Failure, attempt: number): number {
  if (intent === 'waiting') return REMEMBER_WAITING_MS
  const { min, max } = intent === 'stalled' ? REMEMBER_STALLED_MS : REMEMBER_TRANSIENT_MS
  return Math.min(max, min * 2 ** (attempt - 1))
}
