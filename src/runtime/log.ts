/** What the runtime needs of a logger: fields come first, then what happened. A pino logger fits. */
type Write = (fields: object, message: string) => void

export interface Log {
  debug: Write
  info: Write
  warn: Write
  error: Write
  child(fields: Record<string, unknown>): Log
}
