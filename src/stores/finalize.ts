/**
 * The end of a store: its Secrets in other namespaces and its lifecycle rule are removed, and then its finalizer, which
 * never waits for long (docs/adr/0008). Buckets and objects stay.
 */
import type { ArtifactStore, ArtifactStoreStatus } from '../api/artifact-store.ts'
import { type Failure, isFailure, transient, waiting } from '../api/failures.ts'
import { keyOf } from '../api/object.ts'
import { parseStoreUri } from '../api/uri.ts'
import { withDeadline } from '../async/deadline.ts'
import type { Prepared, SharedSession } from '../providers/provider.ts'
import type { EventRecord, Outcome } from '../runtime/outcome.ts'
import { describeError } from '../telemetry/redact.ts'
import { bucketPrepared, concludeUnobserved } from './conclude/conclude.ts'
import type { StoreContext } from './context.ts'
import { openForStore } from './effects/open-for-store.ts'
import { UNFINISHED } from './effects/projection.ts'
import { removeSecrets } from './effects/removal.ts'
import { hasLostConnector, planConnection } from './plan/connection.ts'
import { mayHaveRule } from './plan/deletion.ts'
import { recordedDays, ruleIdOf, rulesOf, withoutRule } from './plan/lifecycle-rule.ts'
import { locationOf } from './plan/location.ts'
import { secretsElsewhere } from './plan/targets.ts'

/** How long removals are tried: a service or connector that is gone must not block a namespace (docs/adr/0008). */
const GIVE_UP_MS = 120_000
const TRY_EVERY_MS = 10_000
/** The time after a turn that removed some of many Secrets. */
const GO_ON_MS = 1_000
const DEADLINE_MS = 30_000

export async function finalize(
  store: ArtifactStore,
  context: StoreContext,
  signal: AbortSignal,
): Promise<Outcome<ArtifactStoreStatus>> {
  const kept = await removeElsewhere(store, context, signal)
  const removed = mayHaveRule(store) ? await removeRule(store, context, signal) : unchanged
  const now = context.now()
  const obstacle = kept ? notRevoked(store, kept) : isFailure(removed) ? notRemoved(store, removed, context) : undefined
  if (obstacle) {
    const left = kept || recordedDays(store) !== undefined ? mayTryFor(store, context) : 0
    if (left > 0) {
      const { status, events = [] } = concludeUnobserved(store, obstacle, { now })
      const pause = kept?.reason === UNFINISHED ? GO_ON_MS : TRY_EVERY_MS
      return { ...(status ? { status } : {}), events, next: { after: Math.min(pause, left) } }
    }
  }
  const failure = await context.finalizer.remove(store, signal)
  if (failure) return concludeUnobserved(store, failure, { now })
  const events = [
    ...eventsOf(store, removed, context),
    ...(kept ? [leftBehind('SecretsLeftBehind', secretsLeft(kept))] : []),
  ]
  for (const { type, message } of events) if (type === 'Warning') context.log.warn({ key: keyOf(store) }, message)
  return { events: events.map(event => lasting(event, store, context)), next: 'await-change' }
}

/** A warning that outlives the namespace, which accepts no more events while it is being deleted. */
const lasting = (event: EventRecord, { metadata }: ArtifactStore, { view }: StoreContext): EventRecord =>
  event.type === 'Warning' && view.isTerminating(metadata.namespace ?? '') ? { ...event, about: 'Namespace' } : event

/**
 * Removes the Secrets in other namespaces. Those in the store's own namespace go by their owner reference
 * (docs/adr/0014). A bug counts as a Failure, too: it must not block the deletion either.
 */
async function removeElsewhere(
  store: ArtifactStore,
  context: StoreContext,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  try {
    return (await removeSecrets(secretsElsewhere(store, context.view), context, signal)).failure
  } catch (error) {
    if (signal.aborted) throw error
    return transient('SecretsNotRemoved', describeError(error))
  }
}

const unchanged: Prepared = { kind: 'prepared', changes: [] }

/**
 * Removes the lifecycle rule. A connector that does not work, or no longer lends the bucket, is a Failure. So is a bug:
 * it must not block the deletion either.
 */
async function removeRule(
  store: ArtifactStore,
  context: StoreContext,
  signal: AbortSignal,
): Promise<Prepared | Failure> {
  try {
    const uri = parseStoreUri(store.spec.path)
    if (isFailure(uri)) return uri
    const replan = () => planConnection(store, uri, context.view, context.providers)
    const request = withoutRule({ location: locationOf(uri), ...rulesOf(store, context.view) })
    const prepared = await withDeadline(DEADLINE_MS, signal, async within => {
      const opened = await openForStore(store, replan, context, within)
      const session = isFailure(opened) ? (keptSession(store, context) ?? opened) : opened.session
      if (isFailure(session)) return session
      const prepared = await session.prepare(request, within)
      if (isFailure(opened)) session.close()
      return prepared
    })
    // A bucket that does not exist has no rule.
    return isFailure(prepared) && prepared.reason === 'BucketNotFound' ? unchanged : prepared
  } catch (error) {
    if (signal.aborted) throw error
    return transient('RuleNotRemoved', describeError(error))
  }
}

/** The last session of a store whose connector, or what that names, was deleted before it, as with their namespace. */
function keptSession(
  store: ArtifactStore,
  { kept, view, providers, ...clocks }: StoreContext,
): SharedSession | undefined {
  if (!hasLostConnector(store, view, providers)) return undefined
  return kept.get(store.metadata.uid, { now: clocks.now(), monotonic: clocks.monotonic() })
}

/**
 * Time left for more attempts, in ms. It runs from the first attempt of this process. A namespace that is being deleted
 * gets one attempt only (docs/adr/0008).
 */
function mayTryFor(
  { metadata: { uid, namespace } }: ArtifactStore,
  { view, removals, monotonic }: StoreContext,
): number {
  if (view.isTerminating(namespace ?? '')) return 0
  const now = monotonic()
  const since = removals.get(uid) ?? now
  removals.set(uid, since)
  return since + GIVE_UP_MS - now
}

const ruleOf = (store: ArtifactStore, { view }: StoreContext): string =>
  `lifecycle rule "${ruleIdOf(store, view)}" of ${store.spec.path}`

const WAITS = `the deletion waits, for ${GIVE_UP_MS / 60_000} minutes at most, to remove`

const notRemoved = (store: ArtifactStore, { message }: Failure, context: StoreContext): Failure =>
  waiting('RuleNotRemoved', `${WAITS} ${ruleOf(store, context)}: ${message}`)

const notRevoked = ({ metadata: { namespace } }: ArtifactStore, { message }: Failure): Failure =>
  waiting('SecretsNotRemoved', `${WAITS} Secrets outside of namespace "${namespace}": ${message}`)

const secretsLeft = ({ message }: Failure): string =>
  `Secrets in other namespaces are left behind; the operator removes them when it can: ${message}`

function eventsOf(store: ArtifactStore, removed: Prepared | Failure, context: StoreContext): EventRecord[] {
  if (!isFailure(removed)) return removed.changes.length > 0 ? [bucketPrepared(store.spec.path, removed.changes)] : []
  const rule = ruleOf(store, context)
  const left =
    recordedDays(store) === undefined ? 'may be left behind: if it is there, remove it' : 'is left behind: remove it'
  return [leftBehind('RuleLeftBehind', `${rule} ${left} by hand: ${removed.message}`)]
}

const leftBehind = (reason: string, message: string): EventRecord => ({
  type: 'Warning',
  reason,
  action: 'Finalize',
  message,
})
