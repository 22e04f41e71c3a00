/** Pure: what was found out about a store -> its status, events and next wake-up. */
import type { ArtifactStore, ArtifactStoreStatus } from '../api/artifact-store.ts'
import {
  ACCESS_VERIFIED,
  BUCKET_REACHABLE,
  CONNECTOR_READY,
  type Condition,
  CREDENTIALS_PROJECTED,
  setCondition,
} from '../api/conditions.ts'
import { type Failure, isFailure } from '../api/failures.ts'
import { concludeConditions, isReady, type Verdict as Readiness } from '../api/kstatus.ts'
import { rfc3339 } from '../api/time.ts'
import type { Location } from '../providers/provider.ts'
import type { Outcome } from '../runtime/outcome.ts'
import { transitionEvents } from '../runtime/transitions.ts'
import { blamesConnector } from './plan.ts'
import type { Projection } from './project.ts'
import type { Verdict } from './verify.ts'

export interface Observations {
  location: Location
  /** Who the session acts as, for messages. */
  principal: string
  verdict: Verdict | Failure
  /** Why access is not as it should be. */
  access: Failure | undefined
  projections: Projection[]
  cleanUp: Failure | undefined
}

type StoreOutcome = Outcome<ArtifactStoreStatus>
type Finding = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

/** A Failure: nothing could be observed. What was known of the bucket and the Secrets stays. */
export function conclude(store: ArtifactStore, observed: Observations | Failure, now: Date): StoreOutcome {
  if (isFailure(observed)) {
    const readiness = readinessOf(store, observed, now)
    const facts = keptStatus(store, now)
    return outcome(store, facts, unobserved(observed, readiness, facts), readiness, observed, now)
  }
  const failure = worstOf(observed)
  const readiness: Readiness = failure
    ? readinessOf(store, failure, now, observed.projections)
    : {
        kind: 'ready',
        reason: 'Verified',
        message: `${observed.location.uri} is verified and its credentials are projected`,
      }
  const isHeld = readiness.kind === 'holding'
  return outcome(
    store,
    observedStatus(store, observed, isHeld),
    findingsOf(observed, isHeld),
    readiness,
    failure,
    now,
    observed,
  )
}

/** Nothing is refreshed: credentials run out one after the other, and nobody knows about the bucket. */
export function concludeSuspended(store: ArtifactStore, now: Date): StoreOutcome {
  const facts = keptStatus(store, now)
  const findings = [unknown(CONNECTOR_READY), unknown(BUCKET_REACHABLE), unknown(ACCESS_VERIFIED), keptFinding(facts)]
  return outcome(store, facts, findings, { kind: 'suspended' }, undefined, now)
}

/** A reconcile that takes long says that it is under way; `observedGeneration` stays behind until it ends. */
export function concludeProgress(store: ArtifactStore, now: Date): ArtifactStoreStatus {
  const status = statusOf(store, keptStatus(store, now), [], { kind: 'progressing' }, now)
  const { observedGeneration = -1 } = store.status ?? {}
  return { ...status, observedGeneration }
}

function worstOf({ access, projections, cleanUp }: Observations): Failure | undefined {
  const failures = [access, ...projections.map(({ failure }) => failure), cleanUp].filter(
    failure => failure !== undefined,
  )
  return failures.find(({ intent }) => intent === 'stalled') ?? failures[0]
}

/** Ready holds through trouble that passes, for as long as every consumer has credentials that work. */
function readinessOf(store: ArtifactStore, failure: Failure, now: Date, projections?: Projection[]): Readiness {
  const { conditions, observedGeneration, credentials = [] } = store.status ?? {}
  const served = projections
    ? projections.every(({ expiresAt }) => expiresAt !== undefined)
    : credentials.every(({ expiresAt }) => !expiresAt || Date.parse(expiresAt) > now.getTime())
  const held = isReady(conditions) && observedGeneration === store.metadata.generation && served
  return { kind: failure.intent !== 'stalled' && held ? 'holding' : 'failed', failure }
}

/** What can be said of the steps when the first one failed: while Ready holds, what was last seen. */
function unobserved(failure: Failure, readiness: Readiness, facts: Facts): Finding[] {
  const connector = blamesConnector(failure) ? failed(CONNECTOR_READY, failure) : unknown(CONNECTOR_READY)
  if (readiness.kind === 'holding') return blamesConnector(failure) ? [connector] : []
  return [connector, unknown(BUCKET_REACHABLE), unknown(ACCESS_VERIFIED), keptFinding(facts)]
}

/** Of Secrets that nobody refreshes. */
function keptFinding({ credentials = [], expiresAt }: Facts): Finding {
  if (credentials.length === 0) {
    const message = 'no Secret holds credentials that work'
    return { type: CREDENTIALS_PROJECTED, status: 'False', reason: 'NotProjected', message }
  }
  const until = expiresAt ? ` until ${expiresAt}` : ''
  return passed(CREDENTIALS_PROJECTED, 'NotRefreshed', `credentials work${until}, and are not refreshed`)
}

function findingsOf({ location, principal, verdict, access, projections }: Observations, isHeld: boolean): Finding[] {
  const connector: Finding = passed(CONNECTOR_READY, 'Authenticated', `acting as ${principal}`)
  if (isFailure(verdict)) {
    const accessVerified = isHeld ? [] : [unknown(ACCESS_VERIFIED)]
    return [connector, failed(BUCKET_REACHABLE, verdict), ...accessVerified, projectedFinding(projections)]
  }
  return [
    connector,
    passed(BUCKET_REACHABLE, 'Reachable', `${location.uri} answers`),
    access
      ? failed(ACCESS_VERIFIED, access)
      : passed(ACCESS_VERIFIED, 'PermissionsVerified', 'every required permission is allowed'),
    projectedFinding(projections),
  ]
}

function projectedFinding(projections: Projection[]): Finding {
  if (projections.length === 0) return passed(CREDENTIALS_PROJECTED, 'NoneRequested', 'spec.credentials is empty')
  const missing = projections.filter(({ expiresAt }) => expiresAt === undefined)
  const failure = (missing.length > 0 ? missing : projections).find(projection => projection.failure)?.failure
  const names = missing.map(({ target }) => target.role).join(', ')
  if (missing.length > 0) {
    return failure
      ? failed(CREDENTIALS_PROJECTED, failure)
      : {
          type: CREDENTIALS_PROJECTED,
          status: 'False',
          reason: 'NotVerified',
          message: `no credentials for ${names} before access is verified`,
        }
  }
  if (failure) {
    return passed(
      CREDENTIALS_PROJECTED,
      'RefreshFailing',
      `credentials still work, but their refresh fails: ${failure.message}`,
    )
  }
  const warnings = [...new Set(projections.flatMap(projection => projection.warnings))]
  const secrets = projections.flatMap(({ target }) => target.secretNames).length
  return passed(
    CREDENTIALS_PROJECTED,
    'Projected',
    [`${secrets} ${secrets === 1 ? 'Secret' : 'Secrets'} up to date`, ...warnings].join('; '),
  )
}

const passed = (type: string, reason: string, message: string): Finding => ({ type, status: 'True', reason, message })
const failed = (type: string, { reason, message }: Failure): Finding => ({ type, status: 'False', reason, message })

const unknown = (type: string): Finding => ({
  type,
  status: 'Unknown',
  reason: 'NotObserved',
  message: 'nothing is known before the steps ahead of it work',
})

type Facts = Omit<ArtifactStoreStatus, 'conditions' | 'observedGeneration'>

function observedStatus(store: ArtifactStore, { verdict, projections }: Observations, isHeld: boolean): Facts {
  const last = isHeld ? store.status : undefined
  const known = isFailure(verdict) ? last : verdict.probe
  const credentials = projections.flatMap(({ target, expiresAt }) =>
    expiresAt
      ? target.secretNames.map(secretName => ({
          name: target.role,
          namespace: target.namespace,
          secretName,
          expiresAt: rfc3339(expiresAt),
        }))
      : [],
  )
  return {
    ...(known?.bucket ? { bucket: known.bucket } : {}),
    ...(known?.permissions ? { permissions: known.permissions } : {}),
    ...withExpiry(credentials),
  }
}

function keptStatus(store: ArtifactStore, now: Date): Facts {
  const { bucket, permissions, credentials = [] } = store.status ?? {}
  const alive = credentials.filter(({ expiresAt }) => !expiresAt || Date.parse(expiresAt) > now.getTime())
  return { ...(bucket ? { bucket } : {}), ...(permissions ? { permissions } : {}), ...withExpiry(alive) }
}

function withExpiry(credentials: NonNullable<ArtifactStoreStatus['credentials']>): Facts {
  if (credentials.length === 0) return {}
  const expiresAt = credentials.flatMap(entry => entry.expiresAt ?? []).sort()[0]
  return { credentials, ...(expiresAt ? { expiresAt } : {}) }
}

function statusOf(store: ArtifactStore, facts: Facts, findings: Finding[], readiness: Readiness, now: Date) {
  const observedGeneration = store.metadata.generation ?? 0
  const ready = concludeConditions(store.status?.conditions ?? [], observedGeneration, readiness, now)
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
  failure: Failure | undefined,
  now: Date,
  observed?: Observations,
): StoreOutcome {
  const status = statusOf(store, facts, findings, readiness, now)
  const within = nextLook(status, failure, observed, now)
  return {
    status,
    events: transitionEvents(store.status?.conditions, status.conditions, 'Reconcile'),
    next: failure ?? (within === undefined ? 'await-change' : { after: within }),
    ...(failure && within !== undefined ? { wakeWithin: within } : {}),
  }
}

const SOONEST_MS = 1_000
const SOONEST_TRY_MS = 10_000
/** Secrets of others are not watched, so somebody must look whether one is still in the way. */
const CONFLICT_MS = 30_000

/** The next refresh, probe, try or end of credentials, whichever comes first; ms from now. */
function nextLook(
  { expiresAt }: ArtifactStoreStatus,
  failure: Failure | undefined,
  observed: Observations | undefined,
  now: Date,
): number | undefined {
  const times = [
    ...(observed ? observed.projections.map(projection => nextOf(projection, now)) : []),
    observed && !isFailure(observed.verdict) ? observed.verdict.nextAt : undefined,
    !observed && failure && expiresAt ? tryBefore(new Date(expiresAt), now) : undefined,
    expiresAt ? new Date(Date.parse(expiresAt) + SOONEST_MS) : undefined,
  ].filter(time => time !== undefined)
  if (times.length === 0) return undefined
  return Math.max(SOONEST_MS, Math.min(...times.map(time => time.getTime())) - now.getTime())
}

function nextOf({ failure, refreshAt, expiresAt }: Projection, now: Date): Date | undefined {
  if (!failure) return refreshAt
  if (failure.reason === 'SecretConflict') return new Date(now.getTime() + CONFLICT_MS)
  return expiresAt && tryBefore(expiresAt, now)
}

/** After a third of what is left: nobody can wait slowly for a person while credentials run out. */
function tryBefore(end: Date, now: Date): Date | undefined {
  const left = end.getTime() - now.getTime()
  return left > 0 ? new Date(now.getTime() + Math.max(SOONEST_TRY_MS, left / 3)) : undefined
}
