/** Pure: when a store is looked at again. */
import type { ArtifactStoreStatus } from '../../api/artifact-store.ts'
import { type Failure, type Intent, isFailure } from '../../api/failures.ts'
import { type Projection, UNFINISHED } from '../effects/projection.ts'
import { type Observations, verificationOf } from './observations.ts'

const SOONEST_MS = 1_000
const SOONEST_TRY_MS = 10_000
/** Time to the next look at a Secret in the way: the operator does not watch Secrets of others. */
const CONFLICT_MS = 30_000
/** Time to the next turn when this one wrote nothing: a store must not keep a worker busy that others wait for. */
const FUTILE_MS = 60_000

/** What decides when to look again. */
export interface Reasons {
  /** Absent when nothing could be observed. */
  observed?: Observations | undefined
  /** The failure after which the store is tried again. */
  retry?: Failure | undefined
  /** When people are told that credentials are about to end. */
  warnOfExpiryAt?: Date | undefined
  /** Why Secrets are still there that the store may no longer have. */
  revocation?: Failure | undefined
}

/** Time to the next refresh, probe, measurement, try or end of credentials, whichever comes first, in ms. */
export function nextLook(
  { expiresAt }: Pick<ArtifactStoreStatus, 'expiresAt'>,
  { observed, retry, warnOfExpiryAt, revocation }: Reasons,
  now: Date,
): number | undefined {
  const projections = observed?.projections ?? []
  const verification = observed && verificationOf(observed)
  const goOn = projections.some(({ isWritten }) => isWritten) ? now : new Date(now.getTime() + FUTILE_MS)
  const times = [
    ...projections.map(projection => nextOf(projection, now, goOn)),
    verification && !isFailure(verification) ? verification.nextAt : undefined,
    observed?.usage?.nextAt,
    // The turn before has removed something, so this comes to an end.
    revocation?.reason === UNFINISHED ? now : undefined,
    !observed && retry && expiresAt ? tryBefore(new Date(expiresAt), now) : undefined,
    expiresAt ? new Date(Date.parse(expiresAt) + SOONEST_MS) : undefined,
    warnOfExpiryAt && warnOfExpiryAt > now ? warnOfExpiryAt : undefined,
  ].filter(time => time !== undefined)
  if (times.length === 0) return undefined
  return Math.max(SOONEST_MS, Math.min(...times.map(time => time.getTime())) - now.getTime())
}

/** The failure that is tried again first: trouble that may pass must not wait for a person. */
export const soonestOf = (failures: Failure[]): Failure | undefined =>
  (['transient', 'waiting', 'stalled'] satisfies Intent[])
    .map(wanted => failures.find(({ intent }) => intent === wanted))
    .find(failure => failure !== undefined)

function nextOf({ failure, refreshAt, expiresAt }: Projection, now: Date, goOn: Date): Date | undefined {
  if (!failure) return refreshAt
  if (failure.reason === UNFINISHED) return goOn
  if (failure.reason === 'SecretConflict') return new Date(now.getTime() + CONFLICT_MS)
  return expiresAt && tryBefore(expiresAt, now)
}

/** A third of the time that is left: a store must not wait long for a person while its credentials run out. */
function tryBefore(end: Date, now: Date): Date | undefined {
  const left = end.getTime() - now.getTime()
  return left > 0 ? new Date(now.getTime() + Math.max(SOONEST_TRY_MS, left / 3)) : undefined
}
