/** Reconcile a ServiceConnector: prove that its identity can be assumed, and say as whom. */
import { type Failure, isFailure } from '../api/failures.ts'
import { CREDENTIALS_LABEL } from '../api/names.ts'
import { keyOf } from '../api/object.ts'
import type { ServiceConnector, ServiceConnectorStatus } from '../api/service-connector.ts'
import type { Session, SessionSource } from '../providers/provider.ts'
import type { Outcome } from '../runtime/outcome.ts'
import { concludeFailure, concludeReady, concludeSuspended } from './conclude.ts'
import { type Providers, planConnector } from './plan.ts'
import { isMissing, type MissingReference } from './resolve.ts'
import type { ConnectorView } from './view.ts'

export interface ConnectorContext {
  view: ConnectorView
  providers: Providers
  sessions: SessionSource
  /** How many stores use the connector. */
  storesUsing(connectorKey: string): number
  /** Whether the object exists although the label-filtered caches lack it. */
  existsUnlabelled(missing: MissingReference['missing'], signal: AbortSignal): Promise<boolean>
  clock: () => Date
}

export async function reconcileConnector(
  connector: ServiceConnector,
  context: ConnectorContext,
  signal: AbortSignal,
): Promise<Outcome<ServiceConnectorStatus>> {
  const stores = context.storesUsing(keyOf(connector))
  if (connector.metadata.deletionTimestamp) return { next: 'await-change' }
  if (connector.spec.suspend) return concludeSuspended(connector, stores, context.clock())

  const session = await openSession(connector, context, signal)
  if (isFailure(session)) return concludeFailure(connector, session, stores, context.clock())
  return concludeReady(connector, session, stores, context.clock())
}

async function openSession(
  connector: ServiceConnector,
  context: ConnectorContext,
  signal: AbortSignal,
): Promise<Session | Failure> {
  const plan = planConnector(connector, context.view, context.providers)
  if (isFailure(plan)) return isMissing(plan) ? explainMissing(plan, context, signal) : plan
  return context.sessions.get(plan.identity, signal)
}

async function explainMissing(
  failure: MissingReference,
  context: ConnectorContext,
  signal: AbortSignal,
): Promise<Failure> {
  const { kind, namespace, name, field } = failure.missing
  if (!(await context.existsUnlabelled(failure.missing, signal))) {
    return { ...failure, message: `${field}: there is no ${kind} "${name}" in namespace "${namespace}": create it` }
  }
  const command = `kubectl label ${kind.toLowerCase()} ${name} -n ${namespace} ${CREDENTIALS_LABEL}=true`
  return {
    ...failure,
    reason: `${kind}NotLabelled`,
    message: `${field}: ${kind} "${namespace}/${name}" is not labelled for use by connectors: run "${command}"`,
  }
}
