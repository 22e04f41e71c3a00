/** Traces, if the environment asks for them. Until then, no package of OpenTelemetry is loaded for them. */
import { type Environment, readTraceSettings } from './otel/settings.ts'
import type { TroubleOf } from './otel/spans.ts'
import { noTracer, type Tracer } from './tracer.ts'

type Write = (fields: object, message: string) => void

export interface TracingOptions {
  log: { info: Write; warn: Write }
  /** Name of this replica. */
  instance: string
  troubleOf: TroubleOf
}

export interface Tracing {
  tracer: Tracer
  /** Sends what waits, within so many ms. Returns whether it has ended: else something still runs. Never rejects. */
  close(ms: number): Promise<boolean>
}

/** Never rejects: without traces, everything else works. */
export async function startTracing(env: Environment, options: TracingOptions): Promise<Tracing> {
  const { settings, warnings } = readTraceSettings(env)
  for (const warning of warnings) options.log.warn({}, warning)
  const none = { tracer: noTracer, close: async () => true }
  if (!settings) return none
  try {
    const { createTracing } = await import('./otel/tracing.ts')
    return createTracing(settings, options)
  } catch (error) {
    options.log.warn({ err: error }, 'no traces are sent, as they could not be set up; all else goes on')
    return none
  }
}
