/**
 * The page with its own server, and objects in memory in place of a cluster: for more stores than a test can create, and for
 * texts that no API server takes. Rows, headers, streams and refusals are those of the program; calls of the cluster fail.
 */
import type { ArtifactStore } from '../../src/api/artifact-store.ts'
import { type KubeObject, keyOf } from '../../src/api/object.ts'
import type { ServiceConnector } from '../../src/api/service-connector.ts'
import type { Cluster } from '../../src/cli/cluster/connect.ts'
import { EVENTS, type Resource } from '../../src/kube/resource.ts'
import type { Link } from '../../src/ui/contract.ts'
import { Calls } from '../../src/ui/server/calls.ts'
import { Door } from '../../src/ui/server/door.ts'
import { pageOf } from '../../src/ui/server/page.ts'
import { type Serving, serve } from '../../src/ui/server/server.ts'
import { Streams } from '../../src/ui/server/stream.ts'
import type { Watched } from '../../src/ui/server/watched.ts'

const TOKEN = 'lab'

export interface LabObjects {
  connectors?: readonly ServiceConnector[]
  stores?: readonly ArtifactStore[]
  secrets?: readonly KubeObject[]
  /** What the API server would list as events, of any object. */
  events?: readonly KubeObject[]
  links?: Link[]
}

export class PageLab implements AsyncDisposable {
  readonly #connectors: Map<string, ServiceConnector>
  readonly #stores: Map<string, ArtifactStore>
  readonly #streams: Streams
  readonly #ended = new AbortController()
  #serving: Serving | undefined

  private constructor({ connectors = [], stores = [] }: LabObjects) {
    this.#connectors = byKey(connectors)
    this.#stores = byKey(stores)
    this.#streams = new Streams({ context: { where: 'context "lab"', version: '0.0.0' }, now: Date.now })
  }

  /** `files`: of the page, in base64 by path. */
  static async start(files: Readonly<Record<string, string>>, objects: LabObjects): Promise<PageLab> {
    const lab = new PageLab(objects)
    const watched = lab.#watched(objects)
    lab.#streams.show(watched)
    const cluster = clusterWith(objects.events ?? [])
    const calls = new Calls({ cluster, watched, shell: {}, now: () => new Date(), signal: lab.#ended.signal })
    const door = new Door({ onRevoke: () => lab.#streams.restart() }, TOKEN)
    const onFault = (error: unknown) => {
      throw error
    }
    lab.#serving = await serve({ page: pageOf(files), streams: lab.#streams, calls, door, onFault }, 0)
    return lab
  }

  get url(): string {
    return `http://127.0.0.1:${this.#serving?.port}/#token=${TOKEN}`
  }

  putStore(store: ArtifactStore): void {
    this.#stores.set(keyOf(store), store)
    this.#streams.changed({ kind: 'store', key: keyOf(store) })
  }

  removeStore(store: ArtifactStore): void {
    this.#stores.delete(keyOf(store))
    this.#streams.changed({ kind: 'store', key: keyOf(store) })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort()
    this.#streams.close()
    await this.#serving?.close()
  }

  #watched({ secrets = [], links }: LabObjects): Watched {
    const bySecret = byKey(secrets)
    const live = (['connectors', 'stores', 'secrets'] as const).map((what): Link => ({ what, state: 'Live' }))
    return {
      connectors: () => [...this.#connectors.values()],
      stores: () => [...this.#stores.values()],
      connector: key => this.#connectors.get(key),
      store: key => this.#stores.get(key),
      secret: key => bySecret.get(key),
      links: () => links ?? live,
      notes: () => [],
    }
  }
}

const byKey = <T extends KubeObject>(objects: readonly T[]): Map<string, T> =>
  new Map(objects.map(object => [keyOf(object), object]))

function clusterWith(events: readonly KubeObject[]): Cluster {
  const list = async (resource: Resource) => {
    if (resource.plural !== EVENTS.plural) throw new Error(`the lab has no ${resource.kind}`)
    return { items: [...events] }
  }
  const rest = { namespace: undefined, ownNamespace: 'default', context: 'lab', where: 'context "lab"' }
  return { ...rest, client: { list } as unknown as Cluster['client'], aheadMs: () => 0, close: async () => {} }
}
