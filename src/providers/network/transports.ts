/** Connections to endpoints. Sessions that call the same endpoint and trust the same CAs share them. */
import { createHash } from 'node:crypto'
import type { Dispatcher } from 'undici'
import { type Agents, createAgents, type Network } from './agents.ts'
import type { Answer } from './answer.ts'
import { AnswerBudget, type AnswerMeter } from './answer-budget.ts'
import { createDispatcher, hasProxy } from './dispatcher.ts'
import { createEndpointGuard } from './endpoint-guard.ts'
import { originOf } from './endpoint-rules.ts'
import { type CallOutcome, Gate, type OnRequest } from './gate.ts'

export interface Transport {
  agents: Agents
  /** The cheaper connections; absent where a proxy may have to be used. */
  dispatcher?: Dispatcher
  gate: Gate
  /** Meters the answers of the endpoint. */
  answers: AnswerMeter
}

export interface TransportsOptions {
  /** Time in ms that never jumps. */
  monotonic: () => number
  /** Reads the answer from an error; undefined for an error that is neither an answer nor a broken connection. */
  answerOf(error: unknown): Answer | undefined
  onRequest?: OnRequest | undefined
  /** How many calls to one endpoint run at the same time. Default 32. */
  limit?: number
  /** Default: no proxy, and only the addresses refused that always are. */
  network?: Network | undefined
  /** Trusts the given CAs beside the well-known ones, not instead of them. */
  addsCAs?: boolean
}

export interface TransportKey {
  /** URL of the endpoint, or another name that only this endpoint has. */
  endpoint: string
  caPem?: string | undefined
  /** `namespace/name` of whom calls are made for. It changes nothing but whose part of the memory answers take. */
  connector?: string | undefined
}

interface Shared extends Omit<Transport, 'answers'> {
  /** Scheme, host and port, or the name that stands for them. */
  endpoint: string
  /** Namespace for whose connector it was made. */
  owner: string | undefined
  users: number
}

const DEFAULT_NETWORK: Network = { guard: createEndpointGuard(), proxyEnv: {} }
const LIMIT = 32
const DEADLINE_MS = 10_000
/**
 * How many unused transports are kept, with what their breakers know: sessions often come back to an endpoint soon. The
 * namespace that has most gives up its oldest, so that nobody ends the pause for an endpoint of others.
 */
const UNUSED_MAX = 64

export class Transports {
  readonly #options: TransportsOptions
  readonly #budget: AnswerBudget
  /** By endpoint and CAs, the least recently acquired first. */
  readonly #shared = new Map<string, Shared>()

  constructor(options: TransportsOptions) {
    this.#options = options
    this.#budget = options.network?.budget ?? new AnswerBudget()
  }

  /** Returns the transport of an endpoint. The caller gives it back with `release`. */
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
    const { agents, dispatcher, gate } = shared
    const answers = this.#budget.endpoint(key.endpoint, ownerOf(key))
    return { agents, ...(dispatcher ? { dispatcher } : {}), gate, answers, release }
  }

  /** Lets the next call through to each endpoint of this kind, although it does not answer. */
  letThrough(isMeant: (endpoint: string) => boolean): void {
    for (const { endpoint, gate } of this.#shared.values()) if (isMeant(endpoint)) gate.letThrough()
  }

  /** How many endpoints do not answer. */
  get broken(): number {
    return [...this.#shared.values()].filter(({ gate }) => gate.isBroken).length
  }

  close(): void {
    for (const shared of this.#shared.values()) destroy(shared)
    this.#shared.clear()
  }

  #create(key: TransportKey): Shared {
    const { endpoint, caPem } = key
    const { limit = LIMIT, network = DEFAULT_NETWORK, addsCAs = false, monotonic, onRequest, answerOf } = this.#options
    const [origin, outages] = [originOf(endpoint), network.outages]
    const connections = { maxSockets: limit, caPem, addsCAs, owner: ownerOf(key) }
    return {
      users: 0,
      endpoint: origin,
      owner: ownerOf(key),
      // The limit is per host: AWS has a host for each bucket, and a bound on all would count the idle ones of others.
      agents: createAgents(network, connections),
      ...(hasProxy(network.proxyEnv) ? {} : { dispatcher: createDispatcher(network.guard, connections) }),
      gate: new Gate({
        limit,
        deadlineMs: DEADLINE_MS,
        monotonic,
        onRequest: onRequest && (record => onRequest({ ...record, endpoint: origin })),
        onMayTry: outages && (() => outages.mayTry(origin)),
        onOver: outages && (() => outages.over(origin)),
        outcomeOf: error => outcomeOf(answerOf(error)),
      }),
    }
  }

  #trim(): void {
    const unused = [...this.#shared].filter(([, { users }]) => users === 0)
    if (unused.length <= UNUSED_MAX) return
    const owned = Map.groupBy(unused, ([, { owner }]) => owner).values()
    const [oldest] = owned.reduce((one, other) => (other.length > one.length ? other : one))
    if (!oldest) return
    const [name, shared] = oldest
    this.#shared.delete(name)
    destroy(shared)
  }
}

/**
 * What tells transports apart, and so whose gate and breaker somebody shares: scheme, host and port that are called, and
 * the CAs. Where any of them is wrong in one connector, only that one and others like it are left alone.
 */
const nameOf = ({ endpoint, caPem = '' }: TransportKey): string =>
  `${originOf(endpoint)} ${createHash('sha256').update(caPem).digest('hex')}`

const ownerOf = ({ connector }: TransportKey): string | undefined => connector?.split('/', 1)[0]

function destroy({ agents: { httpAgent, httpsAgent }, dispatcher, gate }: Shared): void {
  gate.close()
  void dispatcher?.destroy()
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

function outcomeOf(answer: Answer | undefined): CallOutcome {
  if (!answer) return 'not-sent'
  if (answer.status !== 0) return answer.status
  return UNREACHABLE.has(answer.code ?? '') ? 'unreachable' : 'wrong-host'
}
