/**
 * The namespaces that `--watch-namespaces` lists: which of them can be read by now. One that can't be holds up no other,
 * so its trouble is told here and nowhere else (docs/adr/0039).
 */

import type { Config } from '../config.ts'
import { isForbidden } from '../kube/errors.ts'
import { type Clock, systemClock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { Readings } from '../telemetry/read-gauges.ts'

export interface WatchedNamespaces {
  readonly names: readonly string[]
  has(namespace: string): boolean
  /** Whether all that is watched of the namespace is in the caches. */
  isRead(namespace: string): boolean
  /** Adds a handler. It is called once for each namespace, as soon as that is read. */
  onRead(handler: (namespace: string) => void): void
  /** For each resource: its first list of the namespace is in the cache. */
  listed(namespace: string): void
  /** Whether the API server has refused something of the namespace lately, also after it was read. */
  isRefused(namespace: string): boolean
  /** Tells of a refusal, at most once in ten minutes for each namespace. False: the error is none. */
  refused(error: unknown, namespace: string): boolean
}

export interface WatchedOptions {
  names: readonly string[]
  clock: Pick<Clock, 'monotonic'>
  log: Pick<Log, 'info' | 'warn'>
}

/** Resources that are watched in each of them: all of the caches but namespaces themselves. */
const RESOURCES = 6
/** Six informers are refused each half a minute, for as long as it takes. */
const TELL_AGAIN_MS = 600_000
/** Longer than the pause of an informer that is refused. */
const REFUSED_MS = 60_000

export function createWatchedNamespaces({ names, clock, log }: WatchedOptions): WatchedNamespaces {
  const listed = new Map(names.map(name => [name, 0]))
  const toldAt = new Map<string, number>()
  const refusedAt = new Map<string, number>()
  const handlers: ((namespace: string) => void)[] = []
  const isRead = (namespace: string): boolean => listed.get(namespace) === RESOURCES
  return {
    names,
    has: namespace => listed.has(namespace),
    isRead,
    onRead: handler => void handlers.push(handler),
    listed(namespace) {
      listed.set(namespace, (listed.get(namespace) ?? 0) + 1)
      if (!isRead(namespace)) return
      refusedAt.delete(namespace)
      if (toldAt.delete(namespace)) log.info({ namespace }, 'the namespace can be watched now')
      for (const handler of handlers) handler(namespace)
    },
    isRefused: namespace => clock.monotonic() - (refusedAt.get(namespace) ?? Number.NEGATIVE_INFINITY) < REFUSED_MS,
    refused(error, namespace) {
      if (!isForbidden(error)) return false
      const now = clock.monotonic()
      refusedAt.set(namespace, now)
      if (now - (toldAt.get(namespace) ?? Number.NEGATIVE_INFINITY) < TELL_AGAIN_MS) return true
      toldAt.set(namespace, now)
      log.warn(
        { namespace, cure: cureOf(namespace) },
        'a namespace of --watch-namespaces is absent, or gives the operator no rights; others go on, and it is tried again',
      )
      return true
    },
  }
}

/** Those of the configuration; undefined: the operator is not limited to any. */
export const watchedIn = ({ watchNamespaces }: Pick<Config, 'watchNamespaces'>, log: Log) =>
  watchNamespaces.length === 0
    ? undefined
    : createWatchedNamespaces({ names: watchNamespaces, clock: systemClock, log })

/** What metrics tell of them. */
export const readWatched = (watched: WatchedNamespaces | undefined): Readings =>
  watched
    ? {
        watched_namespace_read: watched.names.map(namespace => ({
          labels: { namespace },
          value: Number(watched.isRead(namespace) && !watched.isRefused(namespace)),
        })),
      }
    : {}

const cureOf = (namespace: string): string =>
  `run "kubectl create namespace ${namespace}" if it is absent, and apply the Roles and RoleBindings of deploy/components/watched-namespaces for it; or take it out of --watch-namespaces`
