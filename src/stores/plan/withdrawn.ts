/** Pure: which credentials a store may no longer have, although they would work for long. */
import { type ArtifactStore, connectorKeyOf } from '../../api/artifact-store.ts'
import { isFailure } from '../../api/failures.ts'
import { ROLE_LABEL } from '../../api/names.ts'
import { keyOf, objectKey } from '../../api/object.ts'
import { durationMs, MAX_SESSION_DURATION } from '../../api/time.ts'
import { handsOnIdentity } from '../../formats/index.ts'
import { checkedSpec } from './checked-spec.ts'
import { isLent, mustTakeBack } from './lending.ts'
import { type Holding, type ProjectedSecret, readStamp } from './projected-secret.ts'
import type { StoreView } from './view.ts'

/** How far the clock of a service may be ahead of ours. */
const CLOCKS_MS = 5 * 60_000
/** The longest life of a session: what lives longer is a key or a SAS token that was handed on as it is. */
const LONGEST_MS = durationMs(MAX_SESSION_DURATION) + CLOCKS_MS

const outlives = (end: Date | undefined, now: Date): boolean => !end || end.getTime() - now.getTime() > LONGEST_MS

type View = Pick<StoreView, 'connector' | 'secretsOf'>

/**
 * Secrets to take back when the owner refuses. Scoped sessions end by themselves, and a slip of the owner must not break
 * pods that work with one. What opens more than bucket and prefix may end soon, too, but not soon enough
 * (docs/adr/0022).
 */
export function withdrawnSecrets(store: ArtifactStore, view: View, now: Date): ProjectedSecret[] {
  const roles = rolesWithIdentity(store)
  return view
    .secretsOf(keyOf(store))
    .filter(secret => isWide(heldBy(secret, roles, now)) || outlives(readStamp(secret)?.expiresAt, now))
}

/** Secrets with what the connector does not lend, or no longer. Those who keep its allowance keep their sessions. */
export function unlentSecrets(store: ArtifactStore, view: View, now: Date): ProjectedSecret[] {
  const connector = view.connector(connectorKeyOf(store))
  if (!connector) return []
  const roles = rolesWithIdentity(store)
  return view
    .secretsOf(keyOf(store))
    .filter(
      secret =>
        isLent(connector, store, secret.metadata.namespace) && mustTakeBack(connector, heldBy(secret, roles, now)),
    )
}

const isWide = (holds: readonly Holding[]): boolean => holds.some(holding => holding !== 'Scoped')

/** What was granted, as the stamp says. The stamps of earlier versions say nothing of it: it is guessed then. */
function heldBy(secret: ProjectedSecret, roles: ReadonlySet<string>, now: Date): readonly Holding[] {
  const stamp = readStamp(secret)
  return stamp?.holds ?? guess(roles.has(secret.metadata.labels?.[ROLE_LABEL] ?? ''), stamp?.expiresAt, now)
}

/** Takes for a copy what outlives every session. */
const guess = (isIdentity: boolean, end: Date | undefined, now: Date): Holding[] => [
  ...(isIdentity ? (['Identity'] as const) : []),
  ...(outlives(end, now) ? (['Unnarrowed'] as const) : []),
]

/** Names of the entries whose Secrets hold the connector's identity itself. */
function rolesWithIdentity(store: ArtifactStore): ReadonlySet<string> {
  const spec = checkedSpec(store.spec)
  const entries = isFailure(spec) ? [] : (spec.credentials ?? [])
  return new Set(entries.filter(({ formats }) => handsOnIdentity(formats)).map(({ name }) => name))
}

/** What is known of a store's Secrets after a removal: those that are gone by it, and those that are left. */
interface Remains {
  removed: Iterable<ProjectedSecret>
  left: Iterable<ProjectedSecret>
}

/** The store with the status that it has once all withdrawn Secrets are gone, whoever removed them. */
export function withoutWithdrawn(store: ArtifactStore, remains: Remains, now: Date): ArtifactStore {
  const roles = rolesWithIdentity(store)
  return without(store, remains, ({ name, expiresAt }) => isWide(guess(roles.has(name ?? ''), endOf(expiresAt), now)))
}

/** The store with the status that it has once all Secrets are gone that the connector does not lend. */
export function withoutUnlent(
  store: ArtifactStore,
  remains: Remains,
  view: Pick<View, 'connector'>,
  now: Date,
): ArtifactStore {
  const connector = view.connector(connectorKeyOf(store))
  const roles = rolesWithIdentity(store)
  return without(store, remains, ({ name, namespace = store.metadata.namespace, expiresAt }) => {
    const holds = guess(roles.has(name ?? ''), endOf(expiresAt), now)
    return connector !== undefined && isLent(connector, store, namespace) && mustTakeBack(connector, holds)
  })
}

type Listed = Partial<NonNullable<NonNullable<ArtifactStore['status']>['credentials']>[number]>

const endOf = (text: string | undefined): Date | undefined => (text ? new Date(text) : undefined)

/** `isTaken` guesses, for entries whose Secrets are not known: an earlier reconcile may have removed them. */
function without(
  store: ArtifactStore,
  { removed, left }: Remains,
  isTaken: (listed: Listed) => boolean,
): ArtifactStore {
  const { status } = store
  if (!status) return store
  const { credentials = [], credentialsOmitted, expiresAt, ...rest } = status
  const [gone, there] = [removed, left].map(secrets => new Set([...secrets].map(keyOf)))
  const listed = credentials.filter(entry => {
    const key = objectKey(entry.namespace ?? store.metadata.namespace, entry.secretName)
    return !gone?.has(key) && (there?.has(key) || !isTaken(entry))
  })
  // For Secrets that status does not list, the earliest end of all is everything that is known.
  const omitted = credentialsOmitted && !isTaken(expiresAt ? { expiresAt } : {}) ? { credentialsOmitted } : {}
  return { ...store, status: { ...rest, ...omitted, ...(expiresAt ? { expiresAt } : {}), credentials: listed } }
}
