/** A proxy over plain HTTP in front of a TLS service: it passes signed requests on, or does what a test wants. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { closeProxy } from './close-proxy.ts'

/**
 * An answer in place of the service's, or none: `hold` keeps the request and its connection open, `break` resets the
 * connection, and `half-close` ends the proxy's half of it, unanswered. Or the service's own answer: after a delay, or
 * with one byte a second.
 */
export type Fault =
  | 'hold'
  | 'break'
  | 'half-close'
  | 'byte-a-second'
  | { delayMs: number }
  | { status: number; code: string; headers?: Record<string, string> }

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

interface Sending {
  change: ((answer: string) => string) | undefined
  /** One byte of the body a second. */
  slowly: boolean
}

async function sendWhole(answer: IncomingMessage, response: ServerResponse, { change, slowly }: Sending) {
  const body = await buffer(answer)
  const { 'content-length': _, ...others } = answer.headers
  response.writeHead(answer.statusCode ?? 502, change ? others : answer.headers)
  const sent = change ? Buffer.from(change(body.toString())) : body
  if (!slowly) return void response.end(sent)
  response.flushHeaders()
  for (const byte of sent) {
    await sleep(1_000)
    if (response.destroyed) return
    response.write(Buffer.of(byte))
  }
  response.end()
}

export async function startFaultProxy(service: { endpoint: string; caPem: string }): Promise<FaultProxy> {
  const agent = new https.Agent({ ca: service.caPem, keepAlive: true })
  const held = new Set<IncomingMessage>()
  const count = { requests: 0, faults: 0 }

  function pass(request: IncomingMessage, response: ServerResponse, slowly = false): void {
    const { method, headers } = request
    const onward = https.request(`${service.endpoint}${request.url}`, { method, headers, agent }, answer => {
      const change = isOfSts(request) ? proxy.editSts : undefined
      if (change || slowly) return void sendWhole(answer, response, { change, slowly }).catch(() => response.destroy())
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
      // An answer that breaks off does not end what it is piped into.
      answer.on('close', () => answer.complete || response.destroy())
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  }

  const server = createServer((request, response) => {
    count.requests++
    const fault = proxy.fault(request)
    if (!fault) return pass(request, response)
    count.faults++
    if (fault === 'byte-a-second') return pass(request, response, true)
    if (typeof fault === 'object' && 'delayMs' in fault) {
      setTimeout(() => pass(request, response), fault.delayMs)
      return
    }
    request.resume()
    if (fault === 'break') return void request.socket.resetAndDestroy()
    // Its client may still write, and learns nothing but that nothing will come.
    if (fault === 'half-close') return void request.socket.end()
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
    close: () => closeProxy(server, agent),
  }
  return proxy
}
