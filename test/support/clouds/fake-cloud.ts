/** The storage of a cloud in memory, behind HTTP(S), which is well or in trouble: for the contract that clouds share. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { FakeBucket, FakeService, Mood } from '../../../src/providers/lab.contract.ts'

export interface CloudRequest {
  method: string
  /** Decoded parts of the path. */
  path: string[]
  query: URLSearchParams
  /** Of a body that is a form. */
  form: URLSearchParams
  body: string
  headers: IncomingMessage['headers']
}

export interface CloudReply {
  status: number
  body?: string
  headers?: Record<string, string>
}

/** A refusal as this cloud writes it. `quoted`: what its message says of the request. */
export type Refuse = (status: number, code: string, quoted: string) => CloudReply

export interface FakeCloud extends FakeService {
  url: string
  close(): Promise<void>
}

/** Undefined: for the mood to answer. */
export type Answer = (request: CloudRequest, cloud: FakeCloud) => CloudReply

export async function startFakeCloud(answer: Answer, tls?: ServerOptions): Promise<FakeCloud> {
  const underWay = new Set<string>()
  const listener: RequestListener = async (request, response) => {
    const what = `${request.method} ${request.url}`
    cloud.requests.push(what)
    underWay.add(what)
    response.on('close', () => underWay.delete(what))
    if (cloud.mood === 'Gone') return request.socket.destroy()
    if (cloud.mood === 'Silent') return
    reply(response, answer(await read(request), cloud))
  }
  const server = tls ? createSecureServer(tls, listener) : createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const cloud: FakeCloud = {
    url: tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    buckets: new Map<string, FakeBucket>(),
    mood: 'Well' as Mood,
    requests: [],
    refusals: 0,
    underWay,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return cloud
}

async function read(request: IncomingMessage): Promise<CloudRequest> {
  let body = ''
  for await (const chunk of request) body += chunk
  const url = new URL(request.url ?? '/', 'http://cloud')
  return {
    method: request.method ?? '',
    path: url.pathname.split('/').filter(Boolean).map(decodeURIComponent),
    query: url.searchParams,
    form: new URLSearchParams(body),
    body,
    headers: request.headers,
  }
}

const reply = (response: ServerResponse, { status, body, headers }: CloudReply) =>
  response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(body)

let refusals = 0

/** What a service may say in a refusal: all that was sent, an id, a time. */
export function quoted({ method, path, query, headers, body }: CloudRequest): string {
  const sent = `${method} /${path.join('/')}?${query} ${JSON.stringify(headers)} ${body}`
  return `${sent} RequestId:${++refusals} Time:${new Date().toISOString()}`.replace(/[<>&]/g, ' ')
}

/** Keys below a prefix after `after`, a page of them. */
export function pageOf({ objects }: FakeBucket, prefix: string, after: string, max: number) {
  const left = [...objects].filter(([key]) => key.startsWith(prefix) && key > after).sort()
  const page = left.slice(0, Math.min(max, PAGE))
  return { page, last: page.at(-1)?.[0] ?? '', more: left.length > page.length }
}

/** Small, so that a test needs few objects for many pages. */
const PAGE = 2
