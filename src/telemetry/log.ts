/** The JSON logger: one line for each message, with ISO times and without secrets. */
import { type DestinationStream, type Logger, pino } from 'pino'
import { cut } from '../foreign/text.ts'
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
    hooks: { logMethod: withCutTexts, streamWrite: (line: string) => redact(shortened(line)) },
  }
  return destination ? pino(options, destination) : pino(options)
}

/** What is logged may be foreign text: it is cut before anything looks at it, and searched for secrets after that. */
const TEXT_MAX = 4 * 2 ** 10
const LINE_MAX = 16 * 2 ** 10
/** How deep the fields of a line are looked into for texts. */
const FIELDS_DEPTH = 4

function withCutTexts(this: unknown, args: unknown[], method: (...args: never[]) => void): void {
  method.apply(this as never, args.map(value => withCut(value, FIELDS_DEPTH)) as never[])
}

/** Errors are left to their serializer, and other objects with a way of their own to be written to that. */
function withCut(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cut(value, TEXT_MAX)
  if (depth === 0 || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(entry => withCut(entry, depth - 1))
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, withCut(entry, depth - 1)]))
}

/** The line itself, or one of its most important fields when it is too long. */
function shortened(line: string): string {
  if (line.length <= LINE_MAX) return line
  const { level, time, key, msg = '', err = {} } = JSON.parse(line)
  return `${JSON.stringify({ level, time, key, msg, error: cut(`${err.message ?? ''}`, TEXT_MAX), cut: line.length })}\n`
}

const MAX_CAUSES = 4

/**
 * Keeps the members of an error that are worth a line, and no others: SDKs attach whole requests to errors, with headers.
 */
function serializeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  const { name, message, stack = '', cause } = error
  const { code } = error as { code?: unknown }
  return {
    type: name,
    message: cut(message, TEXT_MAX),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: withCut(code, 1) } : {}),
    // It begins with the message.
    ...(depth === 0 ? { stack: cut(stack, 2 * TEXT_MAX) } : {}),
    ...(cause !== undefined && depth < MAX_CAUSES ? { cause: serializeError(cause, depth + 1) } : {}),
  }
}
