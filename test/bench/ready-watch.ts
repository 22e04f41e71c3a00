/** Notes when each object of a kind and a namespace became Ready, and how often each was written. */
import type { Condition } from '../../src/api/conditions.ts'
import { isReady } from '../../src/api/kstatus.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { Client } from '../../src/kube/client.ts'
import type { Resource } from '../../src/kube/resource.ts'
import { Informer } from '../../src/runtime/informer.ts'

export type WithConditions = KubeObject & { status?: { conditions?: Condition[] } }

export class ReadyWatch {
  /** Times of `performance.now()`, by name. */
  readonly readyAt = new Map<string, number>()
  /** Writes after the creation, by name. */
  readonly writes = new Map<string, number>()
  readonly #stop = new AbortController()
  readonly #waiters = new Set<() => void>()

  private constructor() {}

  /** Resolves when it watches. With thousands of objects the API server may cut a watch: an informer goes on after it. */
  static async start(
    client: Pick<Client, 'list' | 'watch'>,
    resource: Resource,
    namespace: string,
  ): Promise<ReadyWatch> {
    const watch = new ReadyWatch()
    const informer = new Informer<WithConditions>({ client, resource, namespace, onError: () => {} })
    informer.on(({ type, object }) => {
      if (type !== 'deleted') watch.#see(object, type === 'updated')
    })
    void informer.start(watch.#stop.signal)
    await informer.synced
    return watch
  }

  #see({ metadata: { name }, status }: WithConditions, isWritten: boolean): void {
    if (isWritten) this.writes.set(name, (this.writes.get(name) ?? 0) + 1)
    if (!this.readyAt.has(name) && isReady(status?.conditions)) this.readyAt.set(name, performance.now())
    for (const waiter of this.#waiters) waiter()
  }

  /** Resolves once this is so, which each change may make so, or after the time. */
  async until(isSo: () => boolean, ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const check = () => isSo() && resolve()
    this.#waiters.add(check)
    const timeout = setTimeout(resolve, ms)
    check()
    await promise
    clearTimeout(timeout)
    this.#waiters.delete(check)
  }

  stop(): void {
    this.#stop.abort()
  }
}
