/**
 * Agents for the SDKs of clouds. They keep connections alive, connect to no refused address, and use the proxies that
 * the environment names. A proxy resolves names itself: which addresses it connects to is up to the proxy.
 */
import http from 'node:http'
import https from 'node:https'
import { createSecureContext, getCACertificates, type SecureContextOptions } from 'node:tls'
import type { AnswerBudget } from './answer-budget.ts'
import type { EndpointGuard } from './endpoint-guard.ts'
import { EndpointRefused } from './endpoint-rules.ts'

/** What decides how providers reach the network. */
/** Who is told of endpoints that do not answer. */
export interface Outages {
  /** The endpoint has been left alone for a while: one call may find out whether it answers again. */
  mayTry(endpoint: string): void
  /** The endpoint answers again. */
  over(endpoint: string): void
}

export interface Network {
  guard: EndpointGuard
  /** HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in upper or lower case. */
  proxyEnv: http.ProxyEnv
  /** What answers may take of the memory. Default: a budget of the transports' own. */
  budget?: AnswerBudget
  outages?: Outages
}

export interface AgentsOptions {
  /** Open connections to each host, at most. */
  maxSockets: number
  /** CAs that are trusted instead of the ones that Node trusts. */
  caPem?: string | undefined
  /** Trusts the CAs beside the ones that Node trusts, not instead of them. */
  addsCAs?: boolean
  /** Namespace for whose connector they are. */
  owner?: string | undefined
}

export interface Agents {
  httpAgent: http.Agent
  httpsAgent: https.Agent
}

/** After this, an unused connection is closed. Servers commonly close them after 60 s. */
export const IDLE_MS = 50_000

export function createAgents(
  { guard, proxyEnv }: Pick<Network, 'guard' | 'proxyEnv'>,
  { maxSockets, caPem, addsCAs = false, owner }: AgentsOptions,
): Agents {
  const options = {
    keepAlive: true,
    maxSockets,
    // With fewer, a burst of calls closes connections that the next one opens again.
    maxFreeSockets: maxSockets,
    timeout: IDLE_MS,
    proxyEnv,
  }
  // The context is made once: reading the well-known CAs takes 17 ms, which each connection would cost.
  const secureContext = caPem && createSecureContext(trusting(caPem, addsCAs))
  const lookups = { ...guard, lookupFor: (port: number) => guard.lookupFor(port, owner) }
  return {
    httpAgent: guarded(new http.Agent(options), lookups),
    httpsAgent: guarded(new https.Agent({ ...options, ...(secureContext ? { secureContext } : {}) }), lookups),
  }
}

/** A bundle may end in an intermediate CA, as companies give it out: whoever put it there trusts it, root or not. */
export const trusting = (caPem: string, addsCAs: boolean): SecureContextOptions => ({
  ca: addsCAs ? [...getCACertificates('default'), caPem] : caPem,
  allowPartialTrustChain: true,
})

/**
 * Checks addresses that are written in a URL: Node only calls `lookup` for names, and does so with the guard's for the
 * port of the connection. With a proxy, too, the host that the request is for is checked; Node looks up the proxy itself.
 */
function guarded<A extends http.Agent>(agent: A, guard: EndpointGuard): A {
  const connect: http.Agent['createConnection'] = agent.createConnection.bind(agent)
  agent.createConnection = (options, callback) => {
    const { port } = options
    const host = options.host ?? ''
    const what = guard.refusedAddress(host, Number(port))
    if (what === undefined) return connect({ ...options, lookup: guard.lookupFor(Number(port)) }, callback)
    callback?.(new EndpointRefused(`${host} is ${what}`), undefined as never)
    return undefined
  }
  return agent
}
