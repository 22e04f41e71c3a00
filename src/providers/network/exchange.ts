/** One request and its answer over the connections of dispatcher.ts. */
import type { Dispatcher } from 'undici'
import type { AnswerMeter } from './answer-budget.ts'
import { Gathered } from './gathered.ts'

export interface HttpRequest {
  /** Scheme, host and port. */
  origin: string
  method: string
  /** Path with the query. */
  path: string
  headers: Record<string, string>
  body?: string | Uint8Array | undefined
}

export interface HttpAnswer {
  status: number
  /** Names are in lower case. */
  headers: Record<string, string>
  body: Buffer
}

export interface ExchangeOptions {
  answers: AnswerMeter
  /** The most bytes that the answer with this status may have. */
  maxBytes(status: number): number
  signal: AbortSignal
}

/** Rejects with `signal.reason`, or with an error whose code is one of Node, or of the parser of HTTP. */
export function exchange(dispatcher: Dispatcher, request: HttpRequest, options: ExchangeOptions): Promise<HttpAnswer> {
  const { signal } = options
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const reader = new Reader(options, error => settle(() => reject(error)))
    const abort = () => reader.abort(signal.reason)
    const settle = (then: () => void) => {
      signal.removeEventListener('abort', abort)
      then()
    }
    // undici frees the connection a turn after the answer: the caller's next request at once would open another.
    reader.onAnswer = answer => settle(() => setImmediate(resolve, answer))
    signal.addEventListener('abort', abort)
    // Without `reset: false`, undici closes the connection after a HEAD.
    dispatcher.dispatch({ ...request, body: request.body ?? null, reset: false } as Dispatcher.DispatchOptions, reader)
  })
}

class Reader implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions
  readonly #fail: (error: Error) => void
  readonly #body = new Gathered()
  #controller: Dispatcher.DispatchController | undefined
  #aborted: Error | undefined
  #metered: ReturnType<AnswerMeter['begin']> | undefined
  #status = 0
  #headers: Record<string, string> = {}
  onAnswer: (answer: HttpAnswer) => void = () => undefined

  constructor(options: ExchangeOptions, fail: (error: Error) => void) {
    this.#options = options
    this.#fail = fail
  }

  /** Ends the request; one that waits for its connection is never sent. */
  abort(reason: Error): void {
    this.#aborted ??= reason
    this.#metered?.release()
    this.#controller?.abort(reason)
    this.#fail(reason)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#aborted) controller.abort(this.#aborted)
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: object): void {
    // Any number of these comes before the answer.
    if (status < 200) return
    this.#status = status
    for (const [name, value] of Object.entries(headers)) this.#headers[name] = String(value)
    this.#metered = this.#options.answers.begin(this.#options.maxBytes(status), error => this.abort(error))
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // undici resumes with an empty chunk, to which a pause would make it resume again, and so on without end.
    if (chunk.length === 0) return
    this.#body.add(chunk)
    if (!this.#metered || this.#metered.take(chunk.length)) return
    controller.pause()
    this.#metered.grow(chunk.length).then(
      () => controller.resume(),
      error => this.abort(error),
    )
  }

  onResponseEnd(): void {
    this.#metered?.whole().then(() => this.#end(), this.#fail)
  }

  onResponseError(_: unknown, error: Error): void {
    this.#metered?.release()
    this.#fail(this.#aborted ?? asOfNode(error))
  }

  #end(): void {
    this.#metered?.release()
    this.onAnswer({ status: this.#status, headers: this.#headers, body: this.#body.bytes })
  }
}

/** The codes that Node has for what undici has codes of its own for. */
const OF_NODE: Record<string, string> = {
  UND_ERR_SOCKET: 'ECONNRESET',
  UND_ERR_CLOSED: 'ECONNRESET',
  UND_ERR_DESTROYED: 'ECONNRESET',
  // The connection has ended before the answer has.
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'ECONNRESET',
  UND_ERR_HEADERS_OVERFLOW: 'HPE_HEADER_OVERFLOW',
  UND_ERR_CONNECT_TIMEOUT: 'ETIMEDOUT',
}

/** What is no HTTP has a code in Node, but mostly none in undici. */
const NO_HTTP = 'HPE_INVALID_CONSTANT'

function asOfNode(error: Error & { code?: string }): Error {
  const code = error.code ? OF_NODE[error.code] : error.name === 'HTTPParserError' && NO_HTTP
  return code ? Object.assign(new Error(error.message, { cause: error }), { code }) : error
}
