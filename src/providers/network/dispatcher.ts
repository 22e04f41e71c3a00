/**
 * Connections over undici, which take a third of the CPU that those of agents.ts take for a call. They keep to the same
 * rules: no refused address, the CAs of the connector, and no more of them than calls. They know no proxy.
 */
import type { Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import { Agent, buildConnector, type Dispatcher } from 'undici'
import { DeadlineExceeded } from '../../async/deadline-exceeded.ts'
import { type AgentsOptions, IDLE_MS, type Network, trusting } from './agents.ts'
import type { EndpointGuard } from './endpoint-guard.ts'
import { EndpointRefused } from './endpoint-rules.ts'

/** Time until a host takes a connection, without the handshake of TLS. */
export const CONNECT_MS = 3_000
/** Time until the handshake of TLS has ended, too. */
export const HANDSHAKE_MS = 10_000

/** Whether the environment names a proxy, which may be for some hosts only. */
export const hasProxy = (proxyEnv: Network['proxyEnv']): boolean =>
  Object.entries(proxyEnv).some(([name, value]) => /^https?_proxy$/i.test(name) && value)

export function createDispatcher(
  guard: EndpointGuard,
  { maxSockets, caPem, addsCAs = false, owner }: AgentsOptions,
): Dispatcher {
  const tls = () => (caPem ? { secureContext: createSecureContext(trusting(caPem, addsCAs)) } : {})
  return new Agent({
    connect: guarded({ ...guard, lookupFor: port => guard.lookupFor(port, owner) }, tls),
    connections: maxSockets,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: IDLE_MS,
    // Not longer where a server says so: what is between may forget the connection sooner.
    keepAliveMaxTimeout: IDLE_MS,
    // The deadline of the call decides.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
}

/** Connects like undici, but to no refused address, whether it is written in a URL or a name has it. */
function guarded(guard: EndpointGuard, tls: () => object): buildConnector.connector {
  const connectors = new Map<number, buildConnector.connector>()
  const connectorFor = (port: number) => {
    const known = connectors.get(port)
    if (known) return known
    const made = buildConnector({ ...tls(), allowH2: false, timeout: 0, lookup: guard.lookupFor(port) })
    connectors.set(port, made)
    return made
  }
  return (options, callback) => {
    const { hostname, protocol } = options
    const port = Number(options.port || (protocol === 'https:' ? 443 : 80))
    const what = guard.refusedAddress(hostname, port)
    if (what !== undefined) return callback(new EndpointRefused(`${hostname} is ${what}`), null)
    // The type of undici does not say that it returns the socket.
    const socket = connectorFor(port)(options, callback) as unknown as Socket
    limit(socket, CONNECT_MS, 'connect')
    // undici lets a connection go on when nobody waits for it any more, and it keeps the place of another.
    if (protocol === 'https:') limit(socket, HANDSHAKE_MS, 'secureConnect')
  }
}

function limit(socket: Socket, ms: number, until: string): void {
  const timer = setTimeout(() => socket.destroy(new DeadlineExceeded(ms)), ms)
  for (const event of [until, 'close']) socket.once(event, () => clearTimeout(timer))
}
