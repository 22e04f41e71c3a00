/** Connections to the API server: few, kept alive, shared by all calls. */
import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import type { TlsMaterial } from './credentials.ts'

export interface Dispatchers {
  calls: Dispatcher
  /** Apart from the calls: each watch keeps a connection for itself. */
  watches: Dispatcher
}

export interface DispatcherOptions {
  tls: TlsMaterial
  proxyUrl: string | undefined
  /** The most connections that calls may use at the same time. */
  connections: number
}

export function createDispatchers({ tls, proxyUrl, connections }: DispatcherOptions): Dispatchers {
  // A dead peer is noticed in well under a minute: libuv probes every second after the initial delay.
  const connect = { ...tls, timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 30_000 }
  const common = {
    pipelining: 1,
    // HTTP/2 would put all calls behind one TCP connection, and undici negotiates it by default.
    allowH2: false,
    // The deadline of the call or the watch decides.
    headersTimeout: 0,
    bodyTimeout: 0,
    // Shorter than the 90 s of kube-apiserver and the 60 s of common load balancers.
    keepAliveTimeout: 30_000,
  }
  const create = (limit: number | null): Dispatcher =>
    proxyUrl
      ? new ProxyAgent({ ...common, connections: limit, uri: proxyUrl, requestTls: connect })
      : new Agent({ ...common, connections: limit, connect })
  return { calls: create(connections), watches: create(null) }
}
