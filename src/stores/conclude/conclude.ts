/** Pure: what was found out about a store -> its status, events and next wake-up. */
import type { ArtifactStore, ArtifactStoreStatus } from '../../api/artifact-store.ts'
import {
  type Condition,
  CREDENTIALS_PROJECTED,
  findCondition,
  removeCondition,
  setCondition,
  USAGE_MEASURED,
} from '../../api/conditions.ts'
import { type Failure, isFailure } from '../../api/failures.ts'
import { concludeConditions, isReady, type Readiness } from '../../api/kstatus.ts'
import type { EventRecord, Outcome } from '../../runtime/outcome.ts'
import { transitionEvents } from '../../runtime/transitions.ts'
import { type Projection, UNFINISHED } from '../effects/project.ts'
import { asksUsage, type Facts, keptFacts, observedFacts } from './facts.ts'
import { ENDING, type Finding, findingsOf, findingsSuspended, findingsUnobserved } from './findings.ts'
import { nextLook, soonestOf } from './next-look.ts'
import type { Observations } from './observations.ts'

type StoreOutcome = Outcome<ArtifactStoreStatus>

/**
 * A Failure in the place of observations: nothing could be observed; what was known of bucket and Secrets stays.
 * `objection`: the store can't be as its spec wants it, whatever was observed. `warnAt`: when credentials that nobody
 * has refreshed by then are about to end.
 */
export function conclude(
  store: ArtifactStore,
  observed: Observations | Failure,
  now: Date,
  objection?: Failure,
  warnAt?: Date,
): StoreOutcome {
  const isEnding = warnAt !== undefined && warnAt <= now
  if (isFailure(observed)) {
    const readiness = readinessOf(store, objection ?? observed, now)
    const facts = keptFacts(store, now)
    const findings = findingsUnobserved(observed, facts, readiness.kind === 'still-ready', isEnding)
    const retry = soonestOf([observed, ...(objection ? [objection] : [])])
    return outcome(store, facts, findings, readiness, retry, now, undefined, warnAt)
  }
  const failures = failuresOf(observed, objection)
  const worst = failures.find(({ intent }) => intent === 'stalled') ?? failures[0]
  const readiness: Readiness = worst
    ? readinessOf(store, worst, now, observed.projections)
    : {
        kind: 'ready',
        reason: 'Verified',
        message: `${observed.location.uri} is verified and its credentials are projected`,
      }
  const isHeld = readiness.kind === 'still-ready'
  return outcome(
    store,
    observedFacts(store, observed, isHeld),
    findingsOf(observed, objection, isHeld, isEnding),
    readiness,
    soonestOf(failures),
    now,
    observed,
    warnAt,
  )
}

/** Nothing is refreshed: credentials run out one after the other, and nobody knows about the bucket. */
export function concludeSuspended(store: ArtifactStore, now: Date): StoreOutcome {
  const facts = keptFacts(store, now)
  return outcome(store, facts, findingsSuspended(facts), { kind: 'suspended' }, undefined, now)
}

/** A reconcile that takes long says that it is under way; `observedGeneration` stays behind until it ends. */
export function concludeProgress(store: ArtifactStore, now: Date): ArtifactStoreStatus {
  const status = statusOf(store, keptFacts(store, now), [], { kind: 'progressing' }, now)
  const { observedGeneration = -1 } = store.status ?? {}
  return { ...status, observedGeneration }
}

const failuresOf = ({ access, projections, cleanUp }: Observations, objection: Failure | undefined): Failure[] =>
  [objection, access, ...projections.map(({ failure }) => failure), cleanUp].filter(failure => failure !== undefined)

/** Ready holds through trouble that passes, for as long as every consumer has credentials that work. */
function readinessOf(store: ArtifactStore, failure: Failure, now: Date, projections?: Projection[]): Readiness {
  const { conditions, observedGeneration, credentials = [], expiresAt } = store.status ?? {}
  const served = projections
    ? projections.every(projection => projection.served)
    : [...credentials, { expiresAt }].every(({ expiresAt }) => !expiresAt || Date.parse(expiresAt) > now.getTime())
  const held = isReady(conditions) && observedGeneration === store.metadata.generation && served
  return { kind: failure.intent !== 'stalled' && held ? 'still-ready' : 'failed', failure }
}

function statusOf(store: ArtifactStore, facts: Facts, findings: Finding[], readiness: Readiness, now: Date) {
  const observedGeneration = store.metadata.generation ?? 0
  const previous = store.status?.conditions ?? []
  const relevant = asksUsage(store) ? previous : removeCondition(previous, USAGE_MEASURED)
  const ready = concludeConditions(relevant, observedGeneration, readiness, now)
  const conditions = findings.reduce(
    (all, finding) => setCondition(all, { ...finding, observedGeneration }, now),
    ready,
  )
  return { observedGeneration, conditions, ...facts }
}

function outcome(
  store: ArtifactStore,
  facts: Facts,
  findings: Finding[],
  readiness: Readiness,
  retry: Failure | undefined,
  now: Date,
  observed?: Observations,
  warnAt?: Date,
): StoreOutcome {
  const status = statusOf(store, facts, findings, readiness, now)
  const within = nextLook(status, retry, observed, now, warnAt)
  const before = store.status?.conditions
  return {
    status,
    events: [
      ...changeEvents(observed),
      ...remadeEvents(observed),
      ...endingEvents(before, status.conditions),
      // A store with many Secrets takes several turns: that is no trouble.
      ...transitionEvents(before, status.conditions, 'Reconcile').filter(({ reason }) => reason !== UNFINISHED),
    ],
    next: retry ?? (within === undefined ? 'await-change' : { after: within }),
    ...(retry && within !== undefined ? { wakeWithin: within } : {}),
  }
}

function changeEvents(observed: Observations | undefined): EventRecord[] {
  if (!observed || observed.changes.length === 0) return []
  return [bucketPrepared(observed.location.uri, observed.changes)]
}

const remadeEvents = (observed: Observations | undefined): EventRecord[] =>
  (observed?.projections ?? []).flatMap(({ remade = [] }) =>
    remade.map(key => ({
      type: 'Warning',
      reason: 'SecretRemade',
      action: 'Project',
      message: `Secret "${key}" had been made immutable, so it was deleted and made anew: restart the pods that mount it, and find out who set "immutable"`,
    })),
  )

/** Ready may hold, and nobody would hear of it before consumers do. */
function endingEvents(before: readonly Condition[] | undefined, now: readonly Condition[]): EventRecord[] {
  const projected = findCondition(now, CREDENTIALS_PROJECTED)
  if (projected?.reason !== ENDING || findCondition(before, CREDENTIALS_PROJECTED)?.reason === ENDING) return []
  return [{ type: 'Warning', reason: ENDING, action: 'Project', message: projected.message }]
}

/** Something was changed at the bucket. */
export const bucketPrepared = (uri: string, changes: string[]): EventRecord => ({
  type: 'Normal',
  reason: 'BucketPrepared',
  action: 'Prepare',
  message: `${uri}: ${changes.join(', ')}`,
})
