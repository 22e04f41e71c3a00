/** Connections to endpoints, shared by all sessions that go to the same one and trust the same CAs. */
import { createHash } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import { createSecureContext, getCACertificates } from 'node:tls'
import { guardedLookup } from '../endpoint-guard.ts'
import { Gate, type OnRequest, type Outcome } from '../gate.ts'
import { answerOfError } from './answer.ts'
import { type Agents, createSend, type Send } from './http.ts'

export interface Transport {
  send: Send
  gate: Gate
}

export interface TransportsOptions {
  clock: () => Date
  onRequest?: OnRequest | undefined
  /** Calls at once to one endpoint. Default 32. */
  limit?: number
  /** How host names become addresses. Default: DNS, without refused addresses. */
  lookup?: LookupFunction
}

export interface TransportKey {
  /** Requests go to its origin only. */
  url: string
  /** Trusted besides the roots that everybody trusts. */
  caPem?: string | undefined
}

interface Shared extends Transport {
  agents: Agents
  users: number
}

const LIMIT = 32
const DEADLINE_MS = 10_000
/** Unused connections are closed after this; servers commonly close them after 60 s. */
const IDLE_MS = 50_000
/** Idle connections of a host. */
const FREE_SOCKETS_MAX = 4
/** Endpoints that nobody uses are kept for who comes back soon: with them, whether they answer at all. */
const UNUSED_MAX = 64

export class Transports {
  readonly #options: TransportsOptions
  /** Least recently acquired first. */
  readonly #shared = new Map<string, Shared>()

  constructor(options: TransportsOptions) {
    this.#options = options
  }

  /** Give it back with `release`, once. */
  acquire(key: TransportKey): Transport & { release(): void } {
    const name = nameOf(key)
    const shared = this.#shared.get(name) ?? this.#create(key)
    this.#shared.delete(name)
    this.#shared.set(name, shared)
    shared.users++
    let released = false
    const release = () => {
      if (released) return
      released = true
      shared.users--
      this.#trim()
    }
    return { send: shared.send, gate: shared.gate, release }
  }

  close(): void {
    for (const shared of this.#shared.values()) destroy(shared)
    this.#shared.clear()
  }

  #create({ url, caPem }: TransportKey): Shared {
    const { limit = LIMIT, lookup = guardedLookup(), clock, onRequest } = this.#options
    const sockets = {
      keepAlive: true,
      maxSockets: limit,
      maxFreeSockets: FREE_SOCKETS_MAX,
      timeout: IDLE_MS,
      lookup,
    }
    // Made once: it is many certificates to read for each connection.
    const secureContext = caPem ? createSecureContext({ ca: [...getCACertificates('default'), caPem] }) : undefined
    const agents = {
      http: new http.Agent(sockets),
      https: new https.Agent({ ...sockets, ...(secureContext ? { secureContext } : {}) }),
    }
    return {
      users: 0,
      agents,
      send: createSend(agents, new URL(url).origin),
      gate: new Gate({ limit, deadlineMs: DEADLINE_MS, clock, onRequest, outcomeOf }),
    }
  }

  #trim(): void {
    const unused = [...this.#shared].filter(([, { users }]) => users === 0)
    for (const [name, shared] of unused.slice(0, Math.max(0, unused.length - UNUSED_MAX))) {
      this.#shared.delete(name)
      destroy(shared)
    }
  }
}

const nameOf = ({ url, caPem = '' }: TransportKey): string =>
  `${new URL(url).origin} ${createHash('sha256').update(caPem).digest('hex')}`

function destroy({ agents }: Shared): void {
  agents.http.destroy()
  agents.https.destroy()
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'DeadlineExceeded',
])

function outcomeOf(error: unknown): Outcome {
  const answer = answerOfError(error)
  if (!answer) return 'not-sent'
  if (answer.status !== 0) return answer.status
  return UNREACHABLE.has(answer.code ?? '') ? 'unreachable' : 'wrong-host'
}
