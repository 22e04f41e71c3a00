/**
 * Agents for the SDKs of clouds: connections are kept alive, go to no refused address, and through the proxies that the
 * environment names. A proxy resolves names itself: what it connects to is its own to refuse.
 */
import http from 'node:http'
import https from 'node:https'
import { createSecureContext, getCACertificates } from 'node:tls'
import { type EndpointGuard, EndpointRefused } from './endpoint-guard.ts'

/** How providers get out into the world. */
export interface Network {
  guard: EndpointGuard
  /** HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in either case. */
  proxyEnv: http.ProxyEnv
}

export interface AgentsOptions {
  /** Of each host. */
  maxSockets: number
  /** CAs that are trusted instead of Node's. */
  caPem?: string | undefined
  /** Not instead of them, but beside. */
  addsCAs?: boolean
}

export interface Agents {
  httpAgent: http.Agent
  httpsAgent: https.Agent
}

/** Unused connections are closed after this; servers commonly close them after 60 s. */
const IDLE_MS = 50_000
/** Idle connections of a host. */
const FREE_SOCKETS_MAX = 4

export function createAgents(
  { guard, proxyEnv }: Network,
  { maxSockets, caPem, addsCAs = false }: AgentsOptions,
): Agents {
  const options = {
    keepAlive: true,
    maxSockets,
    maxFreeSockets: FREE_SOCKETS_MAX,
    timeout: IDLE_MS,
    lookup: guard.lookup,
    proxyEnv,
  }
  // Made once: the well-known CAs take 17 ms to read, which would be for each connection.
  const secureContext = caPem && createSecureContext({ ca: addsCAs ? [...getCACertificates('default'), caPem] : caPem })
  return {
    httpAgent: guarded(new http.Agent(options), guard),
    httpsAgent: guarded(new https.Agent({ ...options, ...(secureContext ? { secureContext } : {}) }), guard),
  }
}

/** Node looks names up, but connects to addresses as they are; and with a proxy to what the proxy is told. */
function guarded<A extends http.Agent>(agent: A, guard: EndpointGuard): A {
  const connect: http.Agent['createConnection'] = agent.createConnection.bind(agent)
  agent.createConnection = (options, callback) => {
    const host = options.host ?? ''
    const what = guard.refusedAddress(host)
    if (what === undefined) return connect(options, callback)
    callback?.(new EndpointRefused(`${host} is ${what}`), undefined as never)
    return undefined
  }
  return agent
}
