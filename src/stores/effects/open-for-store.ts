/** The way of a store to its connector's session: look up, plan, open. A borrower learns nothing of its lender on it. */
import { type ArtifactStore, connectorKeyOf, connectorNamespaceOf } from '../../api/artifact-store.ts'
import { type Failure, isFailure } from '../../api/failures.ts'
import { keyOf } from '../../api/object.ts'
import { type LookUp, planWithLookUp } from '../../connectors/look-up.ts'
import type { SessionSource, SharedSession } from '../../providers/provider.ts'
import type { Log } from '../../runtime/log.ts'
import { type Connection, sessionFailed } from '../plan/connection.ts'
import { discreetSession, withoutDetails } from './discreet-session.ts'

export interface Opened<P> {
  plan: P
  session: SharedSession
}

interface Context {
  lookUp: LookUp
  sessions: SessionSource
  log: Pick<Log, 'warn'>
}

export async function openForStore<P extends Pick<Connection, 'identity' | 'isBorrowed'>>(
  store: ArtifactStore,
  plan: () => P | Failure,
  context: Context,
  signal: AbortSignal,
): Promise<Opened<P> | Failure> {
  const open = () => planAndOpen(store, plan, context, signal)
  const connector = connectorKeyOf(store)
  const isElsewhere = connectorNamespaceOf(store) !== store.metadata.namespace
  return isElsewhere ? withoutDetails(open, { connector, log: context.log }, signal) : open()
}

async function planAndOpen<P extends Pick<Connection, 'identity' | 'isBorrowed'>>(
  store: ArtifactStore,
  replan: () => P | Failure,
  { lookUp, sessions, log }: Context,
  signal: AbortSignal,
): Promise<Opened<P> | Failure> {
  const { plan, unread } = await planWithLookUp(replan, lookUp, signal)
  if (isFailure(plan)) {
    // The failure names the object, which stays in its namespace.
    return unread && unread.namespace !== store.metadata.namespace
      ? { ...plan, message: 'an object of the connector could not be read; it is tried again' }
      : plan
  }
  const { identity, isBorrowed } = plan
  const session = await sessions.get(identity, signal, keyOf(store))
  if (isFailure(session)) return sessionFailed(identity.connector, session, isBorrowed)
  return { plan, session: isBorrowed ? discreetSession(session, identity, log) : session }
}
