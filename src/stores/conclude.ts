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
    const findings = blamesConnector(observed) ? [failed(CONNECTOR_READY, observed)] : []
    return outcome(store, keptStatus(store, now), findings, readinessOf(store, observed, now), observed, now)
  }
  const failure = worstOf(observed)
  const readiness: Readiness = failure
    ? readinessOf(store, failure, now, observed.projections)
    : {
        kind: 'ready',
        reason: 'Verified',
        message: `${observed.location.uri} is verified and its credentials are projected`,
      }
  return outcome(store, observedStatus(store, observed), findingsOf(observed), readiness, failure, now, observed)
}

/** Nothing is refreshed: credentials run out one after the other, and nobody knows about the bucket. */
export function concludeSuspended(store: ArtifactStore, now: Date): StoreOutcome {
  return outcome(store, keptStatus(store, now), [], { kind: 'suspended' }, undefined, now)
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

function findingsOf({ location, principal, verdict, access, projections }: Observations): Finding[] {
  const connector: Finding = passed(CONNECTOR_READY, 'Authenticated', `acting as ${principal}`)
  if (isFailure(verdict)) return [connector, failed(BUCKET_REACHABLE, verdict), projectedFinding(projections)]
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

type Facts = Omit<ArtifactStoreStatus, 'conditions' | 'observedGeneration'>

function observedStatus(store: ArtifactStore, { verdict, projections }: Observations): Facts {
  const known = isFailure(verdict) ? store.status : verdict.probe
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
  const within = nextLook(status, observed, now)
  return {
    status,
    events: transitionEvents(store.status?.conditions, status.conditions, 'Reconcile'),
    next: failure ?? (within === undefined ? 'await-change' : { after: within }),
    ...(failure && within !== undefined ? { wakeWithin: within } : {}),
  }
}

const SOONEST_MS = 1_000

/** The next refresh, probe or end of credentials, whichever comes first; ms from now. */
function nextLook(status: ArtifactStoreStatus, observed: Observations | undefined, now: Date): number | undefined {
  const times = [
    ...(observed?.projections.flatMap(projection => (projection.failure ? [] : (projection.refreshAt ?? []))) ?? []),
    ...(observed && !isFailure(observed.verdict) ? [observed.verdict.nextAt] : []),
    ...(status.expiresAt ? [new Date(Date.parse(status.expiresAt) + SOONEST_MS)] : []),
  ]
  if (times.length === 0) return undefined
  return Math.max(SOONEST_MS, Math.min(...times.map(time => time.getTime())) - now.getTime())
}
