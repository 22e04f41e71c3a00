/**
 * Deletes Secrets whose store is gone, where no owner reference deletes them together with the store: in other
 * namespaces, and where admission took the reference off. The store's finalizer may have been removed by hand, or may
 * have given up (docs/adr/0014).
 */
import type { ArtifactStore } from '../api/artifact-store.ts'
import { keyOf, namespaceInKey, type ObjectKey } from '../api/object.ts'
import type { Client } from '../kube/client.ts'
import { isNotFound } from '../kube/errors.ts'
import { ARTIFACT_STORES } from '../kube/resource.ts'
import { createKeyedBackoff, type Random } from '../runtime/backoff.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Controller } from '../runtime/controller.ts'
import type { Informer } from '../runtime/informer.ts'
import type { Log } from '../runtime/log.ts'
import { createWorkQueue } from '../runtime/queue/workqueue.ts'
import type { SecretWriter } from './effects/secret-writer.ts'
import { isGoing, isUnowned, ownerKeyOf, type ProjectedSecret } from './plan/projected-secret.ts'

export interface OrphanOptions {
  client: Pick<Client, 'get'>
  /** Projected Secrets, of all namespaces. */
  secrets: Pick<Informer<ProjectedSecret>, 'on'> & { cache: Pick<Informer<ProjectedSecret>['cache'], 'get' | 'values'> }
  stores: Pick<Informer<ArtifactStore>, 'on'> & { cache: Pick<Informer<ArtifactStore>['cache'], 'get'> }
  secretsOf(store: ObjectKey): ProjectedSecret[]
  /** Whether the stores of a namespace are known: those of others may well be there. Default: all are. */
  isRead?(namespace: string): boolean
  remove: SecretWriter['remove']
  clock: Clock
  random: Random
  log: Log
}

/** Time in which the caches learn what a store removed at its end. */
const SETTLE_MS = 5_000
const BACKOFF = { baseMs: 1_000, capMs: 300_000 }

/** Looks for orphans at its start, and whenever a Secret or a store changes. */
export interface OrphanCollector extends Controller {
  /** Looks at all Secrets again, as more stores may be known now. */
  considerAll(): void
}

export function createOrphanCollector(options: OrphanOptions): OrphanCollector {
  const { client, secrets, stores, clock, random, isRead = () => true } = options
  const name = 'orphans'
  const log = options.log.child({ controller: name })
  const queue = createWorkQueue({ clock, workers: 1, backoff: createKeyedBackoff({ ...BACKOFF, random }) })
  let running = false

  secrets.on(({ type, object }) => {
    if (type !== 'deleted') consider(object)
  })
  stores.on(({ type, object }) => {
    if (type === 'deleted') options.secretsOf(keyOf(object)).forEach(consider)
  })

  function consider(secret: ProjectedSecret): void {
    if (running && orphanedBy(secret)) queue.addAfter(keyOf(secret), SETTLE_MS)
  }

  function considerAll(): void {
    for (const secret of secrets.cache.values()) consider(secret)
  }

  /**
   * The store of a Secret, if that store is not known. Secrets that others made are not ours to judge, whatever they
   * say, and for one that is deleted already nothing more can be done.
   */
  function orphanedBy(secret: ProjectedSecret): ObjectKey | undefined {
    const owner = isUnowned(secret) && !isGoing(secret) ? ownerKeyOf(secret) : undefined
    if (owner === undefined || stores.cache.get(owner)) return undefined
    return isRead(namespaceInKey(owner)) ? owner : undefined
  }

  async function collect(key: ObjectKey, signal: AbortSignal): Promise<void> {
    const secret = secrets.cache.get(key)
    const owner = secret && orphanedBy(secret)
    if (!owner) return queue.resetBackoff(key)
    // The API server is asked, because the cache may be late and a deletion can't be undone.
    if (await exists(owner, client, signal)) return queue.retry(key)
    const failure = await options.remove(secret, signal)
    if (failure) throw new Error(failure.message)
    queue.resetBackoff(key)
    log.info({ key, store: owner }, 'deleted a Secret whose store is gone')
  }

  async function work(abort: AbortSignal): Promise<void> {
    for (let key = await queue.next(); key !== undefined; key = await queue.next()) {
      try {
        await collect(key, abort)
      } catch (error) {
        if (!abort.aborted)
          log.warn({ key, err: error }, 'a Secret whose store is gone was not deleted; it is tried again')
        queue.retry(key)
      } finally {
        queue.done(key)
      }
    }
  }

  return {
    name,
    considerAll,
    enqueue: (key, lane) => queue.add(key, lane),
    enqueueAfter: (key, ms) => queue.addAfter(key, ms),
    async run({ drain, abort }) {
      const stop = AbortSignal.any([drain, abort])
      if (stop.aborted) return
      stop.addEventListener('abort', () => queue.shutdown(), { once: true })
      running = true
      considerAll()
      await work(abort)
    },
  }
}

async function exists(store: ObjectKey, client: Pick<Client, 'get'>, signal: AbortSignal): Promise<boolean> {
  const [namespace, name = ''] = store.split('/')
  try {
    await client.get(ARTIFACT_STORES, namespace, name, { metadataOnly: true, signal })
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}
