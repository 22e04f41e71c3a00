/** HTTP to the API server: connections, credentials, deadlines, retries that are always safe, and errors. */

import type { Readable } from 'node:stream'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { OPERATOR } from '../api/names.ts'
import { withDeadline } from '../async/deadline.ts'
import type { Access } from './access.ts'
import type { Credentials } from './credentials.ts'
import { createDispatchers, type Dispatchers } from './dispatchers.ts'
import { ApiError, isUnauthorized, noAnswer, TransportError } from './errors.ts'
import { readList } from './item-stream.ts'

type Body = Dispatcher.ResponseData['body']

const METHODS = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
} as const

export type Verb = keyof typeof METHODS

export interface Request {
  verb: Verb
  /** Name of the resource in metrics: `secrets`, `artifactstores/status`. */
  resource: string
  /** Path below the server's URL, with the query. */
  path: string
  accept?: string
  contentType?: string
  /** Body, which is sent as JSON. */
  body?: object
  signal?: AbortSignal | undefined
  /** Time for the call, or for a watch until its first byte. Default 30 s. */
  timeoutMs?: number | undefined
  /** Makes of each item of a list what the answer has of it. Default: the items as they come. */
  keep?: ((item: object) => object) | undefined
  /** Runs before each attempt, and throws to refuse it. */
  guard?: (() => void) | undefined
}

/** One answer of the API server. `code` is 0 when there was none. */
export interface ResponseRecord {
  verb: Verb
  resource: string
  code: number
  durationMs: number
  /** The API server's clock at the answer, in ms and whole seconds; absent where it does not say. */
  serverMs?: number
}

export interface Transport {
  /**
   * Returns the parsed JSON of a 2xx answer. Rejects with ApiError, TransportError or the reason of the signal.
   * Retries within the deadline: after a 429 or 503 that says when; a GET whose connection broke; once after a 401,
   * with new credentials; after a 403 of an API server that has just started.
   */
  send(request: Request): Promise<unknown>
  /** Returns the body of a watch as it arrives. The signal ends it with its reason. */
  stream(request: Request & { signal: AbortSignal }): Promise<Readable>
  /** Breaks all connections. */
  close(): Promise<void>
}

export interface TransportOptions {
  access: Access
  /** The most connections for calls; watches have their own. Default 32. */
  connections?: number
  /** What audit logs call the program. Default: the operator. */
  userAgent?: string
  /** Called for each answer, and for each call without one. Must not throw. */
  onResponse?: (record: ResponseRecord) => void
  random?: () => number
  sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>
  /** A clock in ms that never goes back. */
  monotonic?: () => number
}

const DEFAULT_TIMEOUT_MS = 30_000
/** How often a GET is sent again when its connection breaks. More than once: kept-alive connections break together. */
const MAX_RESETS = 2
/**
 * An API server that starts answers before it knows any role, and so refuses everything for a moment: a second at a start
 * that takes six. For so long after a call without an answer, a 403 may be no decision of anybody.
 */
const STARTING_MS = 10_000
const STARTING_PAUSE_MS = 500
const RESET_CODES = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

export function createTransport({
  access,
  connections = 32,
  userAgent = OPERATOR,
  onResponse,
  random = Math.random,
  sleep = (ms, signal) => delay(ms, undefined, { signal }),
  monotonic = () => performance.now(),
}: TransportOptions): Transport {
  const { origin } = access.server
  const basePath = access.server.pathname.replace(/\/$/, '')
  let open: (Dispatchers & Pick<Credentials, 'tls'>) | undefined
  let unansweredAt = Number.NEGATIVE_INFINITY

  /** Returns the connections that these credentials may use. Old ones end with the calls that still run on them. */
  function dispatchersFor({ tls }: Credentials): Dispatchers {
    if (open?.tls === tls) return open
    const made = { tls, ...createDispatchers({ tls, proxyUrl: access.proxyUrl, connections }) }
    void Promise.allSettled([open?.calls.close(), open?.watches.close()])
    open = made
    return made
  }

  /** Makes one HTTP exchange. Reports it once, and turns its failures into errors of this module. */
  async function attempt<T>(
    request: Request,
    credentials: Credentials,
    signal: AbortSignal,
    read: (body: Body) => T,
  ): Promise<Awaited<T>> {
    request.guard?.()
    const { verb, resource, body } = request
    const started = performance.now()
    let code = 0
    let serverMs = Number.NaN
    try {
      const { calls, watches } = dispatchersFor(credentials)
      const response = await (verb === 'watch' ? watches : calls).request({
        origin,
        method: METHODS[verb],
        path: basePath + request.path,
        headers: {
          accept: request.accept ?? 'application/json',
          'user-agent': userAgent,
          ...(body && { 'content-type': request.contentType ?? 'application/json' }),
          ...credentials.headers,
        },
        body: body ? JSON.stringify(body) : null,
        signal,
      })
      code = response.statusCode
      serverMs = Date.parse(String(response.headers['date']))
      if (code < 200 || code > 299) throw await readError(what(request), response)
      return await read(response.body)
    } catch (error) {
      if (error instanceof ApiError) throw error
      if (signal.aborted) throw signal.reason
      if (code === 0) unansweredAt = monotonic()
      // The parser's message is left out: it quotes what it has read, which may be a Secret.
      if (error instanceof SyntaxError) throw new TransportError(`${what(request)} at ${origin}: the answer is no JSON`)
      throw noAnswer(`${what(request)} at ${origin}`, error)
    } finally {
      const clock = Number.isNaN(serverMs) ? {} : { serverMs }
      onResponse?.({ verb, resource, code, durationMs: performance.now() - started, ...clock })
    }
  }

  async function exchange<T>(request: Request, signal: AbortSignal, read: (body: Body) => T): Promise<Awaited<T>> {
    const credentials = await access.credentials.get()
    try {
      return await attempt(request, credentials, signal, read)
    } catch (error) {
      if (!isUnauthorized(error)) throw error
      const fresh = await access.credentials.refresh(credentials)
      if (fresh === credentials) throw error
      return attempt(request, fresh, signal, read)
    }
  }

  /** Returns the ms until the next attempt; undefined to give up. */
  function retryDelay(error: unknown, request: Request, resets: number): number | undefined {
    if (error instanceof ApiError) {
      const asked = error.code === 429 || error.code === 503 ? error.retryAfterMs : undefined
      const isStarting = error.code === 403 && monotonic() - unansweredAt < STARTING_MS
      const wait = isStarting ? STARTING_PAUSE_MS : asked
      // Wait longer than asked for, never shorter: clients that were refused together come back apart.
      return wait === undefined ? undefined : Math.max(wait, 100) * (1 + random() / 2)
    }
    if (METHODS[request.verb] !== 'GET' || resets >= MAX_RESETS) return undefined
    return error instanceof TransportError && RESET_CODES.has(error.code ?? '') ? 0 : undefined
  }

  return {
    send(request) {
      const { timeoutMs = DEFAULT_TIMEOUT_MS } = request
      const expires = performance.now() + timeoutMs
      const run = async (signal: AbortSignal): Promise<unknown> => {
        for (let resets = 0; ; ) {
          try {
            const answer = await exchange(request, signal, body =>
              request.keep ? readList(body, request.keep) : body.json(),
            )
            // undici frees a connection one turn after its answer: at once, the caller's next call would open another.
            await nextTurn()
            return answer
          } catch (error) {
            const wait = retryDelay(error, request, resets)
            if (wait === undefined || performance.now() + wait >= expires) throw error
            if (error instanceof TransportError) resets++
            else await sleep(wait, signal)
          }
        }
      }
      return withDeadline(timeoutMs, request.signal, run, () => late(request, timeoutMs))
    },

    stream(request) {
      const { timeoutMs = DEFAULT_TIMEOUT_MS } = request
      // The deadline ends with the opening; the caller's signal counts for as long as the stream lasts.
      const open = (opening: AbortSignal) => exchange(request, AbortSignal.any([request.signal, opening]), body => body)
      return withDeadline(timeoutMs, request.signal, open, () => late(request, timeoutMs))
    },

    async close() {
      await Promise.all([open?.calls.destroy(), open?.watches.destroy()])
    },
  }
}

const late = (request: Request, timeoutMs: number): TransportError =>
  new TransportError(`${what(request)}: no answer within ${timeoutMs / 1000} s`)

/** Names a request in errors: `list /api/v1/secrets`. The query is left out: it tells people nothing. */
export const what = ({ verb, path }: Request): string => `${verb} ${path.split('?', 1)[0]}`

async function readError(what: string, { statusCode, headers, body }: Dispatcher.ResponseData): Promise<ApiError> {
  const text = await body.text()
  const retryAfter = Number(headers['retry-after'] ?? Number.NaN)
  return new ApiError(statusCode, parseStatus(text), what, Number.isNaN(retryAfter) ? undefined : retryAfter * 1000)
}

/** Reads a Status, if it is one: proxies and the outermost handlers of the API server answer in plain text or HTML. */
function parseStatus(text: string): { message?: string } {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null) return parsed
  } catch {}
  const line = text.trim().split('\n', 1)[0] ?? ''
  return line && !line.startsWith('<') ? { message: line.slice(0, 200) } : {}
}
