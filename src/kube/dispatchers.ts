/** Connections to the API server: few, kept alive, and shared by all calls. */
import { createSecureContext } from 'node:tls'
import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import type { TlsMaterial } from './credentials.ts'

export interface Dispatchers {
  calls: Dispatcher
  /** Connections of watches, apart from those of calls: each watch keeps one for itself. */
  watches: Dispatcher
}

export interface DispatcherOptions {
  tls: TlsMaterial
  proxyUrl: string | undefined
  /** The most connections that calls may use at the same time. */
  connections: number
}

export function createDispatchers({ tls, proxyUrl, connections }: DispatcherOptions): Dispatchers {
  // The CAs and the key are read once: each connection would have a copy of its own.
  const secureContext = createSecureContext(tls)
  // These options notice a dead peer in well under a minute: libuv probes every second after the initial delay.
  const connect = { ...tls, secureContext, timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 30_000 }
  const common = {
    pipelining: 1,
    // HTTP/2 would put all calls behind one TCP connection, and undici negotiates it by default.
    allowH2: false,
    // No timeout of undici: the deadline of the call or the watch decides.
    headersTimeout: 0,
    bodyTimeout: 0,
    // Less than the 90 s of kube-apiserver and the 60 s of common load balancers.
    keepAliveTimeout: 30_000,
  }
  // It has an agent of its own for the proxy, which does not ask `common`. The bundle has no HTTP/2 (scripts/lean.ts).
  const proxyTls = { allowH2: false }
  const create = (limit: number | null): Dispatcher =>
    proxyUrl
      ? new ProxyAgent({ ...common, connections: limit, uri: proxyUrl, proxyTls, requestTls: connect })
      : new Agent({ ...common, connections: limit, connect })
  return { calls: create(connections), watches: create(null) }
}
