/** Reconcile an ArtifactStore: verify its bucket and keep its credentials fresh. */
import type { ArtifactStore, ArtifactStoreStatus } from '../api/artifact-store.ts'
import { type Failure, isFailure } from '../api/failures.ts'
import type { Providers } from '../connectors/plan.ts'
import type { Session, SessionSource } from '../providers/provider.ts'
import type { Outcome } from '../runtime/outcome.ts'
import { conclude, concludeSuspended, type Observations } from './conclude.ts'
import { obsoleteSecrets, planStore, type StorePlan, type StoreView, sessionFailed } from './plan.ts'
import { type Projection, project } from './project.ts'
import type { RepairLimit } from './repair-limit.ts'
import type { SecretWriter } from './secret-writer.ts'
import { judgePermissions, type Verdicts, verify } from './verify.ts'

export interface StoreContext {
  view: StoreView
  providers: Providers
  sessions: SessionSource
  verdicts: Verdicts
  writer: SecretWriter
  repairs: RepairLimit
  /** A session of this connector was refused: what its other stores have is suspect too. */
  onRefused(connector: string): void
  clock: () => Date
}

export async function reconcileStore(
  store: ArtifactStore,
  context: StoreContext,
  signal: AbortSignal,
): Promise<Outcome<ArtifactStoreStatus>> {
  if (store.metadata.deletionTimestamp) return { next: 'await-change' }
  if (store.spec.suspend) return concludeSuspended(store, context.clock())
  // Revoking needs no connector.
  const cleanUp = await removeObsolete(store, context, signal)
  const observed = await observe(store, context, signal)
  return conclude(store, isFailure(observed) ? observed : { ...observed, cleanUp }, context.clock())
}

async function observe(
  store: ArtifactStore,
  context: StoreContext,
  signal: AbortSignal,
): Promise<Omit<Observations, 'cleanUp'> | Failure> {
  const plan = planStore(store, context.view, context.providers)
  if (isFailure(plan)) return plan
  const { connector } = plan.identity
  const session = await context.sessions.get(plan.identity, signal)
  if (isFailure(session)) return sessionFailed(connector, session)

  const { principal } = session
  const verdict = await verify(store, plan, session, { ...context, secret: context.view.secret }, signal)
  if (session.rejected) context.onRefused(connector)
  if (isFailure(verdict) && session.rejected) return sessionFailed(connector, verdict)
  const access = isFailure(verdict) ? verdict : judgePermissions(plan, verdict.probe.permissions, principal)
  const projections = await projectAll(store, plan, session, access === undefined, context, signal)
  return { location: plan.location, principal, verdict, access, projections }
}

/** Targets fail one by one: a conflict on one Secret must not let another expire. */
function projectAll(
  store: ArtifactStore,
  plan: StorePlan,
  session: Session,
  verified: boolean,
  { view, writer, repairs, clock }: StoreContext,
  signal: AbortSignal,
): Promise<Projection[]> {
  const context = { secret: view.secret, writer, repairs, clock }
  return allEnded(plan.targets.map(target => project(store, plan, target, session, verified, context, signal)))
}

async function removeObsolete(
  store: ArtifactStore,
  { view, writer }: StoreContext,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const failures = await allEnded(obsoleteSecrets(store, view).map(secret => writer.remove(secret, signal)))
  return failures.find(failure => failure !== undefined)
}

/** Like `Promise.all`, but a rejection waits for the rest: nothing may go on beside the next reconcile. */
async function allEnded<T>(promises: Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}
