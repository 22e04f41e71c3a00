/** A small HTTP(S) service played by a test: it remembers what it was asked, and fails when it is told to. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { KeyAndCertificate } from './certificates.ts'

export interface Seen {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  /** Fields of a form; empty when the body is none. */
  readonly form: URLSearchParams
}

export interface Reply {
  readonly status: number
  /** An object is sent as JSON. */
  readonly body: object | string
  readonly headers?: Record<string, string>
}

/** What to do instead of an answer: another answer, none at all, or a broken connection. */
export type Fault = Reply | 'hang' | 'reset'

export interface Faults {
  /** Fails the next `times` requests; without it all, until `recover()`. */
  fail(fault: Fault, times?: number): void
  /** Answers again; requests that hang stay so. */
  recover(): void
}

export interface Emulator extends Faults {
  /** Without a final slash. */
  readonly url: string
  /** All requests so far, failed ones too. They hold credentials. */
  readonly requests: readonly Seen[]
  stop(): Promise<void>
}

export async function startEmulator(
  answer: (seen: Seen) => Reply | Promise<Reply>,
  tls?: KeyAndCertificate,
): Promise<Emulator> {
  const requests: Seen[] = []
  const faults = createFaults()
  const server = await listen(async (request, response) => {
    const seen = await read(request)
    requests.push(seen)
    if (!faults.strike(response)) send(response, await answer(seen))
  }, tls)
  return { ...server, fail: faults.fail, recover: faults.recover, requests }
}

/** `strike` answers a request with the fault that is due, if one is. */
export function createFaults(): Faults & { strike(response: ServerResponse): boolean } {
  let planned: { fault: Fault; times: number } | undefined
  return {
    fail(fault, times = Number.POSITIVE_INFINITY) {
      planned = { fault, times }
    },
    recover() {
      planned = undefined
    },
    strike(response) {
      if (!planned || planned.times <= 0) return false
      planned.times--
      const { fault } = planned
      if (fault === 'reset') response.destroy()
      else if (fault !== 'hang') send(response, fault)
      return true
    },
  }
}

/** On a free port of 127.0.0.1. */
export async function listen(
  listener: RequestListener,
  tls?: KeyAndCertificate,
): Promise<{ url: string; stop(): Promise<void> }> {
  const server = tls ? createSecureServer({ cert: tls.certPem, key: tls.keyPem }, listener) : createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

export function send(response: ServerResponse, { status, body, headers }: Reply): void {
  const isText = typeof body === 'string'
  response.writeHead(status, isText ? headers : { 'content-type': 'application/json; charset=utf-8', ...headers })
  response.end(isText ? body : JSON.stringify(body))
}

async function read(request: IncomingMessage): Promise<Seen> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server')
  let body = ''
  for await (const chunk of request) body += chunk
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
  return {
    method: request.method ?? '',
    path: pathname,
    query: searchParams,
    headers: request.headers,
    form: new URLSearchParams(isForm ? body : ''),
  }
}
