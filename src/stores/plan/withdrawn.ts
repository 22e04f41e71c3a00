/** Pure: which credentials a store may no longer have, although they would work for long. */
import { type ArtifactStore, connectorKeyOf, parseArtifactStoreSpec } from '../../api/artifact-store.ts'
import { type Failure, isFailure } from '../../api/failures.ts'
import { ROLE_LABEL } from '../../api/names.ts'
import { keyOf } from '../../api/object.ts'
import { durationMs, MAX_SESSION_DURATION } from '../../api/time.ts'
import { handsOnIdentity } from '../../formats/index.ts'
import { isLent, mustTakeBack } from './lending.ts'
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

/**
 * Secrets to take back. Scoped sessions end by themselves, and a slip of the owner must not break pods that work with
 * one. The identity itself ends soon, too, but until then it opens more than was ever lent (docs/adr/0022).
 */
export function withdrawnSecrets(store: ArtifactStore, view: View, now: Date): ProjectedSecret[] {
  const roles = rolesWithIdentity(store)
  return view.secretsOf(keyOf(store)).filter(secret => holdsIdentity(secret, roles) || isCopy(secret, now))
}

/** Secrets with what the connector does not lend, or no longer. Those who keep its allowance keep their sessions. */
export function unlentSecrets(store: ArtifactStore, view: View, now: Date): ProjectedSecret[] {
  const connector = view.connector(connectorKeyOf(store))
  if (!connector) return []
  const roles = rolesWithIdentity(store)
  return view.secretsOf(keyOf(store)).filter(secret => {
    const held = { holdsIdentity: holdsIdentity(secret, roles), isCopy: isCopy(secret, now) }
    return isLent(connector, store, secret.metadata.namespace) && mustTakeBack(connector, held)
  })
}

const isCopy = (secret: ProjectedSecret, now: Date): boolean => outlives(readStamp(secret)?.expiresAt, now)

const holdsIdentity = ({ metadata }: ProjectedSecret, roles: ReadonlySet<string>): boolean =>
  roles.has(metadata.labels?.[ROLE_LABEL] ?? '')

/** Names of the entries whose Secrets hold the connector's identity itself. */
function rolesWithIdentity(store: ArtifactStore): ReadonlySet<string> {
  const spec = parseArtifactStoreSpec(store.spec)
  const entries = isFailure(spec) ? [] : (spec.credentials ?? [])
  return new Set(entries.filter(({ formats }) => handsOnIdentity(formats)).map(({ name }) => name))
}

/** The store with the status that it has once all withdrawn Secrets are gone, whoever removed them. */
export function withoutWithdrawn(store: ArtifactStore, now: Date): ArtifactStore {
  const roles = rolesWithIdentity(store)
  return without(store, ({ name, expiresAt }) => roles.has(name ?? '') || outlives(endOf(expiresAt), now))
}

/** The store with the status that it has once all Secrets are gone that the connector does not lend. */
export function withoutUnlent(store: ArtifactStore, view: Pick<View, 'connector'>, now: Date): ArtifactStore {
  const connector = view.connector(connectorKeyOf(store))
  if (!connector) return store
  const roles = rolesWithIdentity(store)
  return without(store, ({ name, namespace = store.metadata.namespace, expiresAt }) => {
    const held = { holdsIdentity: roles.has(name ?? ''), isCopy: outlives(endOf(expiresAt), now) }
    return isLent(connector, store, namespace) && mustTakeBack(connector, held)
  })
}

type Listed = Partial<NonNullable<NonNullable<ArtifactStore['status']>['credentials']>[number]>

const endOf = (text: string | undefined): Date | undefined => (text ? new Date(text) : undefined)

function without(store: ArtifactStore, isGone: (listed: Listed) => boolean): ArtifactStore {
  const { status } = store
  if (!status) return store
  const { credentials = [], credentialsOmitted, expiresAt, ...rest } = status
  const left = credentials.filter(entry => !isGone(entry))
  // For Secrets that status does not list, the earliest end of all is everything that is known.
  const omitted = credentialsOmitted && !isGone(expiresAt ? { expiresAt } : {}) ? { credentialsOmitted } : {}
  return { ...store, status: { ...rest, ...omitted, ...(expiresAt ? { expiresAt } : {}), credentials: left } }
}
