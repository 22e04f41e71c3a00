/**
 * Looks names up for many owners. The system's lookup takes one of few threads, for as long as DNS does not answer, and
 * nobody can end it: who has a domain whose servers are silent could keep all of them with names below it, and a name that
 * does not get its turn within the time for a connection is an endpoint that can't be reached.
 */
import type { LookupAddress, LookupAllOptions } from 'node:dns'
import { setNewest } from '../../async/fair-map.ts'
import { Flights } from '../../async/flights.ts'
import { Semaphore } from '../../async/semaphore.ts'

/** Resolves a name like `dns.lookup` with `all`. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** Lookups of an owner at a time. libuv gives lookups half of its threads: 16 of those that the image asks for. */
const OF_OWNER = 4
/** Lookups at a time of names that were not found when they were last looked up, or never were. */
const UNPROVEN = 12
/** Nobody waits longer for a connection. */
const WAIT_MS = 3_000
const PROVEN_MAX = 10_000

export class Lookups {
  readonly #resolve: Resolve
  /** By owner, and by name and options: the first wait for a turn, the others for an answer. */
  readonly #asked = new Flights<LookupAddress[]>()
  readonly #running = new Flights<LookupAddress[]>()
  readonly #owners = new Map<string, { turns: Semaphore; users: number }>()
  readonly #unproven = new Semaphore(UNPROVEN)
  /** Names that were found when they were last looked up. */
  readonly #proven = new Map<string, true>()

  constructor(resolve: Resolve) {
    this.#resolve = resolve
  }

  /** How many owners wait. */
  get owners(): number {
    return this.#owners.size
  }

  /** Looks a name up once for all who wait for it. Rejects if its turn does not come in time. */
  lookUp(owner: string, host: string, options: LookupAllOptions): Promise<LookupAddress[]> {
    const key = JSON.stringify([host, options])
    return this.#asked.share(`${owner} ${key}`, async () => {
      const late = new AbortController()
      const timer = setTimeout(() => late.abort(tooMany(host)), WAIT_MS).unref()
      const run = () => {
        clearTimeout(timer)
        return this.#running.share(key, () => this.#ask(host, options))
      }
      try {
        return await this.#inTurn(owner, late.signal, () =>
          this.#proven.has(host) ? run() : this.#unproven.run(late.signal, run),
        )
      } finally {
        clearTimeout(timer)
      }
    })
  }

  async #inTurn<T>(owner: string, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    const own = this.#owners.get(owner) ?? { turns: new Semaphore(OF_OWNER), users: 0 }
    this.#owners.set(owner, own)
    own.users++
    try {
      return await own.turns.run(signal, task)
    } finally {
      own.users--
      if (own.users === 0) this.#owners.delete(owner)
    }
  }

  #ask(host: string, options: LookupAllOptions): Promise<LookupAddress[]> {
    return new Promise((pass, fail) => {
      this.#resolve(host, options, (error, addresses) => {
        if (error) this.#proven.delete(host)
        else setNewest(this.#proven, host, true, PROVEN_MAX)
        if (error) fail(error)
        else pass(addresses)
      })
    })
  }
}

/** With the code that the system gives when DNS does not answer. */
const tooMany = (host: string): Error =>
  Object.assign(new Error(`getaddrinfo EAI_AGAIN ${host}: too many names are looked up that DNS does not answer`), {
    code: 'EAI_AGAIN',
    syscall: 'getaddrinfo',
    hostname: host,
  })
