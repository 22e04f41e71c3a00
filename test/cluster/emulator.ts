/** A small HTTP(S) service for tests: it remembers its requests, and fails when a test tells it to. */
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
  /** The fields of the form in the body; empty when the body is no form. */
  readonly form: URLSearchParams
}

export interface Reply {
  readonly status: number
  /** The body to send; an object is sent as JSON. */
  readonly body: object | string
  readonly headers?: Record<string, string>
}

/** What a client gets instead of the answer: another answer, none at all, or a broken connection. */
export type Fault = Reply | 'hang' | 'reset'

export interface Faults {
  /** Fails the next `times` requests; without `times`, all requests until `recover()`. */
  fail(fault: Fault, times?: number): void
  /** Lets the service answer again; requests that hang already go on hanging. */
  recover(): void
}

export interface Emulator extends Faults {
  /** The URL of the service, without a final slash. */
  readonly url: string
  /** All requests so far, including failed ones. They contain credentials. */
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

/** `strike` answers a request with the fault that is due, and returns false if none is. */
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

/** Starts a server at a free port of 127.0.0.1. */
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
