/** Pure: which credentials a store may no longer have, although they would work for long. */
import { type ArtifactStore, connectorKeyOf } from '../../api/artifact-store.ts'
import type { Failure } from '../../api/failures.ts'
import { keyOf } from '../../api/object.ts'
import { durationMs, MAX_SESSION_DURATION } from '../../api/time.ts'
import { type ProjectedSecret, readStamp } from './projected-secret.ts'
import type { StoreView } from './view.ts'

/** Reasons which say that the connector's owner does not let the store use it, or not for this bucket. */
const REFUSALS: readonly string[] = ['ConnectorNotAllowed', 'ResourceNotAllowed']

/** The longest life of a session: what lives longer is a key or a SAS token that was handed on as it is. */
const LONGEST_MS = durationMs(MAX_SESSION_DURATION)

const outlives = (end: Date | undefined, now: Date): boolean => !end || end.getTime() - now.getTime() > LONGEST_MS

type View = Pick<StoreView, 'connector' | 'secretsOf'>

/** Whether the owner refuses. A connector that is absent refuses nothing: it may be made anew soon, or be misspelt. */
export const isWithdrawn = (store: ArtifactStore, { reason }: Failure, view: Pick<View, 'connector'>): boolean =>
  REFUSALS.includes(reason) && view.connector(connectorKeyOf(store)) !== undefined

/** Secrets to take back. Sessions end by themselves, and a slip of the owner must not break pods that work with one. */
export const withdrawnSecrets = (store: ArtifactStore, view: View, now: Date): ProjectedSecret[] =>
  view.secretsOf(keyOf(store)).filter(secret => outlives(readStamp(secret)?.expiresAt, now))

/** The store, with its status as it is after those Secrets are removed. */
export function withoutWithdrawn(store: ArtifactStore, now: Date): ArtifactStore {
  const { status = {} } = store
  const isGone = (end: string | undefined) => outlives(end ? new Date(end) : undefined, now)
  const credentials = (status.credentials ?? []).filter(({ expiresAt }) => !isGone(expiresAt))
  const { credentialsOmitted: _, ...counted } = status
  // For Secrets that status does not list, the earliest end of all is everything that is known.
  return { ...store, status: { ...(isGone(status.expiresAt) ? counted : status), credentials } }
}
