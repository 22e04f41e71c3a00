/** Traces, if the environment asks for them. Until then, no package of OpenTelemetry is loaded for them. */
import { type Environment, readTraceSettings } from './otel/settings.ts'
import { noTracer, type Tracing, type TracingOptions } from './tracer.ts'

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
