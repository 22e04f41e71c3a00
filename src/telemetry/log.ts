/** The JSON logger: one line a message, ISO times, nothing secret. */
import { type DestinationStream, type Logger, pino } from 'pino'
import { redact } from './redact.ts'

export type { Logger }

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface LogOptions {
  level: LogLevel
  /** On every line. */
  base?: Record<string, unknown>
  /** Default: standard output. */
  destination?: DestinationStream
}

/** Fields that are secret by name wherever they are; text is scrubbed by redact(). */
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

/** `log.child({ kind, namespace, name })` gives the logger of an object. */
export function createLog({ level, base = {}, destination }: LogOptions): Logger {
  const options = {
    level,
    base,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: serializeError },
    redact: { paths: SECRET_FIELDS.flatMap(field => [field, `*.${field}`, `*.*.${field}`]), censor: '[REDACTED]' },
    // The whole line, after everything else: no field, message or stack gets past it.
    hooks: { streamWrite: redact },
  }
  return destination ? pino(options, destination) : pino(options)
}

const MAX_CAUSES = 4

/**
 * What is worth a line of an error. Not its other members: SDKs hang whole requests on their errors, with headers.
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
