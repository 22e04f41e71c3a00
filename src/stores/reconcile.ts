/** Reconcile an ArtifactStore: make its bucket what it should be, verify it and keep its credentials fresh. */
import type { ArtifactStore, ArtifactStoreStatus } from '../api/artifact-store.ts'
import { type Failure, isFailure } from '../api/failures.ts'
import { keyOf } from '../api/object.ts'
import { inTurns } from '../async/in-turns.ts'
import { planWithLookUp } from '../connectors/look-up.ts'
import { isRejection } from '../providers/rejection.ts'
import { jitterFor } from '../runtime/backoff.ts'
import type { Outcome } from '../runtime/outcome.ts'
import { conclude, concludeSuspended, concludeUnobserved } from './conclude/conclude.ts'
import { type Observations, verificationOf } from './conclude/observations.ts'
import type { StoreContext } from './context.ts'
import { discreetSession, withoutDetails } from './effects/discreet-session.ts'
import { type Measured, measure } from './effects/measure.ts'
import { project } from './effects/project.ts'
import type { Projection } from './effects/projection.ts'
import { verify } from './effects/verify.ts'
import type { Work } from './effects/work.ts'
import { finalize } from './finalize.ts'
import { sessionFailed } from './plan/connection.ts'
import { defaultConflict } from './plan/default-store.ts'
import { deletionBlockOf, hasFinalizer, needsFinalizer } from './plan/deletion.ts'
import { judgePermissions } from './plan/permissions.ts'
import { planStore, type StorePlan } from './plan/plan.ts'
import { earliest, firstWarning, type ProjectedSecret } from './plan/projected-secret.ts'
import { obsoleteSecrets } from './plan/targets.ts'
import { isWithdrawn, unlentSecrets, withdrawnSecrets, withoutUnlent, withoutWithdrawn } from './plan/withdrawn.ts'

type StoreOutcome = Outcome<ArtifactStoreStatus>

/** Number of a store's Secrets that are worked on at the same time. */
const AT_ONCE = 8
/** Time for grants, of the minute that a reconcile has: a store with a thousand namespaces goes on in the next one. */
const GRANTS_MS = 15_000

export async function reconcileStore(
  store: ArtifactStore,
  context: StoreContext,
  signal: AbortSignal,
): Promise<StoreOutcome> {
  const isGoing = store.metadata.deletionTimestamp !== undefined
  if (isGoing && !hasFinalizer(store)) return { next: 'await-change' }
  const deletionBlock = isGoing ? deletionBlockOf(store, context.view) : undefined
  if (isGoing && !deletionBlock) return finalize(store, context, signal)

  // The finalizer is there before anything that it must undo, and only on stores that need it (docs/adr/0008).
  const { view } = context
  const written =
    needsFinalizer(store, view) && !hasFinalizer(store) ? await context.finalizer.add(store, signal) : store
  const obstacles = { deletionBlock, finalizerFailure: isFailure(written) ? written : undefined }
  const outcome = await reconcileLiving(store, obstacles, context, signal)
  if (isFailure(written) || !outcome.status || !hasFinalizer(written)) return outcome
  // A finalizer that could not be removed does no harm: the next reconcile tries again, and so does a deletion.
  if (!needsFinalizer({ ...written, status: outcome.status }, view)) await context.finalizer.remove(written, signal)
  return outcome
}

/** What is wrong with a store before anybody looks at its connector and its bucket. */
interface Obstacles {
  /** Why its deletion must wait. */
  deletionBlock: Failure | undefined
  /** Why it has no finalizer although it must have one. */
  finalizerFailure: Failure | undefined
  /** Why it can't be the default store that it wants to be. */
  conflict?: Failure | undefined
}

async function reconcileLiving(
  store: ArtifactStore,
  obstacles: Obstacles,
  context: StoreContext,
  signal: AbortSignal,
): Promise<StoreOutcome> {
  const { deletionBlock, finalizerFailure } = obstacles
  if (store.spec.suspend) {
    const obstacle = deletionBlock ?? finalizerFailure
    const now = context.now()
    return obstacle ? concludeUnobserved(store, obstacle, { now }) : concludeSuspended(store, now)
  }
  // What the store may not have is removed first: that needs no connector that works.
  const unwanted = [...obsoleteSecrets(store, context.view), ...unlentSecrets(store, context.view, context.now())]
  const { removed, failure: revocation } = await removeAll([...new Set(unwanted)], context, signal)
  const conflict = defaultConflict(store, context.view)
  const blocked = deletionBlock ?? conflict
  const observed = await observe(store, { ...obstacles, conflict }, withoutSecrets(context, removed), signal)
  if (isFailure(observed)) {
    return takeBack(store, { failure: observed, specFailure: blocked, revocation, gone: removed }, context, signal)
  }
  const { plan, ...seen } = observed
  const specFailure = blocked ?? plan.bucketRefused
  const warnOfExpiryAt = earliest(seen.projections.map(projection => projection.warnOfExpiryAt))
  return conclude(store, plan, { ...seen, revocation }, { now: context.now(), specFailure, warnOfExpiryAt })
}

interface Unobserved {
  failure: Failure
  specFailure: Failure | undefined
  /** Why Secrets that the store may not have are still there. */
  revocation: Failure | undefined
  /** Secrets that were removed already. */
  gone: ReadonlySet<ProjectedSecret>
}

/** Concludes when nothing could be observed: Secrets stay, except for those that the store may no longer have. */
async function takeBack(
  store: ArtifactStore,
  { failure, specFailure, revocation, gone }: Unobserved,
  context: StoreContext,
  signal: AbortSignal,
): Promise<StoreOutcome> {
  const { view } = context
  const now = context.now()
  const isRefused = isWithdrawn(store, failure, view)
  const all = view.secretsOf(keyOf(store)).filter(secret => !gone.has(secret))
  const { removed, failure: kept } = await removeAll(
    isRefused ? withdrawnSecrets(store, view, now).filter(secret => !gone.has(secret)) : [],
    context,
    signal,
  )
  const warnOfExpiryAt = firstWarning(all.filter(secret => !removed.has(secret)))
  const unremoved = revocation ?? kept
  if (unremoved) {
    return concludeUnobserved(store, unremoved, { now, specFailure: specFailure ?? failure, warnOfExpiryAt })
  }
  const left = isRefused ? withoutWithdrawn(store, now) : withoutUnlent(store, view, now)
  return concludeUnobserved(left, failure, { now, specFailure, warnOfExpiryAt })
}

type Observed = Omit<Observations, 'revocation'> & { plan: StorePlan }

async function observe(
  store: ArtifactStore,
  { finalizerFailure, conflict }: Obstacles,
  context: StoreContext,
  signal: AbortSignal,
): Promise<Observed | Failure> {
  const replan = () => planStore(store, context.view, context.providers)
  const { plan } = await planWithLookUp(replan, discreetLookUp(store, context.lookUp), signal)
  if (isFailure(plan)) return plan
  const { identity, isBorrowed } = plan
  const open = () => context.sessions.get(identity, signal, keyOf(store))
  const lender = { connector: identity.connector, log: context.log }
  const opened = await (isBorrowed ? withoutDetails(open, lender, signal) : open())
  if (isFailure(opened)) return sessionFailed(identity.connector, opened, isBorrowed)
  const session = isBorrowed ? discreetSession(opened, identity, context.log) : opened

  const work = { store, plan, session }
  const { principal } = session
  const {
    isNew = false,
    changes = [],
    ...bucket
  } = finalizerFailure ? { finalizerFailure } : await verify(work, { ...context, secret: context.view.secret }, signal)
  const verification = verificationOf({ bucket })
  if (isFailure(verification) && isRejection(verification))
    return sessionFailed(identity.connector, verification, isBorrowed)
  const access = isFailure(verification)
    ? verification
    : judgePermissions(plan, verification.probe.permissions, principal)
  const projections = await projectAll(work, !access && !conflict && !plan.bucketRefused, context, signal)
  const usage = access ? undefined : await measureUsage(work, !isNew, context, signal)
  return { plan, principal, bucket, changes, access, projections, usage }
}

/** What a look-up says of an object in another namespace stays there. */
function discreetLookUp({ metadata }: ArtifactStore, lookUp: StoreContext['lookUp']): StoreContext['lookUp'] {
  return async (missing, signal) => {
    const presence = await lookUp(missing, signal)
    if (!isFailure(presence) || missing.namespace === metadata.namespace) return presence
    return { ...presence, message: 'an object of the connector could not be read; it is tried again' }
  }
}

/** Projects the targets independently of each other: a conflict on one Secret must not let another one expire. */
function projectAll(
  work: Work,
  mayCreate: boolean,
  { view, writer, repairs, now }: StoreContext,
  signal: AbortSignal,
): Promise<Projection[]> {
  const { targets } = work.plan
  const start = now().getTime()
  const context = { secret: view.secret, writer, repairs, now, until: new Date(start + GRANTS_MS), mayCreate }
  // Each reconcile starts with another target: those that fail must not use up the time of all behind them.
  const first = Math.floor(jitterFor(`${work.store.metadata.uid}${start}`, targets.length / 2, 1))
  return inTurns(targets, AT_ONCE, target => project(work, target, context, signal), first)
}

async function measureUsage(
  { store, plan, session }: Work,
  mayCall: boolean,
  context: StoreContext,
  signal: AbortSignal,
): Promise<Measured | undefined> {
  const { usage } = plan
  if (usage) return measure({ store, plan: { ...plan, usage }, session }, mayCall, context, signal)
  context.measurements.delete(store.metadata.uid)
  return undefined
}

/** The context without Secrets that were just removed: the cache may still have them. */
function withoutSecrets(context: StoreContext, removed: ReadonlySet<ProjectedSecret>): StoreContext {
  const { view } = context
  const secret: typeof view.secret = key => {
    const found = view.secret(key)
    return found && removed.has(found) ? undefined : found
  }
  return removed.size > 0 ? { ...context, view: { ...view, secret } } : context
}

/** Removes Secrets; returns those that are gone now, and the first failure of the others. */
async function removeAll(
  secrets: ProjectedSecret[],
  { writer }: StoreContext,
  signal: AbortSignal,
): Promise<{ removed: Set<ProjectedSecret>; failure: Failure | undefined }> {
  const failures = await inTurns(secrets, AT_ONCE, secret => writer.remove(secret, signal))
  const removed = new Set(secrets.filter((_, index) => failures[index] === undefined))
  return { removed, failure: failures.find(failure => failure !== undefined) }
}
