/** How well a list and watch is connected to the API server, in words for people. */

import { setTimeout as delay } from 'node:timers/promises'
import type { KubeObject } from '../../api/object.ts'
import type { Cluster } from '../../cli/cluster/connect.ts'
import { accessFailure, type Right } from '../../cli/cluster/rights.ts'
import { harmless } from '../../cli/text/harmless.ts'
import type { CallOptions, Client, ListOptions, WatchOptions } from '../../kube/client.ts'
import { ApiError, isForbidden, isGone, isUnauthorized, type TransportError } from '../../kube/errors.ts'
import type { Resource } from '../../kube/resource.ts'
import { type Backoff, createBackoff } from '../../runtime/backoff.ts'
import type { InformerPhase } from '../../runtime/informer.ts'
import type { Link } from '../contract.ts'

export type Health = Pick<Link, 'state' | 'words' | 'since'>

/**
 * A right that is missing is seldom given while one waits, and each list is work for the API server. The first pauses are
 * short: an API server that starts refuses for a moment what it will grant.
 */
const DENIED = { baseMs: 800, capMs: 30_000, random: Math.random }

/** Of a cluster, what a connection says of it, and tells the time by. */
type Where = Pick<Cluster, 'where' | 'aheadMs'>

export class Connection {
  readonly #cluster: Where
  readonly #right: Omit<Right, 'verb'>
  readonly #onChange: () => void
  readonly #denials: Backoff
  /** Ends the watch that is open now. */
  #watch = new AbortController()
  #trouble: { phase: 'list' | 'watch'; health: Health } | undefined

  /** `right`: what is read. `onChange`: called when `health` is another one. `denials`: pauses. */
  constructor(
    cluster: Where,
    right: Omit<Right, 'verb'>,
    onChange: () => void,
    denials: Backoff = createBackoff(DENIED),
  ) {
    this.#denials = denials
    this.#cluster = cluster
    this.#right = right
    this.#onChange = onChange
  }

  get health(): Health {
    return this.#trouble?.health ?? { state: 'Live' }
  }

  /** Told of what the informer could not do. */
  failed(error: unknown, phase: InformerPhase): void {
    // A watch whose version has expired: it is listed again, and nobody needs to know.
    if (isGone(error)) return
    const verb = phase === 'watch' ? 'watch' : 'list'
    const failure = accessFailure(error, { ...this.#right, verb }, this.#cluster.where)
    const words = failure?.message ?? harmless(error instanceof Error ? error.message : String(error))
    const isDenied = isForbidden(error) || isUnauthorized(error)
    this.#set({ phase: verb, health: { state: isDenied ? 'Denied' : 'Broken', words } })
  }

  /** Breaks the watch that seems to be live, as the API server is known not to answer: the informer goes on from there. */
  interrupt(error: TransportError): void {
    if (this.health.state === 'Live') this.#watch.abort(error)
  }

  /**
   * Calls that tell how they went. What is denied is told at once, and fails after a pause. Who may list and not watch gets a
   * new list each time that a watch is refused.
   */
  through(client: Client): Pick<Client, 'list' | 'watch'> {
    const connection = this
    return {
      async list<T extends KubeObject>(resource: Resource, namespace?: string, options?: ListOptions<T> & CallOptions) {
        try {
          const page = await client.list<T>(resource, namespace, options)
          connection.#listed()
          return page
        } catch (error) {
          if (isForbidden(error)) await connection.#denied(error, 'list', options?.signal)
          throw error
        }
      },
      async *watch<T extends KubeObject>(resource: Resource, namespace: string | undefined, options: WatchOptions) {
        const broken = new AbortController()
        connection.#watch = broken
        const signal = AbortSignal.any([options.signal, broken.signal])
        try {
          yield* client.watch<T>(resource, namespace, { ...options, signal, onOpen: () => connection.#opened() })
          broken.signal.throwIfAborted()
        } catch (error) {
          if (!isForbidden(error)) throw error
          await connection.#denied(error, 'watch', options.signal)
          throw new ApiError(410, { message: 'listed again, as it may not be watched' }, 'watch')
        }
      },
    }
  }

  async #denied(error: unknown, phase: InformerPhase, signal: AbortSignal | undefined): Promise<void> {
    this.failed(error, phase)
    // The end of the program ends the pause, too.
    await delay(this.#denials.next(), undefined, signal ? { signal } : {}).catch(() => {})
  }

  #opened(): void {
    this.#denials.reset()
    this.#set(undefined)
  }

  #listed(): void {
    // What keeps the watch from beginning is still true.
    if (this.#trouble?.phase !== 'watch') this.#set(undefined)
  }

  #set(trouble: { phase: 'list' | 'watch'; health: Health } | undefined): void {
    const before = this.health
    const since = before.since ?? new Date(Date.now() - (this.#cluster.aheadMs() ?? 0)).toISOString()
    this.#trouble = trouble && { ...trouble, health: { ...trouble.health, since } }
    if (before.state !== this.health.state || before.words !== this.health.words) this.#onChange()
  }
}

const RANK: readonly Link['state'][] = ['Denied', 'Broken', 'Live']

/** The worst of several; Live where there are none. */
export const worst = (all: readonly Health[]): Health =>
  all.toSorted((one, other) => RANK.indexOf(one.state) - RANK.indexOf(other.state))[0] ?? { state: 'Live' }
