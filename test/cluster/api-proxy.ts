/** A proxy before the API server, over TLS: it tells of each request, and harms watches as broken networks do. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createCertificateAuthority } from './certificates.ts'
import { closeProxy } from './close-proxy.ts'

/** `before` it is passed on, or `after` the API server has answered and before the client knows. */
export type Moment = 'before' | 'after'

export interface ApiProxy {
  readonly server: string
  readonly caPem: string
  /** Told of each request, twice. */
  at: (moment: Moment, request: IncomingMessage) => void
  /** Decides whether the connection of a request is reset instead. */
  breaks: (request: IncomingMessage) => boolean
  /** Decides whether a request is refused as an API server does that has too much to do, in its words. */
  refuses: (request: IncomingMessage) => boolean
  /** Changes the text of answers to TokenRequests. */
  editToken: ((answer: string) => string) | undefined
  /** Cuts each watch that is open now in the middle of its next line. */
  cutWatches(): void
  /** Keeps the watches that are open now open, and lets nothing through any more. */
  silenceWatches(): void
  /** Breaks the watches that are open now. */
  breakWatches(): void
  /** Watches that are open now and go on. */
  readonly watching: number
  readonly count: { cut: number; refused: number }
  close(): Promise<void>
}

export const isWatch = ({ url = '' }: IncomingMessage): boolean => /[?&]watch=1(&|$)/.test(url)
export const isTokenRequest = ({ method, url = '' }: IncomingMessage): boolean =>
  method === 'POST' && /\/serviceaccounts\/[^/]+\/token(\?|$)/.test(url)

interface Watch {
  response: ServerResponse
  fate: 'goes on' | 'is cut' | 'is silent'
}

export async function startApiProxy(cluster: { server: string; caPem: string }): Promise<ApiProxy> {
  const authority = await createCertificateAuthority('proxy of the API server')
  const { certPem, keyPem } = await authority.issueServer('api-proxy')
  const agent = new https.Agent({ ca: cluster.caPem, keepAlive: true })
  const watches = new Set<Watch>()
  const count = { cut: 0, refused: 0 }

  function pass(request: IncomingMessage, response: ServerResponse): void {
    const { method, headers } = request
    const onward = https.request(`${cluster.server}${request.url}`, { method, headers, agent }, answer => {
      if (response.destroyed) return void answer.destroy()
      if (proxy.editToken && isTokenRequest(request)) {
        return void edit(answer, response, proxy.editToken).catch(() => response.destroy())
      }
      proxy.at('after', request)
      if (response.destroyed) return
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      response.flushHeaders()
      if (isWatch(request)) return follow(answer, response)
      answer.pipe(response)
      // An answer that breaks off does not end what it is piped into.
      answer.on('close', () => answer.complete || response.destroy())
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  }

  function refuse(request: IncomingMessage, response: ServerResponse): void {
    count.refused++
    request.resume()
    response.writeHead(429, { 'retry-after': '1', 'content-type': 'text/plain; charset=utf-8' })
    response.end('Too many requests, please try again later.\n')
  }

  async function edit(answer: IncomingMessage, response: ServerResponse, change: (answer: string) => string) {
    const body = change(await text(answer))
    const { 'content-length': _, ...headers } = answer.headers
    response.writeHead(answer.statusCode ?? 502, headers).end(body)
  }

  function follow(answer: IncomingMessage, response: ServerResponse): void {
    const watch: Watch = { response, fate: 'goes on' }
    watches.add(watch)
    response.on('close', () => watches.delete(watch))
    answer.on('data', (chunk: Buffer) => {
      if (watch.fate === 'goes on') return void response.write(chunk)
      if (watch.fate === 'is silent') return
      count.cut++
      watches.delete(watch)
      response.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), () => response.socket?.destroy())
    })
    // A silent one does not even end.
    answer.on('close', () => {
      if (watch.fate === 'is silent') return
      if (answer.complete) response.end()
      else response.destroy()
    })
  }

  const server = https.createServer({ cert: certPem, key: keyPem }, (request, response) => {
    proxy.at('before', request)
    if (proxy.breaks(request)) request.socket.destroy()
    else if (proxy.refuses(request)) refuse(request, response)
    else pass(request, response)
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))

  const setFate = (fate: Watch['fate']) => {
    for (const watch of watches) watch.fate = fate
  }
  const proxy: ApiProxy = {
    server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caPem: authority.certPem,
    at: () => {},
    breaks: () => false,
    refuses: () => false,
    editToken: undefined,
    cutWatches: () => setFate('is cut'),
    silenceWatches: () => setFate('is silent'),
    breakWatches() {
      for (const { response } of watches) response.destroy()
    },
    get watching() {
      return [...watches].filter(({ fate }) => fate === 'goes on').length
    },
    count,
    close: () => closeProxy(server, agent),
  }
  return proxy
}
