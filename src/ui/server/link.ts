/** How well a list and watch is connected to the API server, in words for people. */
import type { KubeObject } from '../../api/object.ts'
import type { Cluster } from '../../cli/cluster/connect.ts'
import { accessFailure, type Right } from '../../cli/cluster/rights.ts'
import { harmless } from '../../cli/text/harmless.ts'
import type { CallOptions, Client, ListOptions, WatchOptions } from '../../kube/client.ts'
import { ApiError, isForbidden, isGone, isUnauthorized } from '../../kube/errors.ts'
import type { Resource } from '../../kube/resource.ts'
import type { InformerPhase } from '../../runtime/informer.ts'
import type { Link } from '../contract.ts'

export type Health = Pick<Link, 'state' | 'words'>

export class Connection {
  readonly #where: string
  readonly #right: Omit<Right, 'verb'>
  readonly #onChange: () => void
  #trouble: { phase: 'list' | 'watch'; health: Health } | undefined

  /** `right`: what is read. `onChange`: called when `health` is another one. */
  constructor({ where }: Pick<Cluster, 'where'>, right: Omit<Right, 'verb'>, onChange: () => void) {
    this.#where = where
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
    const failure = accessFailure(error, { ...this.#right, verb }, this.#where)
    const words = failure?.message ?? harmless(error instanceof Error ? error.message : String(error))
    const isDenied = isForbidden(error) || isUnauthorized(error)
    this.#set({ phase: verb, health: { state: isDenied ? 'Denied' : 'Broken', words } })
  }

  /** Calls that tell how they went. Who may list and not watch gets a new list each time that a watch is refused. */
  through(client: Client): Pick<Client, 'list' | 'watch'> {
    const connection = this
    return {
      async list<T extends KubeObject>(resource: Resource, namespace?: string, options?: ListOptions<T> & CallOptions) {
        const page = await client.list<T>(resource, namespace, options)
        connection.#listed()
        return page
      },
      async *watch<T extends KubeObject>(resource: Resource, namespace: string | undefined, options: WatchOptions) {
        try {
          yield* client.watch<T>(resource, namespace, { ...options, onOpen: () => connection.#set(undefined) })
        } catch (error) {
          if (!isForbidden(error)) throw error
          connection.failed(error, 'watch')
          throw new ApiError(410, { message: 'listed again, as it may not be watched' }, 'watch')
        }
      },
    }
  }

  #listed(): void {
    // What keeps the watch from beginning is still true.
    if (this.#trouble?.phase !== 'watch') this.#set(undefined)
  }

  #set(trouble: { phase: 'list' | 'watch'; health: Health } | undefined): void {
    const before = this.health
    this.#trouble = trouble
    if (before.state !== this.health.state || before.words !== this.health.words) this.#onChange()
  }
}

const RANK: readonly Link['state'][] = ['Denied', 'Broken', 'Live']

/** The worst of several; Live where there are none. */
export const worst = (all: readonly Health[]): Health =>
  all.toSorted((one, other) => RANK.indexOf(one.state) - RANK.indexOf(other.state))[0] ?? { state: 'Live' }
