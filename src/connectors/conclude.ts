/** Pure: what a reconcile has found out about a connector -> its status, events and next wake-up. */
import type { Condition } from '../api/conditions.ts'
import type { Failure } from '../api/failures.ts'
import { concludeConditions, isReady, type Readiness } from '../api/kstatus.ts'
import { earlierRequest, handledRequest } from '../api/requested-at.ts'
import type { ServiceConnector, ServiceConnectorStatus } from '../api/service-connector.ts'
import { rfc3339 } from '../api/time.ts'
import type { SharedSession } from '../providers/provider.ts'
import { jitterFor } from '../runtime/backoff.ts'
import type { Outcome } from '../runtime/outcome.ts'
import { fromNow, softened, waitFor } from '../runtime/patience.ts'
import { transitionEvents } from '../runtime/transitions.ts'
import { concludeReach, type Reach } from './conclude-reach.ts'
import { concludeResources, lastListed, withoutListing } from './conclude-resources.ts'
import { isLate } from './late-reasons.ts'
import type { Listing } from './listing.ts'

/** How often an identity without an end is proven again. */
const RECHECK_MS = 10 * 60_000
const SOONEST_MS = 5_000
/** How often renewal is tried again while an identity that can't be renewed still lasts. */
const TROUBLE_MS = 60_000

type ConnectorOutcome = Outcome<ServiceConnectorStatus>

/** What a reconcile sees of a connector that works. */
export interface Seen {
  session: SharedSession
  /** What people must know about credentials that are made with it; see `Identity`. */
  cautions: string[]
  listing: Listing
  /** What trials of credentials have shown of the identity; undefined when there were none. */
  reach?: Reach | undefined
}

export function concludeReady(connector: ServiceConnector, seen: Seen, stores: number, now: Date): ConnectorOutcome {
  const { session, cautions, listing, reach } = seen
  const { caller, principal, expiresAt, trouble } = session
  const readiness: Readiness =
    // This session still works, but the next one could not be opened.
    trouble && isReady(connector.status?.conditions)
      ? { kind: 'still-ready', failure: trouble }
      : { kind: 'ready', ...acting(session, cautions) }
  const left = expiresAt ? expiresAt.getTime() - now.getTime() : undefined
  const recheck = left === undefined ? RECHECK_MS : Math.max(SOONEST_MS, Math.min(RECHECK_MS, left / 2))
  const known = base(connector, readiness, stores, now)
  const conditions = concludeReach(connector, reach, known.conditions, now)
  const status: ServiceConnectorStatus = {
    ...known,
    ...(Object.keys(caller).length > 0 ? { identity: { ...caller } } : {}),
    principal,
    ...concludeResources(connector, { answer: listing.answer, principal }, conditions, now),
    ...(expiresAt ? { expiresAt: rfc3339(expiresAt) } : {}),
  }
  const after = trouble ? Math.min(recheck, TROUBLE_MS) : recheck
  return {
    ...told(connector, status),
    next: { after: jitterFor(connector.metadata.uid, after, 0.1) },
    wakeWithin: Math.max(SOONEST_MS, listing.nextAt.getTime() - now.getTime()),
  }
}

/** Services that refuse what would show that they know a key are told apart: the key may be wrong. */
function acting({ principal, unproven }: SharedSession, cautions: string[]): { reason: string; message: string } {
  return unproven === undefined
    ? { reason: 'Authenticated', message: [`authenticated as ${principal}`, ...cautions].join('; ') }
    : { reason: 'KeyNotProven', message: [`acting as ${principal}`, unproven, ...cautions].join('; ') }
}

export function concludeFailure(
  connector: ServiceConnector,
  failure: Failure,
  stores: number,
  now: Date,
): ConnectorOutcome {
  const { expiresAt } = connector.status ?? {}
  const isStillReady = keepsReady(connector, failure, now)
  const wait = waitFor(connector, failure, isLate, now)
  const next = wait ? softened(failure, isLate) : failure
  const previous = connector.status?.conditions ?? []
  const from = wait?.isNew ? fromNow(previous) : previous
  const known = base(
    { ...connector, status: { ...connector.status, conditions: from } },
    { kind: isStillReady ? 'still-ready' : 'failed', failure: next },
    stores,
    now,
  )
  const status: ServiceConnectorStatus = {
    ...known,
    ...lastIdentity(connector),
    ...(isStillReady ? lastListed(connector) : { conditions: withoutListing(known.conditions) }),
    ...(expiresAt ? { expiresAt } : {}),
  }
  return { ...told(connector, status), next, ...(wait ? { wakeWithin: wait.lookWithin } : {}) }
}

/** A suspended connector keeps the identity that was last seen. */
export function concludeSuspended(connector: ServiceConnector, stores: number, now: Date): ConnectorOutcome {
  const known = base(connector, { kind: 'suspended' }, stores, now)
  const status = { ...known, conditions: withoutListing(known.conditions), ...lastIdentity(connector) }
  return { ...told(connector, status), next: 'await-change' }
}

/** Status of a reconcile that takes long: it is under way, and `observedGeneration` stays behind until it ends. */
export function concludeProgress(connector: ServiceConnector, stores: number, now: Date): ServiceConnectorStatus {
  const { observedGeneration = -1, expiresAt } = connector.status ?? {}
  const { lastHandledRequest: _, ...known } = base(connector, { kind: 'progressing' }, stores, now)
  return {
    ...known,
    ...earlierRequest(connector),
    ...lastIdentity(connector),
    ...lastListed(connector),
    ...(expiresAt ? { expiresAt } : {}),
    observedGeneration,
  }
}

function keepsReady(connector: ServiceConnector, failure: Failure, now: Date): boolean {
  const { observedGeneration, conditions, expiresAt } = connector.status ?? {}
  const current = observedGeneration === connector.metadata.generation && isReady(conditions)
  return failure.intent !== 'stalled' && current && (!expiresAt || Date.parse(expiresAt) > now.getTime())
}

function lastIdentity({ status }: ServiceConnector): Pick<ServiceConnectorStatus, 'identity' | 'principal'> {
  return {
    ...(status?.identity ? { identity: status.identity } : {}),
    ...(status?.principal ? { principal: status.principal } : {}),
  }
}

function base(
  connector: ServiceConnector,
  readiness: Readiness,
  stores: number,
  now: Date,
): ServiceConnectorStatus & { conditions: Condition[] } {
  const generation = connector.metadata.generation ?? 0
  const previous = connector.status?.conditions ?? []
  return {
    observedGeneration: generation,
    ...handledRequest(connector),
    conditions: concludeConditions(previous, generation, readiness, now),
    stores,
  }
}

const told = (
  connector: ServiceConnector,
  status: ServiceConnectorStatus,
): Pick<ConnectorOutcome, 'status' | 'events'> => ({
  status,
  events: transitionEvents(connector.status?.conditions, status.conditions ?? [], 'Authenticate'),
})
