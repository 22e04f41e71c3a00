/** Lists the buckets that a connector's identity can see: asks now and then, and remembers in between. */
import { type Failure, isFailure, transient } from '../api/failures.ts'
import { keyOf, type ObjectKey } from '../api/object.ts'
import { requestedAt } from '../api/requested-at.ts'
import { MAX_RESOURCES, type ServiceConnector } from '../api/service-connector.ts'
import { withDeadlineOr } from '../async/deadline.ts'
import type { Identity, Resources, Session } from '../providers/provider.ts'
import { isRejection } from '../providers/rejection.ts'
import { jitterFor } from '../runtime/backoff.ts'

export interface Listing {
  answer: Resources | Failure
  /** Time to ask again, as the wall clock is now. */
  nextAt: Date
}

/** How often to list again: nothing tells the operator of buckets that come and go. */
const LIST_AGAIN_MS = 10 * 60_000
const AFTER_TROUBLE_MS = 60_000
/** Less than a reconcile's own deadline: a slow listing must not cost a connector its Ready. */
const DEADLINE_MS = 20_000

interface Remembered {
  answer: Listing['answer']
  /** What was asked, and with which identity. */
  question: string
  /** Time to ask again, by the monotonic clock. */
  dueAt: number
}

/** The last listing of each connector, by its key. They are lost with the process. */
export class Listings {
  readonly #byConnector = new Map<ObjectKey, Remembered>()

  get(connector: ObjectKey, question: string): Remembered | undefined {
    const listing = this.#byConnector.get(connector)
    return listing?.question === question ? listing : undefined
  }

  set(connector: ObjectKey, listing: Remembered): void {
    this.#byConnector.set(connector, listing)
  }

  forget(connector: ObjectKey): void {
    this.#byConnector.delete(connector)
  }
}

/** An identity with a session that acts as it. */
export interface Assumed {
  identity: Identity
  session: Session
}

export interface ListContext {
  listings: Listings
  now: () => Date
  monotonic: () => number
}

/** Returns the last answer while it counts, else a new one. A service that takes too long is a transient Failure. */
export async function listResources(
  connector: ServiceConnector,
  { identity, session }: Assumed,
  { listings, now, monotonic }: ListContext,
  signal: AbortSignal,
): Promise<Listing> {
  const key = keyOf(connector)
  const { uid } = connector.metadata
  const patterns = connector.spec.resources ?? []
  const question = JSON.stringify([uid, identity.fingerprint, patterns, requestedAt(connector)])
  const last = listings.get(key, question)
  const told = ({ answer, dueAt }: Remembered) => ({
    answer,
    nextAt: new Date(now().getTime() + dueAt - monotonic()),
  })
  if (last && last.dueAt > monotonic()) return told(last)

  const answer = await ask(session, patterns, signal)
  const wait = isFailure(answer) && answer.intent !== 'stalled' ? AFTER_TROUBLE_MS : LIST_AGAIN_MS
  const dueAt = monotonic() + Math.floor(jitterFor(`${uid}${now().getTime()}`, wait, 0.1))
  const listing = { question, answer, dueAt }
  // A refused session says nothing about the next one, so its answer is not remembered.
  if (!isFailure(answer) || !isRejection(answer)) listings.set(key, listing)
  return told(listing)
}

function ask(session: Session, patterns: string[], signal: AbortSignal): Promise<Resources | Failure> {
  const list = (inTime: AbortSignal) => session.resources({ patterns, max: MAX_RESOURCES }, inTime)
  return withDeadlineOr(DEADLINE_MS, signal, list, () =>
    transient('ListingTimeout', `buckets could not be listed within ${DEADLINE_MS / 1000} s; it is tried again`),
  )
}
