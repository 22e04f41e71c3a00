/** Pure: what a store's status says besides conditions. */
import { type ArtifactStore, type ArtifactStoreStatus, MAX_LISTED_CREDENTIALS } from '../../api/artifact-store.ts'
import { isFailure } from '../../api/failures.ts'
import { rfc3339 } from '../../api/time.ts'
import { isBeforeRule } from '../../providers/before-rule.ts'
import type { Permission } from '../../providers/provider.ts'
import { type Projection, UNFINISHED } from '../effects/projection.ts'
import { recordedDays } from '../plan/lifecycle-rule.ts'
import { denialOf, reasonIn } from '../plan/permissions.ts'
import { type ConcludedPlan, type Observations, verificationOf } from './observations.ts'

export type Facts = Omit<ArtifactStoreStatus, 'conditions' | 'observedGeneration' | 'lastHandledRequest'>

/** `keepsReady`: Ready and the last observed facts stay, because the failure may pass. */
export function observedFacts(
  store: ArtifactStore,
  plan: ConcludedPlan,
  observed: Observations,
  keepsReady: boolean,
): Facts {
  const { projections } = observed
  const verification = verificationOf(observed)
  const known = isFailure(verification) ? (keepsReady ? store.status : undefined) : verification.probe
  const days = isFailure(verification)
    ? ((mayHaveWritten(observed.bucket) ? plan.bucket.expirationDays : undefined) ?? recordedDays(store))
    : verification.expirationDays
  const bucket = bucketOf(plan, known?.bucket, days)
  const credentials = projections.flatMap(({ target, served, expiresAt }) =>
    served
      ? target.secretNames.map(secretName => ({
          name: target.role,
          namespace: target.namespace,
          secretName,
          ...(expiresAt ? { expiresAt: rfc3339(expiresAt) } : {}),
        }))
      : [],
  )
  const isMade = !projections.some(isToBeMade)
  return {
    ...handledConnectorRequest(isMade ? plan.connectorRequest : store.status?.lastHandledConnectorRequest),
    ...(bucket ? { bucket } : {}),
    ...(known?.permissions
      ? { permissions: known.permissions.map(permission => told(permission, plan, observed.principal)) }
      : {}),
    ...withExpiry(credentials),
    ...usageOf(store, observed.usage?.usage),
  }
}

/**
 * Whether credentials are yet to be made that were asked for. A target that has none, and can't get any, has none that are
 * old: whoever waits for an answer does not wait for it.
 */
const isToBeMade = ({ served, failure }: Projection): boolean =>
  failure !== undefined && (served || failure.reason === UNFINISHED)

const handledConnectorRequest = (
  lastHandledConnectorRequest: string | undefined,
): Pick<Facts, 'lastHandledConnectorRequest'> =>
  lastHandledConnectorRequest === undefined ? {} : { lastHandledConnectorRequest }

/** Whether the failed look may have written the lifecycle rule. */
const mayHaveWritten = (bucket: Observations['bucket']): boolean =>
  'verification' in bucket && isFailure(bucket.verification) && !isBeforeRule(bucket.verification)

/** Facts when nothing could be observed: those that were known, except credentials that have ended. */
export function keptFacts(store: ArtifactStore, now: Date): Facts {
  const { bucket, permissions, credentials = [], credentialsOmitted, expiresAt, defaultInUse } = store.status ?? {}
  const isAlive = (end: string | undefined) => !end || Date.parse(end) > now.getTime()
  const alive = credentials.filter(({ expiresAt }) => isAlive(expiresAt))
  return {
    ...handledConnectorRequest(store.status?.lastHandledConnectorRequest),
    ...(bucket ? { bucket } : {}),
    ...(permissions ? { permissions } : {}),
    ...withExpiry(alive),
    // For Secrets that status does not list, the earliest end of all is everything that is known.
    ...(credentialsOmitted && isAlive(expiresAt) ? { credentialsOmitted, ...(expiresAt ? { expiresAt } : {}) } : {}),
    ...(defaultInUse ? { defaultInUse } : {}),
    ...usageOf(store),
  }
}

type Told = NonNullable<ArtifactStoreStatus['permissions']>[number]

/**
 * A permission as status tells it: of one that is allowed nothing more, and of others no word that is said beside it. What
 * to do is said by conditions.
 */
function told({ action, result, probe, detail }: Permission, { location }: ConcludedPlan, principal: string): Told {
  if (result === 'Allowed') return { action, result }
  const why = reasonIn(detail, denialOf(action, location, principal), `${action}:`)
  return { action, result, ...(probe ? { probe } : {}), ...(why ? { detail: why } : {}) }
}

/** Whether a store asks for its usage. Its spec may not be valid. */
export const asksUsage = ({ spec: { usage } }: ArtifactStore): boolean => (usage?.source ?? 'None') !== 'None'

/** Whether a store asks for credentials. */
export const asksCredentials = ({ spec: { credentials } }: ArtifactStore): boolean =>
  Array.isArray(credentials) && credentials.length > 0

/** `days` are those of the lifecycle rule, which counts as set until it is certain that it is not. */
function bucketOf({ location }: ConcludedPlan, seen: Facts['bucket'], days: number | undefined) {
  if (days === undefined) return seen
  return { ...(seen ?? { name: location.bucket, prefix: location.prefix }), expirationDays: days }
}

function withExpiry(credentials: NonNullable<ArtifactStoreStatus['credentials']>): Facts {
  if (credentials.length === 0) return {}
  const expiresAt = credentials.flatMap(entry => entry.expiresAt ?? []).sort()[0]
  const omitted = credentials.length - MAX_LISTED_CREDENTIALS
  return {
    credentials: credentials.slice(0, MAX_LISTED_CREDENTIALS),
    ...(omitted > 0 ? { credentialsOmitted: omitted } : {}),
    ...(expiresAt ? { expiresAt } : {}),
  }
}

function usageOf(store: ArtifactStore, measured = store.status?.usage): Pick<Facts, 'usage'> {
  return asksUsage(store) && measured ? { usage: measured } : {}
}
