/** Notes by watches what happens to objects, change by change, so that a test can say that nothing did. */
import { type KubeObject, keyOf } from '../../src/api/object.ts'
import type { Client } from '../../src/kube/client.ts'
import type { Resource } from '../../src/kube/resource.ts'
import { until } from './until.ts'

export interface Subject {
  resource: Resource
  labelSelector?: string
}

type Change = 'ADDED' | 'MODIFIED' | 'DELETED'

const LONG_S = 3_600

export class Recording implements AsyncDisposable {
  readonly #client: Client
  readonly #subjects: readonly Subject[]
  readonly #stop = new AbortController()
  readonly #changes = new Map<string, Change[]>()
  /** The last version of each object that is known here. */
  readonly #versions = new Map<string, string>()
  readonly #watches: Promise<void>[] = []

  private constructor(client: Client, subjects: readonly Subject[]) {
    this.#client = client
    this.#subjects = subjects
  }

  /** Begins with the objects as they are now. */
  static async start(client: Client, subjects: readonly Subject[]): Promise<Recording> {
    const recording = new Recording(client, subjects)
    for (const subject of subjects) await recording.#begin(subject)
    return recording
  }

  async #begin(subject: Subject): Promise<void> {
    const { items, resourceVersion } = await this.#list(subject)
    for (const item of items) this.#versions.set(nameOf(item), item.metadata.resourceVersion)
    this.#watches.push(this.#watch(subject, resourceVersion))
  }

  #list({ resource, labelSelector }: Subject) {
    return this.#client.list(resource, undefined, labelSelector === undefined ? {} : { labelSelector })
  }

  async #watch({ resource, ...selection }: Subject, resourceVersion: string): Promise<void> {
    const { signal } = this.#stop
    const options = { resourceVersion, timeoutSeconds: LONG_S, idleTimeoutMs: LONG_S * 1_000, signal, ...selection }
    try {
      for await (const { type, object } of this.#client.watch(resource, undefined, options)) {
        if (type === 'BOOKMARK') continue
        const name = nameOf(object)
        this.#changes.set(name, [...(this.#changes.get(name) ?? []), type])
        this.#versions.set(name, object.metadata.resourceVersion)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  /** The changes of each object that has changed until now, by `Kind namespace/name`, in their order. */
  async changes(): Promise<Record<string, Change[]>> {
    for (const subject of this.#subjects) {
      const { items } = await this.#list(subject)
      await until('the watches have seen what is there', () =>
        items.every(item => Number(this.#versions.get(nameOf(item))) >= Number(item.metadata.resourceVersion)),
      )
    }
    return Object.fromEntries(this.#changes)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#watches)
  }
}

const nameOf = (object: KubeObject): string => `${object.kind} ${keyOf(object)}`
