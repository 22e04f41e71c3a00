/** Reconciles a ServiceConnector: proves that its identity can be assumed, and says who that is. */
import { type Failure, isFailure } from '../api/failures.ts'
import { CREDENTIALS_LABEL } from '../api/names.ts'
import { keyOf, type ObjectKey } from '../api/object.ts'
import type { ServiceConnector, ServiceConnectorStatus } from '../api/service-connector.ts'
import type { SessionSource } from '../providers/provider.ts'
import { isRejection } from '../providers/rejection.ts'
import type { Outcome } from '../runtime/outcome.ts'
import type { Tracer } from '../telemetry/tracer.ts'
import { concludeFailure, concludeReady, concludeSuspended, type Seen } from './conclude.ts'
import type { Reach } from './conclude-reach.ts'
import { type ListContext, listResources } from './listing.ts'
import { type LookUp, type Presence, planWithLookUp } from './look-up.ts'
import { type Providers, planConnector } from './plan.ts'
import { isMissing, type MissingReference } from './resolve.ts'
import type { ConnectorView } from './view.ts'

export interface ConnectorContext extends ListContext {
  view: ConnectorView
  providers: Providers
  sessions: SessionSource
  /** Counts the stores that use the connector. */
  storesUsing(connectorKey: ObjectKey): number
  /** What trials of credentials have shown of an identity; undefined when there were none. */
  reachOf(connectorKey: ObjectKey, fingerprint: string): Reach | undefined
  lookUp: LookUp
  tracer: Tracer
}

export async function reconcileConnector(
  connector: ServiceConnector,
  context: ConnectorContext,
  signal: AbortSignal,
): Promise<Outcome<ServiceConnectorStatus>> {
  const stores = context.storesUsing(keyOf(connector))
  if (connector.metadata.deletionTimestamp) return { next: 'await-change' }
  if (connector.spec.suspend) return concludeSuspended(connector, stores, context.now())

  const seen = await look(connector, context, signal)
  return context.tracer.span('conclude', {}, () =>
    isFailure(seen)
      ? concludeFailure(connector, seen, stores, context.now())
      : concludeReady(connector, seen, stores, context.now()),
  )
}

async function look(
  connector: ServiceConnector,
  context: ConnectorContext,
  signal: AbortSignal,
): Promise<Seen | Failure> {
  const replan = () => context.tracer.span('plan', {}, () => planConnector(connector, context.view, context.providers))
  const { plan, presence } = await planWithLookUp(replan, context.lookUp, signal)
  if (isFailure(plan)) return isMissing(plan) ? explainMissing(plan, presence) : plan
  const { identity } = plan
  const session = await context.sessions.get(identity, signal)
  if (isFailure(session)) return session

  const listing = await listResources(connector, { identity, session }, context, signal)
  if (isFailure(listing.answer) && isRejection(listing.answer)) return listing.answer
  const reach = context.reachOf(keyOf(connector), identity.fingerprint)
  return { session, cautions: identity.cautions, listing, reach }
}

function explainMissing(failure: MissingReference, presence: Presence | undefined): Failure {
  const { kind, namespace, name, field } = failure.missing
  if (kind === 'ServiceAccount') return failure
  if (presence !== 'unlabelled') {
    return { ...failure, message: `${field}: there is no ${kind} "${name}" in namespace "${namespace}": create it` }
  }
  const command = `kubectl label ${kind.toLowerCase()} ${name} -n ${namespace} ${CREDENTIALS_LABEL}=true`
  return {
    ...failure,
    reason: `${kind}NotLabelled`,
    message: `${field}: ${kind} "${namespace}/${name}" is not labelled for use by connectors: run "${command}"`,
  }
}
