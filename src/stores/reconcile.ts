/** Reconcile an ArtifactStore: make its bucket what it should be, verify it and keep its credentials fresh. */
import type { ArtifactStore, ArtifactStoreStatus } from '../api/artifact-store.ts'
import { type Failure, isFailure } from '../api/failures.ts'
import { objectKey } from '../api/object.ts'
import { inTurns } from '../async/in-turns.ts'
import type { Permission } from '../providers/provider.ts'
import { isRejection } from '../providers/rejection.ts'
import { jitterFor } from '../runtime/backoff.ts'
import type { Outcome } from '../runtime/outcome.ts'
import { conclude, concludeSuspended, concludeUnobserved } from './conclude/conclude.ts'
import { type Observations, verificationOf } from './conclude/observations.ts'
import type { StoreContext } from './context.ts'
import { countPermissions, countProjections } from './effects/counts.ts'
import { type Measured, measure } from './effects/measure.ts'
import { openForStore } from './effects/open-for-store.ts'
import { type ProjectContext, project } from './effects/project.ts'
import type { Projection } from './effects/projection.ts'
import { type Removal, removeSecrets } from './effects/removal.ts'
import { cleanUp, takeBackUnlent, viewWithout } from './effects/take-back.ts'
import { verify } from './effects/verify.ts'
import type { Work } from './effects/work.ts'
import { finalize } from './finalize.ts'
import { hasLostConnector, sessionFailed } from './plan/connection.ts'
import { defaultConflict, defaultInUse } from './plan/default-store.ts'
import { deletionBlockOf, hasFinalizer, mayHaveRule, needsFinalizer } from './plan/deletion.ts'
import { judgePermissions } from './plan/permissions.ts'
import { planStore, type StorePlan } from './plan/plan.ts'
import { earliest } from './plan/projected-secret.ts'
import { obsoleteSecrets } from './plan/targets.ts'

type StoreOutcome = Outcome<ArtifactStoreStatus>

/** Number of targets that are worked on at the same time. */
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
  if (isGoing && !deletionBlock) return context.tracer.span('finalize', {}, () => finalize(store, context, signal))

  // The finalizer is there before anything that it must undo, and only on stores that need it (docs/adr/0008).
  const { view } = context
  const written =
    needsFinalizer(store, view) && !hasFinalizer(store) ? await context.finalizer.add(store, signal) : store
  const obstacles = { deletionBlock, finalizerFailure: isFailure(written) ? written : undefined }
  const outcome = withDefaultInUse(await reconcileLiving(store, obstacles, context, signal), store, view)
  if (isFailure(written) || !outcome.status || !hasFinalizer(written)) return outcome
  // A finalizer that could not be removed does no harm: the next reconcile tries again, and so does a deletion.
  if (!needsFinalizer({ ...written, status: outcome.status }, view)) await context.finalizer.remove(written, signal)
  return outcome
}

/** Says in status whether the store is a default that may not be deleted, which is known whatever else was found out. */
function withDefaultInUse(outcome: StoreOutcome, store: ArtifactStore, view: StoreContext['view']): StoreOutcome {
  if (!outcome.status) return outcome
  const { defaultInUse: _, ...status } = outcome.status
  return { ...outcome, status: defaultInUse(store, view) ? { ...status, defaultInUse: true } : status }
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
  const unlent = await takeBackUnlent(store, context, signal)
  const rest = { ...context, view: viewWithout(context.view, unlent.removed), unlent }
  if (store.spec.suspend) return reconcileSuspended(store, obstacles, rest, signal)
  const conflict = defaultConflict(store, rest.view)
  const blocked = obstacles.deletionBlock ?? conflict
  // The store's own credentials come before what is only cleaned up.
  const observed = await observe(store, { ...obstacles, conflict }, rest, signal).catch(async error => {
    // A bug must not keep Secrets alive that the store may no longer have.
    if (!signal.aborted) await removeSecrets(obsoleteSecrets(store, rest.view), rest, signal)
    throw error
  })
  if (isFailure(observed)) {
    const { left, ...cleaned } = await cleanUp(store, rest, signal)
    const known = { now: context.now(), specFailure: blocked, ...cleaned }
    return context.tracer.span('conclude', {}, () => concludeUnobserved(left, observed, known))
  }
  const { plan, work, mayMeasure, ...seen } = observed
  const obsolete = await removeSecrets(obsoleteSecrets(store, rest.view), rest, signal)
  const revocation = unlent.failure ?? obsolete.failure ?? seen.projections.find(one => one.revocation)?.revocation
  const specFailure = blocked ?? plan.bucketRefused
  const usage = seen.access ? undefined : await measureUsage(work, mayMeasure, context, signal)
  const warnOfExpiryAt = earliest(seen.projections.map(projection => projection.warnOfExpiryAt))
  const moment = { now: context.now(), specFailure, warnOfExpiryAt }
  return context.tracer.span('conclude', {}, () => conclude(store, plan, { ...seen, revocation, usage }, moment))
}

/** Looks at no connector and no bucket, but takes back what the store may no longer have. */
async function reconcileSuspended(
  store: ArtifactStore,
  { deletionBlock, finalizerFailure }: Obstacles,
  context: StoreContext & { unlent: Removal },
  signal: AbortSignal,
): Promise<StoreOutcome> {
  const { kept, view, providers, monotonic } = context
  if (hasLostConnector(store, view, providers)) kept.lose(store.metadata.uid, monotonic())
  const { left, revocation } = await cleanUp(store, context, signal)
  const obstacle = deletionBlock ?? finalizerFailure
  const moment = { now: context.now(), revocation }
  return obstacle ? concludeUnobserved(left, obstacle, moment) : concludeSuspended(left, moment)
}

interface Observed extends Omit<Observations, 'revocation' | 'usage'> {
  plan: StorePlan
  work: Work
  /** False when this reconcile has done enough: the next one measures. */
  mayMeasure: boolean
}

async function observe(
  store: ArtifactStore,
  { finalizerFailure, conflict }: Obstacles,
  context: StoreContext,
  signal: AbortSignal,
): Promise<Observed | Failure> {
  const replan = () => context.tracer.span('plan', {}, () => planStore(store, context.view, context.providers))
  const opened = await openForStore(store, replan, context, signal)
  const { uid } = store.metadata
  if (isFailure(opened)) {
    context.kept.lose(uid, context.monotonic())
    return opened
  }
  const { plan, session } = opened
  if (mayHaveRule(store)) context.kept.keep(uid, session)
  else context.kept.delete(uid)
  const { identity, isBorrowed } = plan
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
  if (isNew && !isFailure(verification)) countPermissions(context.counts, verification.probe.permissions)
  const access = isFailure(verification) ? verification : judgePermissions(plan, verification.probe, principal)
  const proven = isFailure(verification) ? [] : provenIn(verification.probe.permissions)
  const projections = await projectAll(
    work,
    { proven, mayCreate: !access && !conflict && !plan.bucketRefused },
    context,
    signal,
  )
  countProjections(context.counts, projections)
  return { plan, work, mayMeasure: !isNew, principal, bucket, changes, access, projections }
}

const provenIn = (permissions: Permission[]): string[] =>
  permissions.filter(({ result }) => result === 'Allowed').map(({ action }) => action)

/** Projects the targets independently of each other: a conflict on one Secret must not let another one expire. */
function projectAll(
  work: Work,
  known: Pick<ProjectContext, 'mayCreate' | 'proven'>,
  { view, writer, repairs, ages, isolations, tracer, now, monotonic }: StoreContext,
  signal: AbortSignal,
): Promise<Projection[]> {
  const { targets } = work.plan
  const until = monotonic() + GRANTS_MS
  const context = { secret: view.secret, writer, repairs, ages, isolations, tracer, now, monotonic, until, ...known }
  const keys = targets.flatMap(({ namespace, secretNames }) => secretNames.map(name => objectKey(namespace, name)))
  ages.keep(work.store, new Set(keys))
  // Each reconcile starts with another target: those that fail must not use up the time of all behind them.
  const first = Math.floor(jitterFor(`${work.store.metadata.uid}${now().getTime()}`, targets.length / 2, 1))
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
