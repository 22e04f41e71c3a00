/** The JSON logger: one line for each message, with ISO times and without secrets. */
import { type DestinationStream, type Logger, pino } from 'pino'
import { redact } from './redact.ts'

export type { Logger }

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface LogOptions {
  level: LogLevel
  /** Fields of every line. */
  base?: Record<string, unknown>
  /** Where lines go. Default: standard output. */
  destination?: DestinationStream
}

/** Names of fields that are secret wherever they are. Secrets inside text are found by redact(). */
const SECRET_FIELDS = [
  'authorization',
  'secretAccessKey',
  'sessionToken',
  'accountKey',
  'clientSecret',
  'connectionString',
  'sasToken',
  'password',
  'token',
]

/** Makes the logger of the process. `log.child({ kind, namespace, name })` makes that of an object. */
export function createLog({ level, base = {}, destination }: LogOptions): Logger {
  const options = {
    level,
    base,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: serializeError },
    redact: { paths: SECRET_FIELDS.flatMap(field => [field, `*.${field}`, `*.*.${field}`]), censor: '[REDACTED]' },
    // Redacts the whole line after everything else, so that no field, message or stack gets past it.
    hooks: { streamWrite: redact },
  }
  return destination ? pino(options, destination) : pino(options)
}

const MAX_CAUSES = 4

/**
 * Keeps the members of an error that are worth a line, and no others: SDKs attach whole requests to errors, with headers.
 */
function serializeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  const { name, message, stack, cause } = error
  const { code } = error as { code?: unknown }
  return {
    type: name,
    message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(depth === 0 ? { stack } : {}),
    ...(cause !== undefined && depth < MAX_CAUSES ? { cause: serializeError(cause, depth + 1) } : {}),
  }
}
