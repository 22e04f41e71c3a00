/** Pure: what was found out about a store -> its status, events and next wake-up. */
import type { ArtifactStore, ArtifactStoreStatus } from '../api/artifact-store.ts'
import { removeCondition, setCondition, USAGE_MEASURED } from '../api/conditions.ts'
import { type Failure, isFailure } from '../api/failures.ts'
import { concludeConditions, isReady, type Verdict as Readiness } from '../api/kstatus.ts'
import type { EventRecord, Outcome } from '../runtime/outcome.ts'
import { transitionEvents } from '../runtime/transitions.ts'
import { asksUsage, type Facts, keptFacts, observedFacts } from './facts.ts'
import { type Finding, findingsOf, findingsSuspended, findingsUnobserved } from './findings.ts'
import { nextLook, soonestOf } from './next-look.ts'
import type { Observations } from './observations.ts'
import type { Projection } from './project.ts'

type StoreOutcome = Outcome<ArtifactStoreStatus>

/**
 * A Failure in the place of observations: nothing could be observed; what was known of bucket and Secrets stays.
 * `objection`: the store can't be as its spec wants it, whatever was observed.
 */
export function conclude(
  store: ArtifactStore,
  observed: Observations | Failure,
  now: Date,
  objection?: Failure,
): StoreOutcome {
  if (isFailure(observed)) {
    const readiness = readinessOf(store, objection ?? observed, now)
    const facts = keptFacts(store, now)
    const findings = findingsUnobserved(observed, facts, readiness.kind === 'holding')
    return outcome(store, facts, findings, readiness, soonestOf([observed, ...(objection ? [objection] : [])]), now)
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
  const isHeld = readiness.kind === 'holding'
  return outcome(
    store,
    observedFacts(store, observed, isHeld),
    findingsOf(observed, objection, isHeld),
    readiness,
    soonestOf(failures),
    now,
    observed,
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
  const { conditions, observedGeneration, credentials = [] } = store.status ?? {}
  const served = projections
    ? projections.every(projection => projection.served)
    : credentials.every(({ expiresAt }) => !expiresAt || Date.parse(expiresAt) > now.getTime())
  const held = isReady(conditions) && observedGeneration === store.metadata.generation && served
  return { kind: failure.intent !== 'stalled' && held ? 'holding' : 'failed', failure }
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
): StoreOutcome {
  const status = statusOf(store, facts, findings, readiness, now)
  const within = nextLook(status, retry, observed, now)
  return {
    status,
    events: [...changeEvents(observed), ...transitionEvents(store.status?.conditions, status.conditions, 'Reconcile')],
    next: retry ?? (within === undefined ? 'await-change' : { after: within }),
    ...(retry && within !== undefined ? { wakeWithin: within } : {}),
  }
}

function changeEvents(observed: Observations | undefined): EventRecord[] {
  if (!observed || observed.changes.length === 0) return []
  return [bucketPrepared(observed.location.uri, observed.changes)]
}

/** Something was changed at the bucket. */
export const bucketPrepared = (uri: string, changes: string[]): EventRecord => ({
  type: 'Normal',
  reason: 'BucketPrepared',
  action: 'Prepare',
  message: `${uri}: ${changes.join(', ')}`,
})
