/** Parts of the operator whose calls are spans of the trace of a reconcile. */
import { isFailure } from '../api/failures.ts'
import type { LookUp } from '../connectors/look-up.ts'
import type { SessionSource, SharedSession } from '../providers/provider.ts'
import { type SessionCall, sessionFacade } from '../providers/sessions/facade.ts'
import type { SecretWriter } from '../stores/effects/secret-writer.ts'
import { noTracer, type Tracer } from '../telemetry/tracer.ts'

export interface TracedParts {
  sessions: SessionSource
  lookUp: LookUp
  writer: SecretWriter
}

/** The same parts, traced. Without a tracer they are what they were. */
export function traced<P extends Partial<TracedParts>>(tracer: Tracer, parts: P): P {
  if (tracer === noTracer) return parts
  const { sessions, lookUp, writer } = parts
  return {
    ...parts,
    ...(sessions ? { sessions: tracedSessions(tracer, sessions) } : {}),
    ...(lookUp ? { lookUp: tracedLookUp(tracer, lookUp) } : {}),
    ...(writer ? { writer: tracedWriter(tracer, writer) } : {}),
  }
}

const tracedLookUp =
  (tracer: Tracer, lookUp: LookUp): LookUp =>
  (missing, signal) => {
    const { kind, namespace, name } = missing
    const about = {
      'artifactstore.object.kind': kind,
      'artifactstore.object.namespace': namespace,
      'artifactstore.object.name': name,
    }
    return tracer.span('look up', about, async () => {
      const found = await lookUp(missing, signal)
      if (!isFailure(found)) tracer.tell({ 'artifactstore.object.presence': found })
      return found
    })
  }

const tracedSessions = (tracer: Tracer, sessions: SessionSource): SessionSource => ({
  get: (identity, signal, user) =>
    tracer.span('session', { 'artifactstore.connector': identity.connector }, async () => {
      const session = await sessions.get(identity, signal, user)
      return isFailure(session) ? session : tracedSession(tracer, session)
    }),
})

/** Words for calls that are not named as people would. */
const STEPS: Partial<Record<SessionCall, string>> = { tryIssued: 'try', resources: 'list resources' }

const tracedSession = (tracer: Tracer, session: SharedSession): SharedSession =>
  sessionFacade(session, session, (name, call) => tracer.span(STEPS[name] ?? name, {}, call))

function tracedWriter(tracer: Tracer, writer: SecretWriter): SecretWriter {
  const about = (namespace: string | undefined, name: string) => ({
    'artifactstore.secret.namespace': namespace,
    'artifactstore.secret.name': name,
  })
  return {
    write: (secret, signal) =>
      tracer.span('write Secret', about(secret.target.namespace, secret.name), () => writer.write(secret, signal)),
    remake: (secret, signal) =>
      tracer.span('remake Secret', about(secret.target.namespace, secret.name), () => writer.remake(secret, signal)),
    remove: (secret, signal) =>
      tracer.span('remove Secret', about(secret.metadata.namespace, secret.metadata.name), () =>
        writer.remove(secret, signal),
      ),
    blocked: (store, place, signal) => writer.blocked(store, place, signal),
    forget: store => writer.forget(store),
  }
}
