/** The session of a connector as its borrowers get it: it does what the session does, and tells less. */
import type { Failure } from '../../api/failures.ts'
import type { ObjectKey } from '../../api/object.ts'
import type { Identity, SharedSession } from '../../providers/provider.ts'
import type { Log } from '../../runtime/log.ts'
import { discreetly, discretionOf } from '../plan/discretion.ts'

export function discreetSession(
  session: SharedSession,
  identity: Pick<Identity, 'connector' | 'confidential'>,
  log: Pick<Log, 'warn'>,
): SharedSession {
  const discretion = discretionOf(identity, session)
  const call = async <T>(ask: () => Promise<T | Failure>, signal: AbortSignal, told?: (value: T) => T) =>
    discreetly(await withoutDetails(ask, { connector: identity.connector, log }, signal), discretion, told)
  return {
    caller: {},
    principal: discretion.principal,
    get expiresAt() {
      return session.expiresAt
    },
    get refusedAt() {
      return session.refusedAt
    },
    get trouble() {
      const { trouble } = session
      return trouble && discretion.failure(trouble)
    },
    probe: (request, signal) => call(() => session.probe(request, signal), signal, discretion.probe),
    grant: (request, signal) => call(() => session.grant(request, signal), signal, discretion.grant),
    tryIssued: (request, signal) => call(() => session.tryIssued(request, signal), signal),
    prepare: (request, signal) => call(() => session.prepare(request, signal), signal),
    resources: (request, signal) => call(() => session.resources(request, signal), signal),
    measure: (request, signal) => call(() => session.measure(request, signal), signal),
    close: () => session.close(),
  }
}

/** Calls for a borrower. The text of an error would reach status, and names hosts: it goes into the log instead. */
export async function withoutDetails<T>(
  ask: () => Promise<T>,
  { connector, log }: { connector: ObjectKey; log: Pick<Log, 'warn'> },
  signal: AbortSignal,
): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (signal.aborted) throw error
    log.warn({ connector, err: error }, 'a call for a borrower of a connector failed unexpectedly')
    throw new Error(`a call of ServiceConnector "${connector}" failed unexpectedly: the operator's log says why`)
  }
}
