/** Pure: what a store may no longer have, and would have for long. */
import type { ArtifactStore } from '../api/artifact-store.ts'
import type { Failure } from '../api/failures.ts'
import { keyOf } from '../api/object.ts'
import { type ProjectedSecret, readStamp } from './projected.ts'
import type { StoreView } from './view.ts'

/** The connector's owner does not let the store use it, or not for this bucket. */
const REFUSALS: readonly string[] = ['ConnectorNotAllowed', 'ResourceNotAllowed']

/** The longest session. Whatever lives longer is a key or a SAS token that was handed on as it is. */
const LONGEST_MS = 12 * 3_600_000

const outlives = (end: Date | undefined, now: Date): boolean => !end || end.getTime() - now.getTime() > LONGEST_MS

/** Sessions end by themselves, and a slip of the owner must not break who works with one. */
export const withdrawnSecrets = (
  store: ArtifactStore,
  { reason }: Failure,
  view: Pick<StoreView, 'secretsOf'>,
  now: Date,
): ProjectedSecret[] =>
  REFUSALS.includes(reason)
    ? view.secretsOf(keyOf(store)).filter(secret => outlives(readStamp(secret)?.expiresAt, now))
    : []

/** As its status has it once they are gone, whoever removed them. */
export function withoutWithdrawn(store: ArtifactStore, { reason }: Failure, now: Date): ArtifactStore {
  const { status = {} } = store
  if (!REFUSALS.includes(reason)) return store
  const isWithdrawn = (end: string | undefined) => outlives(end ? new Date(end) : undefined, now)
  const credentials = (status.credentials ?? []).filter(({ expiresAt }) => !isWithdrawn(expiresAt))
  const { credentialsOmitted: _, ...counted } = status
  // Of those that are not listed, the first end is all that is known.
  return { ...store, status: { ...(isWithdrawn(status.expiresAt) ? counted : status), credentials } }
}
