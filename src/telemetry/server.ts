/** The HTTP server for probes and metrics. It serves only what anybody in the cluster may see. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describeError } from './redact.ts'

export interface ServerOptions {
  /** Address to listen at: `:8080`, `127.0.0.1:8080` or `[::1]:8080`. Port 0 takes a free one. */
  address: string
  /** Whether the process is ready: true, or the reason why it is not. */
  ready(): true | string
  /** What else a person who looks should know: a line each, for anybody to see. Default: nothing. */
  notes?(): string[]
  metrics(): Promise<{ contentType: string; body: readonly Buffer[] }>
  /** How long an answer may take until its last byte is taken, in ms. Default 10 s. */
  answerMs?: number
}

export interface Server {
  port: number
  close(): Promise<void>
}

interface Answer {
  code: number
  body: string | readonly Buffer[]
  contentType?: string
}

const ANSWER_MS = 10_000

/** Resolves once the server listens. Rejects when the address can't be parsed or is taken. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const server = createServer((request, response) => void serve(options, request, response))
  server.requestTimeout = 10_000
  const { host, port } = parseAddress(options.address)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, ...(host ? { host } : {}) }, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Parses an address to listen at. Throws RangeError. */
export function parseAddress(address: string): { host: string | undefined; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(address) ?? []
  const port = Number(digits)
  if (digits === undefined || port > 65_535) {
    throw new RangeError(`"${address}" is not an address: write host:port, or :port for every interface`)
  }
  return { host: bracketed || plain || undefined, port }
}

async function serve(options: ServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // Any pod may ask and take nothing: metrics of many stores are megabytes that would stay in memory.
  const timer = setTimeout(() => response.destroy(), options.answerMs ?? ANSWER_MS)
  response.once('close', () => clearTimeout(timer))
  const { code, body, contentType = 'text/plain; charset=utf-8' } = await answer(options, request)
  const pieces = typeof body === 'string' ? [Buffer.from(body)] : body
  response.writeHead(code, {
    'content-type': contentType,
    'content-length': pieces.reduce((sum, piece) => sum + piece.length, 0),
    'x-content-type-options': 'nosniff',
    ...(code === 405 ? { allow: 'GET, HEAD' } : {}),
  })
  if (request.method !== 'HEAD') for (const piece of pieces) response.write(piece)
  response.end()
}

async function answer({ ready, notes = () => [], metrics }: ServerOptions, request: IncomingMessage): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return { code: 405, body: 'only GET and HEAD\n' }
  switch (request.url?.split('?', 1)[0]) {
    case '/healthz':
      return { code: 200, body: 'ok\n' }
    case '/readyz': {
      const state = ready()
      const lines = [state === true ? 'ok' : state, ...notes()]
      return { code: state === true ? 200 : 503, body: `${lines.join('\n')}\n` }
    }
    case '/metrics':
      try {
        return { code: 200, ...(await metrics()) }
      } catch (error) {
        return { code: 500, body: `metrics can't be read: ${describeError(error)}\n` }
      }
    default:
      return { code: 404, body: 'not found; there is /healthz, /readyz and /metrics\n' }
  }
}
