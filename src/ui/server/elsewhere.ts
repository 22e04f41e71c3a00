/**
 * Connectors of other namespaces that the stores of one namespace use. A person who may get one of them may often not list
 * or watch them, so they are read again and again.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type ArtifactStore, connectorKeyOf } from '../../api/artifact-store.ts'
import { keyOf, namespaceInKey } from '../../api/object.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { readConnectors } from '../../cli/actions/read-overview.ts'
import type { Cluster } from '../../cli/cluster/connect.ts'
import { isFailedCall } from '../../kube/errors.ts'
import type { Key } from '../contract.ts'

/** How often they are read, and how often it is looked whether the stores use others. */
const READ_MS = 10_000
const LOOK_MS = 1_000

interface Options {
  cluster: Cluster
  signal: AbortSignal
  onChange: (change: { kind: 'connector'; key: Key }) => void
}

export class ConnectorsElsewhere {
  readonly #options: Options
  readonly #stores: () => Iterable<ArtifactStore>
  #known = new Map<Key, ServiceConnector>()
  #asked = new Set<Key>()
  /** Rights that are missing, in words. */
  notes: readonly string[] = []

  /** `stores`: those whose connectors count. */
  constructor(options: Options, stores: () => Iterable<ArtifactStore>) {
    this.#options = options
    this.#stores = stores
  }

  get = (key: Key): ServiceConnector | undefined => this.#known.get(key)
  values = (): Iterable<ServiceConnector> => this.#known.values()

  /** Resolves after the first reading, and goes on until the signal aborts. */
  async start(): Promise<void> {
    if (this.#options.cluster.namespace === undefined) return
    await this.#read(this.#keys())
    void this.#repeat()
  }

  async #repeat(): Promise<void> {
    const { signal } = this.#options
    for (let due = performance.now() + READ_MS; ; ) {
      await delay(LOOK_MS, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      const keys = this.#keys()
      if (performance.now() < due && keys.every(key => this.#asked.has(key))) continue
      await this.#read(keys)
      due = performance.now() + READ_MS
    }
  }

  #keys(): Key[] {
    const { namespace } = this.#options.cluster
    const keys = Iterator.from(this.#stores()).map(connectorKeyOf)
    return [...new Set(keys)].filter(key => namespaceInKey(key) !== namespace)
  }

  /** What can't be read now stays as it was. */
  async #read(keys: Key[]): Promise<void> {
    const { cluster, signal, onChange } = this.#options
    this.#asked = new Set(keys)
    const before = this.#known
    try {
      const { connectors, notes } = await readConnectors(cluster, keys, signal)
      this.notes = notes
      this.#known = new Map(connectors.map(connector => [keyOf(connector), connector]))
    } catch (error) {
      if (signal.aborted || isFailedCall(error)) return
      throw error
    }
    for (const key of new Set([...before.keys(), ...this.#known.keys()])) {
      const [old, now] = [before.get(key), this.#known.get(key)]
      if (old?.metadata.resourceVersion !== now?.metadata.resourceVersion) onChange({ kind: 'connector', key })
    }
  }
}
