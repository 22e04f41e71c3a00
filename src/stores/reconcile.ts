/** Reconcile an ArtifactStore: verify its bucket and keep its credentials fresh. */
import type { ArtifactStore, ArtifactStoreStatus } from '../api/artifact-store.ts'
import { type Failure, isFailure } from '../api/failures.ts'
import type { Providers } from '../connectors/plan.ts'
import type { Session, SessionSource } from '../providers/provider.ts'
import type { Outcome } from '../runtime/outcome.ts'
import { conclude, concludeSuspended, type Observations } from './conclude.ts'
import { planStore, type StorePlan, type StoreView, sessionFailed } from './plan.ts'
import { type Projection, project } from './project.ts'
import type { SecretWriter } from './secret-writer.ts'
import { judgePermissions, type Verdicts, verify } from './verify.ts'

export interface StoreContext {
  view: StoreView
  providers: Providers
  sessions: SessionSource
  verdicts: Verdicts
  writer: SecretWriter
  clock: () => Date
}

export async function reconcileStore(
  store: ArtifactStore,
  context: StoreContext,
  signal: AbortSignal,
): Promise<Outcome<ArtifactStoreStatus>> {
  if (store.metadata.deletionTimestamp) return { next: 'await-change' }
  if (store.spec.suspend) return concludeSuspended(store, context.clock())
  return conclude(store, await observe(store, context, signal), context.clock())
}

async function observe(
  store: ArtifactStore,
  context: StoreContext,
  signal: AbortSignal,
): Promise<Observations | Failure> {
  const plan = planStore(store, context.view, context.providers)
  if (isFailure(plan)) return plan
  const session = await context.sessions.get(plan.identity, signal)
  if (isFailure(session)) return sessionFailed(plan.identity.connector, session)

  const { principal } = session
  const verdict = await verify(store, plan, session, { ...context, secret: context.view.secret }, signal)
  const access = isFailure(verdict) ? verdict : judgePermissions(plan, verdict.probe.permissions, principal)
  const projections = await projectAll(store, plan, session, access === undefined, context, signal)
  const cleanUp = await removeObsolete(plan, context, signal)
  return { location: plan.location, principal, verdict, access, projections, cleanUp }
}

/** Targets fail one by one: a conflict on one Secret must not let another expire. */
function projectAll(
  store: ArtifactStore,
  plan: StorePlan,
  session: Session,
  verified: boolean,
  { view, writer, clock }: StoreContext,
  signal: AbortSignal,
): Promise<Projection[]> {
  const context = { secret: view.secret, writer, clock }
  return Promise.all(plan.targets.map(target => project(store, plan, target, session, verified, context, signal)))
}

async function removeObsolete(
  plan: StorePlan,
  context: StoreContext,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const failures = await Promise.all(plan.obsolete.map(secret => context.writer.remove(secret, signal)))
  return failures.find(failure => failure !== undefined)
}
