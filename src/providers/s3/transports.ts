/** Connections to endpoints, shared by all sessions that go to the same one and trust the same CAs. */
import { createHash } from 'node:crypto'
import { type Agents, createAgents, type Network } from '../agents.ts'
import { createEndpointGuard } from '../endpoint-guard.ts'
import { Gate, type OnRequest, type Outcome } from '../gate.ts'
import { answerOfError } from './answer.ts'

export interface Transport {
  /** For the SDK's `requestHandler`. */
  handlerOptions: Agents & { connectionTimeout: number }
  gate: Gate
}

export interface TransportsOptions {
  clock: () => Date
  onRequest?: OnRequest | undefined
  /** Calls at once to one endpoint. Default 32. */
  limit?: number
  /** Default: no proxy, and no other addresses refused than everywhere. */
  network?: Network | undefined
}

interface Shared extends Transport {
  users: number
}

const DEFAULT_NETWORK: Network = { guard: createEndpointGuard(), proxyEnv: {} }
const LIMIT = 32
const CONNECTION_TIMEOUT_MS = 3_000
const DEADLINE_MS = 10_000
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
    return { handlerOptions: shared.handlerOptions, gate: shared.gate, release }
  }

  close(): void {
    for (const shared of this.#shared.values()) destroy(shared)
    this.#shared.clear()
  }

  #create({ caPem }: TransportKey): Shared {
    const { limit = LIMIT, network = DEFAULT_NETWORK, clock, onRequest } = this.#options
    // AWS has a host a bucket: a bound on all sockets would count idle ones of other hosts; the gate bounds calls.
    const agents = createAgents(network, { maxSockets: limit, caPem })
    return {
      users: 0,
      handlerOptions: { ...agents, connectionTimeout: CONNECTION_TIMEOUT_MS },
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

export interface TransportKey {
  /** URL, or for AWS any name that is the endpoint's own. */
  endpoint: string
  caPem?: string | undefined
}

const nameOf = ({ endpoint, caPem = '' }: TransportKey): string =>
  `${endpoint} ${createHash('sha256').update(caPem).digest('hex')}`

function destroy({ handlerOptions: { httpAgent, httpsAgent } }: Transport): void {
  httpAgent.destroy()
  httpsAgent.destroy()
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
