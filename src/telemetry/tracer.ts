/**
 * What the operator says for traces. Nothing here knows of OpenTelemetry, whose packages are only loaded when traces are
 * asked for (docs/adr/0046).
 */

/** What is said of a span. What is undefined is left out. Credentials must not be in it, and text is cut. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** Why something did not succeed: a Failure, or a part of one. */
export interface Trouble {
  /** CamelCase word, or the name of an error. */
  reason: string
  message?: string
}

/** A call of a cloud that has ended. */
export interface TracedCall {
  /** Name of the provider: `aws`, `azure`. */
  provider: string
  /** Scheme, host and port that were called, or a name that stands for them. */
  endpoint: string
  /** Name that the service has for the call: `ListObjectsV2`. */
  operation: string
  /** HTTP status as text, or why there was no answer: `unreachable`. */
  result: string
  durationMs: number
}

export interface Tracer {
  /**
   * Calls `work`, and returns what it returns. What happens inside of it is a span below the one that is under way, or
   * the first one of a new trace. A Failure that it returns, or an error that it throws, is what the span ends with.
   */
  span<T>(name: string, attributes: Attributes, work: () => T): T
  /** Says more of the span that is under way. */
  tell(attributes: Attributes): void
  /** Says that the span that is under way has not succeeded. */
  failed(trouble: Trouble): void
  /** Adds a call to the span that is under way. */
  called(call: TracedCall): void
}

/** Reads from what a step returns why it has not succeeded. */
export type TroubleOf = (result: unknown) => Trouble | undefined

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

/** Traces nothing. */
export const noTracer: Tracer = {
  span: (_name, _attributes, work) => work(),
  tell: () => undefined,
  failed: () => undefined,
  called: () => undefined,
}
