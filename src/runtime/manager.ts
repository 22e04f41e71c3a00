/**
 * Starts everything in one place and one order (informers, sync, leadership, controllers), and ends it in reverse. A
 * replica that does not lead keeps its informers running, so that it takes over with a warm cache.
 */
import type { KubeObject } from '../api/object.ts'
import { type Clock, sleep } from './clock.ts'
import type { Controller } from './controller.ts'
import type { Informer } from './informer.ts'
import type { Leader } from './leader.ts'
import type { Log } from './log.ts'
import type { Recorder } from './recorder.ts'

/** What the manager needs of an informer. */
type Watcher = Pick<Informer<KubeObject>, 'hasSynced' | 'synced' | 'start'>

export interface ManagerOptions {
  /** Informers by their name in messages. */
  informers: Readonly<Record<string, Watcher>>
  controllers: readonly Controller[]
  /**
   * What must be there before the informers start. `run` resolves as well when the signal aborts, and never rejects.
   * `trouble`: why it is not there, once something has failed.
   */
  prepare?: { what: string; run(signal: AbortSignal): Promise<void>; trouble?(): string | undefined }
  /** Elects this replica. Absent: it leads at once. */
  leader?: Leader
  recorder: Recorder
  clock: Clock
  log: Log
  /** How long work under way may take to end once somebody has asked to stop. Default 25 s. */
  drainMs?: number
  /** How long controllers may take to end once aborted. Default 6 s. */
  abortMs?: number
  /** How long waiting events may take to be sent at the end. Default 2 s. */
  flushMs?: number
}

export interface Manager {
  /**
   * Runs until `stop` aborts, then ends in order and resolves. Rejects when the lead was lost, or when an informer or a
   * controller failed or ended by itself: the process must then exit with a failure.
   */
  run(stop: AbortSignal): Promise<void>
  /** Whether this replica is ready: true, or why it is not. One that does not lead is ready once its caches are. */
  ready(): true | string
}

export function createManager(options: ManagerOptions): Manager {
  const { controllers, leader, recorder, clock, log, prepare } = options
  const informers = Object.entries(options.informers)
  const { drainMs = 25_000, abortMs = 6_000, flushMs = 2_000 } = options
  let stopping = false
  let preparing = prepare !== undefined

  async function run(stop: AbortSignal): Promise<void> {
    const drain = new AbortController()
    const abort = new AbortController()
    const watching = new AbortController()
    let failure: Error | undefined
    const end = () => {
      stopping = true
      drain.abort()
    }
    /** Ends everything at the first failure, and aborts work under way that may no longer write. */
    const fail = (error: Error, mayWrite: boolean) => {
      if (!mayWrite) abort.abort(error)
      if (stopping) return
      failure = error
      log.error({ err: error }, 'stopping because of a failure')
      end()
    }
    stop.addEventListener('abort', end, { once: true })
    if (stop.aborted) end()

    if (prepare) await prepare.run(drain.signal)
    preparing = false
    for (const [name, informer] of stopping ? [] : informers) {
      void guard(informer.start(watching.signal), `informer ${name}`, watching.signal, fail)
    }
    const synced = Promise.all(informers.map(([, informer]) => informer.synced)).catch(cause =>
      fail(new Error('caches did not sync', { cause }), true),
    )
    await untilAborted(drain.signal, synced)
    const running = stopping ? [] : await runControllers(drain.signal, abort.signal, fail)
    await untilAborted(drain.signal)
    stop.removeEventListener('abort', end)
    await shutDown(Promise.all(running), abort, watching)
    if (failure) throw failure
  }

  /** Runs the controllers once this replica leads. Resolves with promises that settle when the controllers end. */
  async function runControllers(drain: AbortSignal, abort: AbortSignal, fail: Fail): Promise<Promise<void>[]> {
    log.info({ informers: informers.length }, 'caches have synced')
    const lost = (why: string) => fail(new Error(`lost leadership: ${why}`), false)
    const leads = leader ? await leader.acquire(drain, lost) : true
    if (!leads || drain.aborted) return []
    log.info({ controllers: controllers.map(({ name }) => name) }, 'controllers run')
    return controllers.map(controller =>
      guard(controller.run({ drain, abort }), `controller ${controller.name}`, drain, fail),
    )
  }

  async function shutDown(workers: Promise<unknown>, abort: AbortController, watching: AbortController): Promise<void> {
    if (!abort.signal.aborted) {
      log.info({ drainMs }, 'stopping once work under way has ended')
      const drained = await within(clock, drainMs, workers, abort.signal)
      if (!drained) log.warn({}, 'work under way is aborted')
    }
    abort.abort()
    const ended = await within(clock, abortMs, workers)
    await recorder.stop(!leader || leader.isLeader() ? flushMs : 0)
    watching.abort()
    // Another replica starts as soon as the Lease is free, so it must expire by itself while something still runs here.
    if (ended) await leader?.release()
    else log.error({}, 'work under way did not end; the lease is left to expire')
    log.info({}, 'stopped')
  }

  return {
    run,
    ready() {
      if (stopping) return 'stopping'
      if (preparing && prepare) return [`waiting for ${prepare.what}`, prepare.trouble?.() ?? []].flat().join(': ')
      const behind = informers.filter(([, informer]) => !informer.hasSynced).map(([name]) => name)
      return behind.length === 0 ? true : `waiting for the caches of ${behind.join(', ')}`
    },
  }
}

type Fail = (error: Error, mayWrite: boolean) => void

/** Reports a task that fails, or ends before its signal says so. Never rejects. */
async function guard(task: Promise<void>, what: string, until: AbortSignal, fail: Fail): Promise<void> {
  try {
    await task
    if (!until.aborted) fail(new Error(`${what} ended by itself`), true)
  } catch (cause) {
    fail(new Error(`${what} failed`, { cause }), true)
  }
}

/** Resolves when the signal aborts, or with the promise if that is sooner. */
function untilAborted(signal: AbortSignal, promise?: Promise<unknown>): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
    promise?.finally(resolve)
  })
}

/** Whether the promise settles within `ms` and before the signal aborts. */
async function within(clock: Clock, ms: number, promise: Promise<unknown>, signal?: AbortSignal): Promise<boolean> {
  const bound = new AbortController()
  const limit = signal ? AbortSignal.any([bound.signal, signal]) : bound.signal
  const settled = promise.then(() => true)
  const ended = await Promise.race([settled, sleep(clock, ms, limit).then(() => false)])
  bound.abort()
  return ended
}
