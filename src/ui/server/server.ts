/** The server of the page: on loopback, for one person. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'
import { usageFailure } from '../../cli/frame/failures.ts'
import type { Entry, EntryRequest, Refusal } from '../contract.ts'
import { readBody } from './body.ts'
import type { Calls } from './calls.ts'
import type { Door } from './door.ts'
import { type House, isRefused, judge, type Refused, refused } from './gate.ts'
import { SECURITY_HEADERS } from './headers.ts'
import { contentOf, type Page } from './page.ts'
import { isOwn } from './peer.ts'
import type { Streams } from './stream.ts'

/** The only address that it ever listens on. */
const LOOPBACK = '127.0.0.1'
const CONNECTIONS_MAX = 64
/** In ms. Without the last, Node looks only each half minute whose time is over. */
export const TIMES = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
}

export interface Parts {
  page: Page
  streams: Streams
  calls: Calls
  door: Door
  /** Told of faults of the program. */
  onFault: (error: unknown) => void
}

export interface Serving {
  port: number
  close(): Promise<void>
}

/** Listens on a port, or on any that is free for 0. */
export async function serve(parts: Parts, port: number, times: typeof TIMES = TIMES): Promise<Serving> {
  const server = createServer(times)
  server.maxConnections = CONNECTIONS_MAX
  const house: House = { port: await listen(server, port), tokens: parts.door.tokens }
  server.on('request', (request, response) => {
    answer(parts, house, request, response).catch(error => {
      response.destroy()
      parts.onFault(error)
    })
  })
  return {
    port: house.port,
    close: () =>
      new Promise<void>(closed => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((listening, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? usageFailure(`port ${port} of ${LOOPBACK} can't be used: ${error.code}`, 'give another --port, or none')
          : error,
      )
    })
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => listening((server.address() as AddressInfo).port))
  })
}

async function answer(parts: Parts, house: House, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url: target = '', headersDistinct: headers } = request
  const admitted = judge({ method, target, headers }, house)
  if (isRefused(admitted)) return refuse(response, admitted)
  const { kind, path } = admitted
  if (kind === 'entry') return enter(parts.door, request, response)
  if (kind === 'file') return sendFile(parts.page, path, request, response)
  if (path === '/api/changes' && method === 'GET') {
    const isOpen = parts.streams.open(response, SECURITY_HEADERS)
    return isOpen ? undefined : refuse(response, refused(429, 'Busy', 'too many pages are open: close one of them'))
  }
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  try {
    const given = await parts.calls.answer({ path, request, signal: gone.signal })
    if (isRefused(given)) refuse(response, given)
    else sendJson(response, 200, given)
  } catch (error) {
    if (!gone.signal.aborted) throw error
  }
}

const entrySchema: z.ZodType<EntryRequest> = z.object({ code: z.string().max(64) })

/** Gives a token for a code. Whoever else on this machine has read the code is asked who they are before it counts. */
async function enter(door: Door, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!(await isOwn(request.socket)))
    return refuse(response, refused(403, 'Forbidden', 'this page belongs to another user of this machine'))
  const read = await readBody(request, entrySchema)
  const given = isRefused(read) ? read : door.enter(read.body.code)
  if (isRefused(given)) refuse(response, given)
  else sendJson(response, 200, given satisfies Entry)
}

function sendFile(page: Page, path: string, { method, headers }: IncomingMessage, response: ServerResponse): void {
  const file = page.get(path)
  if (!file) {
    refuse(response, refused(404, 'NotFound', 'there is no such file'))
    return
  }
  const { body, headers: encoding } = contentOf(file, String(headers['accept-encoding'] ?? ''))
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    ...encoding,
    ...{ 'Content-Type': file.type, 'Content-Length': body.byteLength, Vary: 'Accept-Encoding' },
  })
  response.end(method === 'HEAD' ? undefined : body)
}

/** What is left of the request's body is not read: the connection ends. */
function refuse(response: ServerResponse, { status, allow, code, words }: Refused): void {
  if (allow) response.setHeader('Allow', allow)
  response.setHeader('Connection', 'close')
  const refusal: Refusal = { code, words }
  sendJson(response, status, refusal)
}

function sendJson(response: ServerResponse, status: number, content: object): void {
  const body = JSON.stringify(content)
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    ...{ 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
  })
  response.end(body)
}
