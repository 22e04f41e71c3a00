/**
 * Keeps a cache equal to the API server by list and watch, and tells handlers what changed.
 *
 *     listing -> watching -> watching ...     each watch ends after 5 to 10 minutes, the next one goes on from there
 *        ^          | expired or refused
 *        +----------+
 *
 * Every failure leads through `waiting`. A broken watch is resumed where it stopped, so that an outage loses nothing.
 * When the API server no longer has that point (410), a new list replaces the cache and shows what vanished meanwhile.
 */
import { type KubeObject, keyOf } from '../api/object.ts'
import { Semaphore } from '../async/semaphore.ts'
import type { Client, ListOptions } from '../kube/client.ts'
import { ApiError, isGone, TransportError, WatchError } from '../kube/errors.ts'
import type { Resource } from '../kube/resource.ts'
import { type Backoff, createBackoff } from './backoff.ts'
import { Cache, type CacheOptions, type Replacement } from './cache.ts'
import { type Clock, sleep, systemClock } from './clock.ts'

/**
 * A change. `object` is the last known state; `old` is the one before it, of the same uid: an object that was deleted
 * and made anew is told as `deleted` and `added`.
 */
export type InformerEvent<T> =
  | { type: 'added'; object: T }
  | { type: 'updated'; object: T; old: T }
  | { type: 'deleted'; object: T }

export type InformerState =
  /** `limit`: objects of a page. More than at first after the pages of a list have expired while it was read. */
  { name: 'listing'; limit: number } | { name: 'watching' } | { name: 'waiting'; ms: number; next: InformerState }

export type InformerPhase = 'list' | 'watch' | 'handler'

export interface InformerOptions<T> extends CacheOptions<T> {
  client: Pick<Client, 'list' | 'watch'>
  resource: Resource
  /** Namespace to watch. Default: all. */
  namespace?: string
  labelSelector?: string
  /** Asks for PartialObjectMetadata instead of whole objects. */
  metadataOnly?: boolean
  /** Objects of a page of a list. Default 500. */
  pageSize?: number
  /** Lets one page after the other be read, also those of other informers: each has an object in memory as it came. */
  turns?: Pick<Semaphore, 'run'>
  /** Told of everything that goes wrong; the informer goes on by itself. Must not throw. */
  onError: (error: unknown, where: { phase: InformerPhase }) => void
  /** The longest pauses. Default: what many replicas of an operator may ask of an API server. */
  pausesMs?: Pauses
  clock?: Clock
  random?: () => number
}

const PAGE_SIZE = 500
/** Time for a page, which has many megabytes where objects are large. */
const PAGE_MS = 60_000
const HEALTHY_MS = 60_000
/**
 * The longest pauses. Nobody is burdened while the API server does not answer, and what waits for its return is late by the
 * pause; what it refuses it refuses for long.
 */
const PAUSES_MS: Pauses = { away: 5_000, refused: 30_000 }
/** A watch that ends sooner and without an event comes from a server that can't serve it: don't ask again at once. */
const SHORT_WATCH_MS = 1000
/**
 * Silence after which a watch counts as broken, although its connection is not: two bookmarks and a half. A proxy in
 * between may keep a dead stream open, and what was revoked meanwhile would live on.
 */
const SILENT_MS = 150_000

/** In ms: while the API server does not answer, and where it refuses. */
interface Pauses {
  away: number
  refused: number
}

/** What readers need of a cache, whether one informer feeds it or one for each namespace. */
export type ObjectCache<T extends KubeObject> = Pick<Cache<T>, 'get' | 'values' | 'byIndex' | 'addIndex' | 'size'>

/** What readers need of an informer. */
export interface ObjectInformer<T extends KubeObject>
  extends Pick<Informer<T>, 'hasSynced' | 'synced' | 'start' | 'on' | 'observe'> {
  readonly cache: ObjectCache<T>
}

export class Informer<T extends KubeObject> implements ObjectInformer<T> {
  readonly cache: Cache<T>
  /** Resolves when the handlers have got all objects of the first list. Rejects when the informer ends before. */
  readonly synced: Promise<void>

  readonly #options: InformerOptions<T>
  readonly #clock: Clock
  readonly #random: () => number
  readonly #handlers: ((event: InformerEvent<T>) => void)[] = []
  readonly #firstList = Promise.withResolvers<void>()
  /** Each counts its own: an API server that starts refuses for a moment what it will grant. */
  readonly #backoffs: Readonly<Record<keyof Pauses, Backoff>>
  #hasSynced = false
  readonly #pageSize: number
  readonly #turns: Pick<Semaphore, 'run'>
  #state: InformerState

  constructor(options: InformerOptions<T>) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? Math.random
    this.#pageSize = options.pageSize ?? PAGE_SIZE
    this.#turns = options.turns ?? new Semaphore(1)
    this.#state = this.#firstListing()
    const backoff = (capMs: number) => createBackoff({ baseMs: 800, capMs, random: this.#random })
    const { away, refused } = options.pausesMs ?? PAUSES_MS
    this.#backoffs = { away: backoff(away), refused: backoff(refused) }
    this.cache = new Cache<T>(options)
    this.synced = this.#firstList.promise
    this.synced.catch(() => {}) // waiting for it is optional
  }

  get hasSynced(): boolean {
    return this.#hasSynced
  }

  get state(): InformerState {
    return this.#state
  }

  /** Adds a handler; call it before `start`. Handlers run in order for each event. Their errors go to `onError`. */
  on(handler: (event: InformerEvent<T>) => void): void {
    this.#handlers.push(handler)
  }

  /**
   * Takes the object that an own write has returned, so that the next read of the cache sees it. Handlers see the
   * change now; when the watch shows the same state again, that is no event.
   */
  observe(object: T): void {
    this.#take(object, () => this.cache.observe(object))
  }

  /** Runs until the signal aborts, and then resolves. Call it once. */
  async start(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) this.#state = await this.#step(this.#state, signal)
    this.#firstList.reject(signal.reason)
  }

  async #step(state: InformerState, signal: AbortSignal): Promise<InformerState> {
    switch (state.name) {
      case 'listing':
        return this.#list(state.limit, signal)
      case 'watching':
        return this.#watch(signal)
      case 'waiting':
        await sleep(this.#clock, state.ms, signal)
        return state.next
    }
  }

  #firstListing(): InformerState {
    return { name: 'listing', limit: this.#pageSize }
  }

  /** Lists page by page, and of each page object by object, so that what is held does not grow with what is listed. */
  async #list(limit: number, signal: AbortSignal): Promise<InformerState> {
    let replacement: Replacement<T> | undefined
    let token: string | undefined
    try {
      do {
        const page = await this.#page({ limit, token, signal })
        replacement ??= this.cache.replace(page.resourceVersion)
        const { add } = replacement
        for (const object of page.items) this.#take(object, () => add(object))
        if (page.continue && page.continue === token) throw new Error('the list has no end: a page leads to itself')
        token = page.continue
      } while (token)
      for (const object of replacement?.finish() ?? []) this.#emit({ type: 'deleted', object })
    } catch (error) {
      // Pages that expired while they were read: fewer and larger ones are read sooner.
      const expired = token && isGone(error)
      const next = expired ? Math.max(limit, Math.min(2 * limit, PAGE_SIZE)) : this.#pageSize
      return this.#failed(error, 'list', { name: 'listing', limit: next }, signal)
    }
    this.#hasSynced = true
    this.#firstList.resolve()
    return { name: 'watching' }
  }

  #page({ limit, token, signal }: { limit: number; token: string | undefined; signal: AbortSignal }) {
    const { client, resource, namespace } = this.#options
    const { keep } = this.cache
    const page = { ...this.#selection(), ...(token && { continue: token }), limit, keep, timeoutMs: PAGE_MS, signal }
    return this.#turns.run(signal, () => client.list<T>(resource, namespace, page))
  }

  async #watch(signal: AbortSignal): Promise<InformerState> {
    const { client, resource, namespace } = this.#options
    const timeoutSeconds = 300 + Math.floor(this.#random() * 300)
    const started = this.#clock.monotonic()
    let silent = true
    try {
      const stream = client.watch<T>(resource, namespace, {
        ...this.#selection(),
        resourceVersion: this.cache.version,
        timeoutSeconds,
        idleTimeoutMs: SILENT_MS,
        signal,
      })
      for await (const { type, object } of stream) {
        silent = false
        if (type === 'DELETED') this.#remove(object)
        else if (type !== 'BOOKMARK') this.#take(object, () => this.cache.observe(object))
        this.cache.advance(object.metadata.resourceVersion)
      }
      this.#resetIfHealthy(started)
      const short = silent && this.#clock.monotonic() - started < SHORT_WATCH_MS
      return short ? this.#wait('refused', { name: 'watching' }) : { name: 'watching' }
    } catch (error) {
      this.#resetIfHealthy(started)
      return this.#failed(error, 'watch', canResume(error) ? { name: 'watching' } : this.#firstListing(), signal)
    }
  }

  #selection(): Pick<ListOptions, 'labelSelector' | 'metadataOnly'> {
    const { labelSelector, metadataOnly } = this.#options
    return { ...(labelSelector && { labelSelector }), ...(metadataOnly && { metadataOnly }) }
  }

  #resetIfHealthy(started: number): void {
    if (this.#clock.monotonic() - started < HEALTHY_MS) return
    for (const backoff of Object.values(this.#backoffs)) backoff.reset()
  }

  #failed(error: unknown, phase: InformerPhase, next: InformerState, signal: AbortSignal): InformerState {
    if (signal.aborted) return next
    this.#options.onError(error, { phase })
    return this.#wait(isAway(error) ? 'away' : 'refused', next, error instanceof ApiError ? error.retryAfterMs : 0)
  }

  #wait(why: keyof Pauses, next: InformerState, atLeastMs = 0): InformerState {
    return { name: 'waiting', ms: Math.max(this.#backoffs[why].next(), atLeastMs), next }
  }

  /** `accept` puts the object into the cache, or refuses it. */
  #take(object: T, accept: () => boolean): void {
    const key = keyOf(object)
    const old = this.cache.get(key)
    if (!accept()) return
    const kept = this.cache.get(key) as T
    if (old?.metadata.uid === kept.metadata.uid) {
      this.#emit({ type: 'updated', object: kept, old })
      return
    }
    // Another object of the same name: the old one was deleted while nobody watched.
    if (old) this.#emit({ type: 'deleted', object: old })
    this.#emit({ type: 'added', object: kept })
  }

  #remove(object: T): void {
    const known = this.cache.delete(object)
    if (known) this.#emit({ type: 'deleted', object: known })
  }

  #emit(event: InformerEvent<T>): void {
    for (const handler of this.#handlers) {
      try {
        handler(event)
      } catch (error) {
        this.#options.onError(error, { phase: 'handler' })
      }
    }
  }
}

/**
 * Whether the API server is not there, or says so, as when it has no storage. Where it is late, it has worked for the
 * answer, and more questions would be more of that.
 */
const isAway = (error: unknown): boolean =>
  (error instanceof TransportError && error.code !== undefined && !LATE_CODES.has(error.code)) ||
  (error instanceof ApiError && !(error instanceof WatchError) && (error.code === 502 || error.code === 503))

const LATE_CODES = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'])

/** Whether the watch may go on where it stopped. Otherwise its version has expired, or the like: begin with a list. */
const canResume = (error: unknown): boolean =>
  error instanceof TransportError ||
  // The API server could not go on from this version, and may never be able to. It says so in the stream.
  (error instanceof WatchError && error.code === 429) ||
  (error instanceof ApiError &&
    !(error instanceof WatchError) &&
    (error.code >= 500 || [401, 403, 429].includes(error.code)))
