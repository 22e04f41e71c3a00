/** Reconcile an ArtifactStore: make its bucket what it should be, verify it and keep its credentials fresh. */
import type { ArtifactStore, ArtifactStoreStatus } from '../api/artifact-store.ts'
import { type Failure, isFailure } from '../api/failures.ts'
import { keyOf } from '../api/object.ts'
import { inTurns } from '../async/in-turns.ts'
import { planWithLookUp } from '../connectors/look-up.ts'
import type { SharedSession } from '../providers/provider.ts'
import { isRejection } from '../providers/rejection.ts'
import { jitterFor } from '../runtime/backoff.ts'
import type { Outcome } from '../runtime/outcome.ts'
import { conclude, concludeSuspended } from './conclude/conclude.ts'
import type { Observations } from './conclude/observations.ts'
import type { StoreContext } from './context.ts'
import { type Measured, measure } from './effects/measure.ts'
import { type Projection, project } from './effects/project.ts'
import { judgePermissions, type Look, verify } from './effects/verify.ts'
import { finalize } from './finalize.ts'
import { sessionFailed } from './plan/connection.ts'
import { defaultConflict } from './plan/default-store.ts'
import { deletionHeld, hasFinalizer, needsFinalizer } from './plan/deletion.ts'
import { planStore, type StorePlan } from './plan/plan.ts'
import { firstWarning } from './plan/projected-secret.ts'
import { obsoleteSecrets } from './plan/targets.ts'
import { isWithdrawn, withdrawnSecrets, withoutWithdrawn } from './plan/withdrawn.ts'

type StoreOutcome = Outcome<ArtifactStoreStatus>

/** Secrets of a store that are worked on at a time. */
const AT_ONCE = 8
/** Of the minute that a reconcile has: a store with a thousand namespaces goes on in the next. */
const GRANTS_MS = 15_000

export async function reconcileStore(
  store: ArtifactStore,
  context: StoreContext,
  signal: AbortSignal,
): Promise<StoreOutcome> {
  const isGoing = store.metadata.deletionTimestamp !== undefined
  if (isGoing && !hasFinalizer(store)) return { next: 'await-change' }
  const held = isGoing ? deletionHeld(store, context.view) : undefined
  if (isGoing && !held) return finalize(store, context, signal)

  // Before there is something to clean up.
  const { view } = context
  const guarded =
    needsFinalizer(store, view) && !hasFinalizer(store) ? await context.finalizer.add(store, signal) : store
  const outcome = await reconcileLiving(store, isFailure(guarded) ? guarded : undefined, held, context, signal)
  if (isFailure(guarded) || !outcome.status || !hasFinalizer(guarded)) return outcome
  // A failure is no matter: the next look tries again, and so does a deletion.
  if (!needsFinalizer({ ...guarded, status: outcome.status }, view)) await context.finalizer.remove(guarded, signal)
  return outcome
}

/** `unguarded`: there is no finalizer although there must be one. `held`: what the store's deletion waits for. */
async function reconcileLiving(
  store: ArtifactStore,
  unguarded: Failure | undefined,
  held: Failure | undefined,
  context: StoreContext,
  signal: AbortSignal,
): Promise<StoreOutcome> {
  if (store.spec.suspend) {
    const obstacle = held ?? unguarded
    return obstacle ? conclude(store, obstacle, context.clock()) : concludeSuspended(store, context.clock())
  }
  // Revoking needs no connector.
  const cleanUp = await removeObsolete(store, context, signal)
  const conflict = defaultConflict(store, context.view)
  const observed = await observe(store, unguarded, conflict, context, signal)
  const objection = held ?? conflict
  if (isFailure(observed)) return takeBack(store, observed, objection, context, signal)
  const warnAt = firstWarning(context.view.secretsOf(keyOf(store)))
  return conclude(store, { ...observed, cleanUp }, context.clock(), objection, warnAt)
}

/** Nothing could be observed: Secrets stay, but for those that the store may no longer have. */
async function takeBack(
  store: ArtifactStore,
  failure: Failure,
  objection: Failure | undefined,
  { view, writer, clock }: StoreContext,
  signal: AbortSignal,
): Promise<StoreOutcome> {
  const now = clock()
  const isRefused = isWithdrawn(store, failure, view)
  const secrets = isRefused ? withdrawnSecrets(store, view, now) : []
  const failures = await inTurns(secrets, AT_ONCE, secret => writer.remove(secret, signal))
  const warnAt = firstWarning(view.secretsOf(keyOf(store)))
  const unremoved = failures.find(failed => failed !== undefined)
  if (unremoved) return conclude(store, unremoved, now, objection ?? failure, warnAt)
  return conclude(isRefused ? withoutWithdrawn(store, now) : store, failure, now, objection, warnAt)
}

async function observe(
  store: ArtifactStore,
  unguarded: Failure | undefined,
  conflict: Failure | undefined,
  context: StoreContext,
  signal: AbortSignal,
): Promise<Omit<Observations, 'cleanUp'> | Failure> {
  const replan = () => planStore(store, context.view, context.providers)
  const { plan } = await planWithLookUp(replan, context.lookUp, signal)
  if (isFailure(plan)) return plan
  const { connector, cautions } = plan.identity
  const session = await context.sessions.get(plan.identity, signal)
  if (isFailure(session)) return sessionFailed(connector, session)

  const { principal } = session
  const { verdict, isNew, changes }: Look = unguarded
    ? { verdict: unguarded, isNew: false, changes: [] }
    : await verify(store, plan, session, { ...context, secret: context.view.secret }, signal)
  if (isFailure(verdict) && isRejection(verdict)) return sessionFailed(connector, verdict)
  const access = isFailure(verdict) ? verdict : judgePermissions(plan, verdict.probe.permissions, principal)
  const projections = await projectAll(store, plan, session, !access && !conflict, context, signal)
  const usage = access ? undefined : await measureUsage(store, plan, session, !isNew, context, signal)
  const { location, bucket, unmatched } = plan
  return { location, principal, cautions, bucket, verdict, changes, access, projections, unmatched, usage }
}

/** Targets fail one by one: a conflict on one Secret must not let another expire. */
function projectAll(
  store: ArtifactStore,
  plan: StorePlan,
  session: SharedSession,
  admits: boolean,
  { view, writer, repairs, clock }: StoreContext,
  signal: AbortSignal,
): Promise<Projection[]> {
  const { targets } = plan
  const now = clock().getTime()
  const context = { secret: view.secret, writer, repairs, clock, until: new Date(now + GRANTS_MS) }
  // Each time with another one: those that fail must not use up the time of all behind them.
  const first = Math.floor(jitterFor(`${store.metadata.uid}${now}`, targets.length / 2, 1))
  return inTurns(targets, AT_ONCE, target => project(store, plan, target, session, admits, context, signal), first)
}

async function measureUsage(
  store: ArtifactStore,
  plan: StorePlan,
  session: SharedSession,
  mayCall: boolean,
  context: StoreContext,
  signal: AbortSignal,
): Promise<Measured | undefined> {
  const { usage } = plan
  if (usage) return measure(store, { ...plan, usage }, session, mayCall, context, signal)
  context.measurements.delete(store.metadata.uid)
  return undefined
}

async function removeObsolete(
  store: ArtifactStore,
  { view, writer }: StoreContext,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const failures = await inTurns(obsoleteSecrets(store, view), AT_ONCE, secret => writer.remove(secret, signal))
  return failures.find(failure => failure !== undefined)
}
