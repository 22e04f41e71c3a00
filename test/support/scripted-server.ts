/** An HTTP(S) server that answers each request as a test has scripted it: for faults that no real API server shows. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Access } from '../../src/kube/access.ts'

export interface Exchange {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: string
  response: ServerResponse
}

export type Step = (exchange: Exchange) => unknown

export interface ScriptedServer {
  url: string
  /** Access of a transport to this server, without credentials. */
  access: Access
  /** Sets the answers to the next requests in order, one step for each. A request beyond the script gets a 501. */
  script(...steps: Step[]): void
  /** All requests so far. */
  requests: Exchange[]
  /** Resolves when this many requests have arrived. */
  received(count: number): Promise<void>
  /** The number of connections that were accepted so far. */
  connections(): number
  /** The number of connections that are open. */
  openConnections(): Promise<number>
  close(): Promise<void>
}

export async function startScriptedServer(tls?: ServerOptions): Promise<ScriptedServer> {
  const steps: Step[] = []
  const requests: Exchange[] = []
  const waiters = new Set<() => void>()
  let connections = 0

  const listener: RequestListener = async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://server')
    let body = ''
    for await (const chunk of request) body += chunk
    const exchange: Exchange = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body,
      response,
    }
    requests.push(exchange)
    const step = steps.shift() ?? status(501, { message: 'beyond the script' })
    for (const waiter of waiters) waiter()
    step(exchange)
  }

  const server = tls ? createSecureServer(tls, listener) : createServer(listener)
  server.on(tls ? 'secureConnection' : 'connection', () => connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    access: accessTo(url),
    script: (...more) => void steps.push(...more),
    requests,
    received: count =>
      new Promise(resolve => {
        const check = (): void => {
          if (requests.length < count) return
          waiters.delete(check)
          resolve()
        }
        waiters.add(check)
        check()
      }),
    connections: () => connections,
    openConnections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Access without credentials, with `tls` and `headers` if a test needs them. */
export function accessTo(
  url: string,
  credentials: Partial<Awaited<ReturnType<Access['credentials']['get']>>> = {},
): Access {
  const only = { headers: {}, tls: {}, ...credentials }
  return {
    server: new URL(url),
    proxyUrl: undefined,
    context: 'test',
    namespace: 'default',
    credentials: { get: async () => only, refresh: async () => only },
  }
}

export const json =
  (body: object, code = 200, headers: Record<string, string> = {}): Step =>
  ({ response }) =>
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

/** An answer with a failure in the form of the API server. */
export const status = (
  code: number,
  details: { reason?: string; message?: string; details?: object } = {},
  headers: Record<string, string> = {},
): Step => json({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, ...details }, code, headers)

/** Breaks the connection without an answer. */
export const reset: Step = ({ response }) => response.socket?.resetAndDestroy()

/** Never answers. */
export const silence: Step = () => {}
