/**
 * Runs a reconciler for every object of one kind: takes keys from the queue, bounds the reconcile in time, writes the
 * status that it returns, emits its events, and turns its `next` into a requeue. Reconcilers have no other way to
 * status, events and queue.
 */
import type { Condition } from '../api/conditions.ts'
import { type Failure, transient } from '../api/failures.ts'
import { type KubeObject, keyOf, namespaceInKey, type ObjectKey } from '../api/object.ts'
import type { Client } from '../kube/client.ts'
import type { Resource } from '../kube/resource.ts'
import { describeError } from '../telemetry/redact.ts'
import { noTracer, type Tracer } from '../telemetry/tracer.ts'
import { createKeyedBackoff, jittered, type Random } from './backoff.ts'
import type { Busy } from './busy.ts'
import type { Cache } from './cache.ts'
import type { Clock } from './clock.ts'
import { DeadlineError, withGrace } from './grace.ts'
import type { Informer } from './informer.ts'
import { createLanes } from './lanes.ts'
import type { Log } from './log.ts'
import { isObserved, matters } from './matters.ts'
import type { Next, Outcome } from './outcome.ts'
import { RecentUse } from './queue/recent-use.ts'
import { createWorkQueue, type Lane, type QueueHooks } from './queue/workqueue.ts'
import type { Recorder } from './recorder.ts'
import { createStatusWriter } from './status-writer.ts'
import { type ControllerTiming, DEFAULT_TIMING } from './timing.ts'
import { reconcileSpan, tellOutcome } from './trace.ts'
import { shareTurns } from './turns.ts'

export type Result = 'success' | 'stalled' | 'waiting' | 'transient' | 'error' | 'gone'

interface ControllerHooks extends QueueHooks {
  /** Counts a reconcile with its status write. `error`: it threw, ran out of time, or its status was not written. */
  reconciled(result: Result, ms: number): void
  statusWritten(): void
}

/** What a controller needs of an informer. */
type ObjectSource<T extends KubeObject> = Pick<Informer<T>, 'on' | 'observe'> & {
  cache: Pick<Cache<T>, 'get' | 'values'>
}

/** What a controller needs of a status. */
export interface Observed {
  observedGeneration?: number
  conditions?: Condition[]
}

export interface ControllerOptions<T extends KubeObject & { status?: S }, S extends Observed> {
  /** Name in logs and metrics. */
  name: string
  resource: Resource
  client: Client
  informer: ObjectSource<T>
  recorder: Recorder
  clock: Clock
  random: Random
  log: Log
  hooks?: ControllerHooks
  /** Each reconcile is a trace. Default: there are none. */
  tracer?: Tracer
  reconcile(object: T, signal: AbortSignal): Promise<Outcome<S>>
  /** Says what to write when `reconcile` threw or ran out of time. Its `next` is ignored: the key backs off. */
  onCrash(object: T, failure: Failure): Outcome<S>
  /** Says what to write while the first reconcile of a generation takes long. */
  progress?(object: T): S
  /** Whether a change of the object wakes it. Default: a new spec or the begin of a deletion does. */
  matters?(old: T, now: T): boolean
  /** Drops what is kept for an object that is gone. Another object may have its name by then. */
  forget?(object: T): void
  /** How many objects are reconciled at a time. Default 4. */
  concurrency?: number
  /** How many objects of one group are reconciled at a time. Default: any number. */
  limits?: readonly ObjectLimit<T>[]
  /** How many objects are reconciled at a time while the process is busy. Default: as many as ever. */
  busy?: Busy & { workers: number }
  /** What each namespace used of late: the one that used least is next. Default: of this controller alone. */
  recentUse?: RecentUse
  timing?: Partial<ControllerTiming>
}

export interface ObjectLimit<T> {
  max: number
  /** Undefined: the object is in no group of this limit. Called for each wake-up: must be quick, and must not throw. */
  groupOf(object: T): string | undefined
}

export interface RunSignals {
  /** Ends the taking of work; what is under way goes on. */
  drain: AbortSignal
  /** Ends what is under way too; nothing is written after it. */
  abort: AbortSignal
}

export interface Controller {
  readonly name: string
  /** Adds a key to the queue. Does nothing before `run`, which starts with every object of the cache. */
  enqueue(key: ObjectKey, lane: Lane): void
  enqueueAfter(key: ObjectKey, ms: number): void
  /** Runs the workers. Call it once the informer has synced. Resolves when the last worker has ended after a signal. */
  run(signals: RunSignals): Promise<void>
}

export function createController<S extends Observed, T extends KubeObject & { status?: S }>(
  options: ControllerOptions<T, S>,
): Controller {
  const {
    name,
    informer,
    recorder,
    clock,
    random,
    hooks,
    concurrency = 4,
    limits = [],
    busy,
    tracer = noTracer,
  } = options
  const { cache } = informer
  const timing = { ...DEFAULT_TIMING, ...options.timing }
  const log = options.log.child({ controller: name })
  const queue = createWorkQueue({
    clock,
    backoff: createKeyedBackoff({ baseMs: timing.backoffBaseMs, capMs: timing.backoffCapMs, random }),
    workers: concurrency,
    ...(busy ? { busy } : {}),
    owners: { of: namespaceInKey, use: options.recentUse ?? new RecentUse() },
    limits: limits.map(({ max, groupOf }) => ({
      max,
      groupOf: key => {
        const object = cache.get(key)
        return object && groupOf(object)
      },
    })),
    ...(hooks ? { hooks } : {}),
  })
  const writeStatus = createStatusWriter<S, T>({ ...options, tracer, onWritten: () => hooks?.statusWritten() })
  const lanes = createLanes(clock)
  const shareTurn = shareTurns(clock)
  let running = false
  busy?.onIdle(() => queue.reconsider())

  informer.on(event => {
    if (event.type === 'deleted') options.forget?.(event.object)
    if (!running) return
    if (event.type === 'updated' && !(options.matters ?? matters)(event.old, event.object)) return
    queue.add(keyOf(event.object), lanes.ofEvent(event))
  })

  async function worker(abort: AbortSignal): Promise<void> {
    for (let key = await queue.next(); key !== undefined; key = await queue.next()) {
      const startedAt = clock.monotonic()
      try {
        const about = { resource: options.resource, key, lane: queue.laneOf(key) }
        const result = await reconcileSpan(tracer, about, () => reconcileKey(key, abort))
        if (result) hooks?.reconciled(result, clock.monotonic() - startedAt)
      } catch (error) {
        log.error({ key, err: error }, 'reconcile failed outside of the reconciler')
        queue.retry(key)
        hooks?.reconciled('error', clock.monotonic() - startedAt)
      } finally {
        // Its place stays taken until then: else all other workers would go on in this turn, one after the other.
        await shareTurn()
        queue.done(key)
      }
    }
  }

  /** Reconciles the object of a key. Undefined: the work was aborted, and nothing was written. */
  async function reconcileKey(key: ObjectKey, abort: AbortSignal): Promise<Result | undefined> {
    const object = cache.get(key)
    if (!object) {
      queue.resetBackoff(key)
      return 'gone'
    }
    const { outcome, crashed } = await runReconcile(key, object, abort)
    if (abort.aborted) return undefined
    tellOutcome(tracer, outcome)
    for (const event of outcome.events ?? []) recorder.record(object, event)
    if (outcome.status !== undefined) {
      try {
        await writeStatus(object, outcome.status, abort)
      } catch (error) {
        if (abort.aborted) return undefined
        log.warn({ key, err: error }, 'status was not written; the object is reconciled again')
        tracer.failed({ reason: 'StatusNotWritten' })
        queue.retry(key)
        return 'error'
      }
    }
    if (crashed) {
      queue.retry(key)
      if (outcome.wakeWithin !== undefined) queue.addAfter(key, outcome.wakeWithin)
      return 'error'
    }
    const result = schedule(key, outcome.next)
    // The queue keeps the earlier of two delays.
    if (outcome.wakeWithin !== undefined) queue.addAfter(key, outcome.wakeWithin)
    return result
  }

  async function runReconcile(
    key: ObjectKey,
    object: T,
    abort: AbortSignal,
  ): Promise<{ outcome: Outcome<S>; crashed: boolean }> {
    const endProgress = watchProgress(key, object, abort)
    try {
      const deadline = { ms: timing.deadlineMs, graceMs: timing.graceMs }
      const outcome = await withGrace(clock, deadline, abort, signal => reconcile(object, signal))
      return { outcome, crashed: false }
    } catch (error) {
      if (abort.aborted) return { outcome: { next: 'await-change' }, crashed: false }
      log.error({ key, err: error }, 'reconcile crashed')
      return { outcome: options.onCrash(object, crashFailure(error)), crashed: true }
    } finally {
      await endProgress()
    }
  }

  /** Reconciles, and at the end, however late, drops what was kept meanwhile for an object that has gone. */
  async function reconcile(object: T, signal: AbortSignal): Promise<Outcome<S>> {
    try {
      return await options.reconcile(object, signal)
    } finally {
      if (cache.get(keyOf(object))?.metadata.uid !== object.metadata.uid) options.forget?.(object)
    }
  }

  /** Writes once that work is under way, when a new generation takes long. Returns a function that ends this. */
  function watchProgress(key: ObjectKey, object: T, abort: AbortSignal): () => Promise<void> {
    const { progress } = options
    if (!progress || isObserved(object)) return async () => {}
    let writing: Promise<void> | undefined
    const write = async () => {
      try {
        await writeStatus(object, progress(object), abort)
      } catch (error) {
        log.warn({ key, err: error }, 'progress was not written to status')
      }
    }
    const cancel = clock.after(timing.progressAfterMs, () => {
      writing = write()
    })
    return async () => {
      cancel()
      await writing
    }
  }

  function schedule(key: ObjectKey, next: Next): Result {
    if (next !== 'await-change' && 'intent' in next) return scheduleFailure(key, next)
    queue.resetBackoff(key)
    if (next !== 'await-change') queue.addAfter(key, next.after)
    return 'success'
  }

  function scheduleFailure(key: ObjectKey, failure: Failure): Result {
    const { intent, reason, message } = failure
    log.info({ key, intent, reason }, message)
    if (intent === 'transient') {
      queue.retry(key)
    } else {
      queue.resetBackoff(key)
      queue.addAfter(key, jittered(intent === 'stalled' ? timing.stalledRetryMs : timing.waitingRetryMs, 0.1, random))
    }
    return intent
  }

  return {
    name,
    enqueue(key, lane) {
      if (running) queue.add(key, lanes.ofWake(cache.get(key), lane))
    },
    enqueueAfter(key, ms) {
      if (running) queue.addAfter(key, ms)
    },
    async run({ drain, abort }) {
      const stop = AbortSignal.any([drain, abort])
      if (stop.aborted) return
      stop.addEventListener('abort', () => queue.shutdown(), { once: true })
      running = true
      busy?.begin()
      for (const object of cache.values()) queue.add(keyOf(object), lanes.ofEvent({ type: 'added', object }))
      await Promise.all(Array.from({ length: concurrency }, () => worker(abort)))
    },
  }
}

const crashFailure = (error: unknown): Failure =>
  error instanceof DeadlineError
    ? transient('DeadlineExceeded', `${describeError(error)}; it is tried again`)
    : transient('ReconcileError', `unexpected error, it is tried again: ${describeError(error)}`)
