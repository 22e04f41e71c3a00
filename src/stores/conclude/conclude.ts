/** Pure: what was found out about a store -> its status, events and next wake-up. */
import type { ArtifactStore, ArtifactStoreStatus } from '../../api/artifact-store.ts'
import {
  type Condition,
  CREDENTIALS_PROJECTED,
  type Finding,
  findCondition,
  ISOLATED,
  removeCondition,
  setCondition,
  USAGE_MEASURED,
} from '../../api/conditions.ts'
import type { Failure } from '../../api/failures.ts'
import { concludeConditions, isReady, type Readiness } from '../../api/kstatus.ts'
import { earlierRequest, handledRequest } from '../../api/requested-at.ts'
import { isLate } from '../../connectors/late-reasons.ts'
import type { EventRecord, Outcome } from '../../runtime/outcome.ts'
import { fromNow, softened, type Wait, waitFor } from '../../runtime/patience.ts'
import { transitionEvents } from '../../runtime/transitions.ts'
import { type Projection, UNFINISHED } from '../effects/projection.ts'
import { asksCredentials, asksUsage, type Facts, keptFacts, observedFacts } from './facts.ts'
import { type Circumstances, ENDING, findingsOf, findingsSuspended, findingsUnobserved } from './findings.ts'
import { isolationEvents } from './isolation.ts'
import { nextLook, type Reasons, soonestOf } from './next-look.ts'
import type { ConcludedPlan, Observations } from './observations.ts'

type StoreOutcome = Outcome<ArtifactStoreStatus>

/** When a reconcile is concluded, and what it knows besides what it observed. */
export interface Moment extends Pick<Circumstances, 'specFailure'> {
  now: Date
  /** When credentials that nobody has refreshed by then are about to end. */
  warnOfExpiryAt?: Date | undefined
  /** Why Secrets are still there that the store may no longer have, when nothing was observed. */
  revocation?: Failure | undefined
}

export function conclude(
  store: ArtifactStore,
  plan: ConcludedPlan,
  observed: Observations,
  moment: Moment,
): StoreOutcome {
  const { specFailure, now } = moment
  const { worst, failures, wait } = judge(store, failuresOf(observed, specFailure), now)
  const readiness: Readiness = worst
    ? readinessOf(store, worst, { now, wait }, observed.projections)
    : {
        kind: 'ready',
        reason: 'Verified',
        message: asksCredentials(store) ? 'bucket verified, credentials projected' : 'bucket verified',
      }
  const circumstances = circumstancesOf(readiness, moment)
  const facts = observedFacts(store, plan, observed, circumstances.keepsReady)
  const status = statusOf(store, facts, { readiness, findings: findingsOf(plan, observed, circumstances), wait }, now)
  const events = [...changeEvents(plan, observed), ...remadeEvents(observed)]
  return outcome(store, status, { observed, retry: soonestOf(failures), events, wait }, moment)
}

/** Failures as they are to be dealt with, the one that stands for all, and the wait for it to be over by itself. */
interface Judged {
  worst: Failure | undefined
  failures: Failure[]
  wait: Wait | undefined
}

/** A person is called at once when there is anything that only a person can change. */
function judge(store: ArtifactStore, failures: Failure[], now: Date): Judged {
  const stalled = failures.filter(({ intent }) => intent === 'stalled')
  const worst = stalled[0] ?? failures[0]
  const wait = worst && stalled.every(isLate) ? waitFor(store, worst, isLate, now) : undefined
  return { worst, wait, failures: wait ? failures.map(failure => softened(failure, isLate)) : failures }
}

/** Says that nothing could be observed, and why; what was known of bucket and Secrets stays. */
export function concludeUnobserved(store: ArtifactStore, failure: Failure, moment: Moment): StoreOutcome {
  const { specFailure, revocation, now } = moment
  const all = [specFailure, failure, revocation].filter(failure => failure !== undefined)
  const { failures, wait } = judge(store, all, now)
  const readiness = readinessOf(store, specFailure ?? failure, { now, wait })
  const facts = keptFacts(store, now)
  const findings = findingsUnobserved(failure, facts, circumstancesOf(readiness, moment))
  const status = statusOf(store, facts, { readiness, findings, wait }, now)
  return outcome(store, status, { retry: soonestOf(failures), wait }, moment)
}

/** Says that a store is suspended: its credentials run out one after the other, and nobody looks at its bucket. */
export function concludeSuspended(
  store: ArtifactStore,
  { now, revocation }: Pick<Moment, 'now' | 'revocation'>,
): StoreOutcome {
  const facts = keptFacts(store, now)
  const status = statusOf(store, facts, { readiness: { kind: 'suspended' }, findings: findingsSuspended(facts) }, now)
  return outcome(store, status, { retry: revocation }, { now, revocation })
}

/** Says that a reconcile takes long and is under way; `observedGeneration` stays behind until it ends. */
export function concludeProgress(store: ArtifactStore, now: Date): ArtifactStoreStatus {
  const status = statusOf(store, keptFacts(store, now), { readiness: { kind: 'progressing' }, findings: [] }, now)
  const { observedGeneration = -1 } = store.status ?? {}
  const { lastHandledRequest: _, ...rest } = status
  return { ...rest, ...earlierRequest(store), observedGeneration }
}

const failuresOf = ({ access, projections, revocation }: Observations, specFailure: Failure | undefined): Failure[] =>
  [specFailure, access, ...projections.map(({ failure }) => failure), revocation].filter(
    failure => failure !== undefined,
  )

const circumstancesOf = ({ kind }: Readiness, { specFailure, warnOfExpiryAt, now }: Moment): Circumstances => ({
  specFailure,
  keepsReady: kind === 'still-ready',
  expiresSoon: warnOfExpiryAt !== undefined && warnOfExpiryAt <= now,
})

/** Ready stays through trouble that may pass, for as long as every consumer has credentials that work. */
function readinessOf(
  store: ArtifactStore,
  failure: Failure,
  { now, wait }: { now: Date; wait: Wait | undefined },
  projections?: Projection[],
): Readiness {
  const { conditions, observedGeneration, credentials = [], expiresAt } = store.status ?? {}
  const served = projections
    ? projections.every(projection => projection.served)
    : [...credentials, { expiresAt }].every(({ expiresAt }) => !expiresAt || Date.parse(expiresAt) > now.getTime())
  const keepsReady = isReady(conditions) && observedGeneration === store.metadata.generation && served
  const isStillReady = failure.intent !== 'stalled' && keepsReady
  return { kind: isStillReady ? 'still-ready' : 'failed', failure: wait ? softened(failure, isLate) : failure }
}

function statusOf(
  store: ArtifactStore,
  facts: Facts,
  { readiness, findings, wait }: { readiness: Readiness; findings: Finding[]; wait?: Wait | undefined },
  now: Date,
) {
  const observedGeneration = store.metadata.generation ?? 0
  const known = store.status?.conditions ?? []
  const previous = wait?.isNew ? fromNow(known) : known
  const measured = asksUsage(store) ? previous : removeCondition(previous, USAGE_MEASURED)
  const relevant = asksCredentials(store) ? measured : removeCondition(measured, ISOLATED)
  const ready = concludeConditions(relevant, observedGeneration, readiness, now)
  const conditions = findings.reduce(
    (all, finding) => setCondition(all, { ...finding, observedGeneration }, now),
    ready,
  )
  return { observedGeneration, ...handledRequest(store), conditions, ...facts }
}

function outcome(
  store: ArtifactStore,
  status: ReturnType<typeof statusOf>,
  {
    retry,
    events = [],
    wait,
    ...reasons
  }: Omit<Reasons, 'warnOfExpiryAt' | 'revocation'> & { events?: EventRecord[]; wait?: Wait | undefined },
  { now, warnOfExpiryAt, revocation = reasons.observed?.revocation }: Moment,
): StoreOutcome {
  const looks = [nextLook(status, { ...reasons, retry, warnOfExpiryAt, revocation }, now), wait?.lookWithin]
  const within = soonest(looks)
  const before = store.status?.conditions
  return {
    status,
    events: [
      ...events,
      ...endingEvents(before, status.conditions),
      ...isolationEvents(before, status.conditions),
      // No event says that a store with many Secrets takes several turns: that is no trouble.
      ...transitionEvents(before, status.conditions, 'Reconcile').filter(({ reason }) => reason !== UNFINISHED),
    ],
    next: retry ?? (within === undefined ? 'await-change' : { after: within }),
    ...(retry && within !== undefined ? { wakeWithin: within } : {}),
  }
}

function soonest(times: (number | undefined)[]): number | undefined {
  const known = times.filter(time => time !== undefined)
  return known.length > 0 ? Math.min(...known) : undefined
}

const changeEvents = ({ location }: ConcludedPlan, { changes }: Observations): EventRecord[] =>
  changes.length > 0 ? [bucketPrepared(location.uri, changes)] : []

const remadeEvents = ({ projections }: Observations): EventRecord[] =>
  projections.flatMap(({ remade = [] }) =>
    remade.map(key => ({
      type: 'Warning',
      reason: 'SecretRemade',
      action: 'Project',
      message: `Secret "${key}" had been made immutable, so it was deleted and made anew: restart the pods that mount it, and find out who set "immutable"`,
    })),
  )

/** Warns of credentials that are about to end: Ready may stay, and consumers would be the first to notice. */
function endingEvents(before: readonly Condition[] | undefined, now: readonly Condition[]): EventRecord[] {
  const projected = findCondition(now, CREDENTIALS_PROJECTED)
  if (projected?.reason !== ENDING || findCondition(before, CREDENTIALS_PROJECTED)?.reason === ENDING) return []
  return [{ type: 'Warning', reason: ENDING, action: 'Project', message: projected.message }]
}

/** The event that tells what was changed at the bucket. */
export const bucketPrepared = (uri: string, changes: string[]): EventRecord => ({
  type: 'Normal',
  reason: 'BucketPrepared',
  action: 'Prepare',
  message: `${uri}: ${changes.join(', ')}`,
})
