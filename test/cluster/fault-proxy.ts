/** A proxy over plain HTTP in front of a TLS service: it passes signed requests on, or does what a test wants. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** An answer in place of the service's, or none: `hold` keeps the request and its connection open. */
export type Fault = 'hold' | { status: number; code: string; headers?: Record<string, string> }

export interface FaultProxy {
  readonly endpoint: string
  /** Decides about each request; undefined passes it on. */
  fault: (request: IncomingMessage) => Fault | undefined
  /** Changes each answer of the service's STS before clients get it. */
  editSts: ((answer: string) => string) | undefined
  /** The number of requests so far, and of those that were not passed on. */
  readonly count: { requests: number; faults: number }
  /** Requests that are held now; each one leaves the set when its client gives up. */
  readonly held: ReadonlySet<IncomingMessage>
  close(): Promise<void>
}

/** True for requests to STS: S3 has none of this form. */
export const isOfSts = ({ method, url }: IncomingMessage): boolean => method === 'POST' && url === '/'

export async function startFaultProxy(service: { endpoint: string; caPem: string }): Promise<FaultProxy> {
  const agent = new https.Agent({ ca: service.caPem, keepAlive: true })
  const held = new Set<IncomingMessage>()
  const count = { requests: 0, faults: 0 }

  function pass(request: IncomingMessage, response: ServerResponse): void {
    const { method, headers } = request
    const onward = https.request(`${service.endpoint}${request.url}`, { method, headers, agent }, answer => {
      if (proxy.editSts && isOfSts(request)) return edit(answer, response, proxy.editSts)
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  }

  async function edit(answer: IncomingMessage, response: ServerResponse, change: (answer: string) => string) {
    const body = change(await text(answer))
    const { 'content-length': _, ...headers } = answer.headers
    response.writeHead(answer.statusCode ?? 502, headers).end(body)
  }

  const server = createServer((request, response) => {
    count.requests++
    const fault = proxy.fault(request)
    if (!fault) return pass(request, response)
    count.faults++
    request.resume()
    if (fault === 'hold') {
      held.add(request)
      response.on('close', () => held.delete(request))
      return
    }
    const body = `<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>on purpose</Message></Error>`
    response
      .writeHead(fault.status, { 'content-type': 'application/xml', ...fault.headers })
      .end(request.method === 'HEAD' ? '' : body)
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))

  const proxy: FaultProxy = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: () => undefined,
    editSts: undefined,
    count,
    held,
    close: () =>
      new Promise(closed => {
        agent.destroy()
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
  return proxy
}
