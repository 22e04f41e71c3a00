/** HTTP over the connections of one transport, to one origin, without following redirects. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import type { StoragePipelineOptions } from '@azure/storage-blob'
import { DeadlineExceeded } from '../../async/deadline-exceeded.ts'
import { shown } from '../../foreign/text.ts'
import type { Agents } from '../network/agents.ts'
import { AnswerBudget, type AnswerMeter, LARGE_BYTES, SMALL_BYTES } from '../network/answer-budget.ts'
import { EndpointRefused } from '../network/endpoint-rules.ts'
import { Gathered } from '../network/gathered.ts'
import type { Transport } from '../network/transports.ts'
import { unexpectedAnswer } from './answer.ts'

export interface HttpRequest {
  url: string
  method: string
  headers: Record<string, string>
  body?: unknown
  signal?: AbortSignal | undefined
}

export interface HttpResponse {
  status: number
  headers: Record<string, string>
  body: string
}

export type Send = (request: HttpRequest) => Promise<HttpResponse>

const CONNECT_MS = 3_000

/** Requests go to the origin of `base` only. `answers`: bounds what is read. Default: a budget of their own. */
export function createSend(agents: Agents, base: string, answers = new AnswerBudget().endpoint(base)): Send {
  const { origin } = new URL(base)
  return async request => {
    const url = new URL(request.url)
    if (url.origin !== origin) {
      throw new EndpointRefused(`${origin} leads to another host, ${url.host}`)
    }
    try {
      return await exchange({ agents, answers }, url, request)
    } catch (error) {
      // The server had closed the connection while it was idle, so the request is sent again.
      if (isStale(error)) return exchange({ agents, answers }, url, request)
      throw error
    }
  }
}

class StaleConnection extends Error {
  readonly code = 'ECONNRESET'
}

const isStale = (error: unknown): boolean => error instanceof StaleConnection

function exchange(
  { agents, answers }: Pick<Transport, 'agents' | 'answers'>,
  url: URL,
  { method, headers, body, signal }: HttpRequest,
): Promise<HttpResponse> {
  const options = { method, headers, ...(signal ? { signal } : {}) }
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:'
        ? https.request(url, { ...options, agent: agents.httpsAgent })
        : http.request(url, { ...options, agent: agents.httpAgent })
    request.on('response', response => read(response, url, answers).then(resolve, reject))
    request.on('error', (error: NodeJS.ErrnoException) => {
      const stale = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      reject(stale ? new StaleConnection('connection closed') : error)
    })
    limitConnecting(request)
    request.end(typeof body === 'string' || body instanceof Uint8Array ? body : undefined)
  })
}

function limitConnecting(request: ClientRequest): void {
  request.on('socket', socket => {
    if (!socket.connecting) return
    const timer = setTimeout(() => request.destroy(new DeadlineExceeded(CONNECT_MS)), CONNECT_MS)
    for (const event of ['connect', 'close'] as const) socket.once(event, () => clearTimeout(timer))
  })
}

async function read(response: IncomingMessage, url: URL, answers: AnswerMeter): Promise<HttpResponse> {
  const isLarge = response.statusCode === 200 && isPage(url)
  const metered = answers.begin(isLarge ? LARGE_BYTES : SMALL_BYTES, error => response.destroy(error))
  const body = new Gathered()
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      if (!metered.take(chunk.length)) await metered.grow(chunk.length)
      body.add(chunk)
    }
    await metered.whole()
  } finally {
    metered.release()
  }
  const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const)
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(headers),
    body: body.bytes.toString(),
  }
}

/** Whether a page of a list is asked for, and not only whether there is one. */
const isPage = ({ searchParams }: URL): boolean =>
  searchParams.get('comp') === 'list' && searchParams.get('maxresults') !== '1'

/** The client of the storage SDK. An answer that neither has the service's header nor is XML is not the service's. */
export function storageHttpClient(send: Send): NonNullable<StoragePipelineOptions['httpClient']> {
  return {
    async sendRequest(request) {
      const { url, method, body, abortSignal } = request
      const sent = { url, method, body, signal: abortSignal as AbortSignal | undefined }
      const answer = await send({ ...sent, headers: request.headers.rawHeaders() })
      if (isForeign(answer)) throw unexpectedAnswer(shown(answer.body))
      const headers = request.headers.clone()
      for (const name of headers.headerNames()) headers.remove(name)
      for (const [name, value] of Object.entries(answered(answer))) headers.set(name, value)
      return { request, status: answer.status, headers, bodyAsText: answer.body }
    },
  }
}

/** Whether something else has answered. A 429 or 5xx is no sign of it, as a proxy of the service may say so itself. */
const isForeign = ({ status, headers }: HttpResponse): boolean =>
  status < 500 &&
  status !== 429 &&
  headers['x-ms-request-id'] === undefined &&
  !headers['content-type']?.includes('xml')

/** Headers without a redirect's target and a refusal's challenge, so that the SDK sends no further request. */
function answered({ headers }: HttpResponse): Record<string, string> {
  const { location: _, 'www-authenticate': __, ...rest } = headers
  return rest
}
