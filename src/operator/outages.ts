/**
 * What is done for objects whose endpoint does not answer. While it does not, one of them at a time tries, so that an
 * outage costs few calls; once it answers, all of them are looked at.
 */
import { type ArtifactStore, connectorKeyOf } from '../api/artifact-store.ts'
import { type Condition, findCondition, READY, RECONCILING } from '../api/conditions.ts'
import { keyOf, type ObjectKey } from '../api/object.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import type { Providers } from '../connectors/plan.ts'
import { reasonBehind } from '../providers/late-reasons.ts'
import type { Outages } from '../providers/network/agents.ts'
import type { Random } from '../runtime/backoff.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Controller } from '../runtime/controller.ts'
import type { Caches } from './caches.ts'
import { groupOf } from './limits.ts'

/** Reasons of objects that wait for an endpoint. */
const UNANSWERED: ReadonlySet<string> = new Set(['EndpointUnreachable', 'SessionTimeout', 'ProbeTimeout'])
/** Time in which endpoints that are back together are dealt with together. */
const TOGETHER_MS = 500
/**
 * Least time between looks at objects of all endpoints: an endpoint that fails and answers by turns is not to have those
 * of others looked at each time.
 */
const ALL_MS = 10_000

/** What is woken, and how. */
export interface WokenByOutages {
  providers: Providers
  connectors: Pick<Controller, 'enqueue'>
  stores: Pick<Controller, 'enqueue'>
  /** Forgets that the last session of a connector could not be opened. */
  retrySession(connector: ObjectKey): void
}

interface Parts extends WokenByOutages {
  caches: { connectors: Pick<Caches['connectors'], 'cache'>; stores: Pick<Caches['stores'], 'cache'> }
}

/** What may wait for an endpoint. */
export interface Waiting {
  status?: { conditions?: Condition[] }
}

/** `parts`: called when an endpoint does not answer, so that it may be made after the network that calls it. */
export function createOutages(
  { clock, random }: { clock: Pick<Clock, 'after' | 'monotonic'>; random: Random },
  parts: () => Parts,
): Outages & { close(): void } {
  /** Endpoints that answer again, until those who wait for them are looked at. */
  const over = new Set<string>()
  let cancelAll: (() => void) | undefined
  let allAt = Number.NEGATIVE_INFINITY

  function lookAtAll(isMeant: Leads): void {
    const { caches } = parts()
    const { connectors, stores } = waitingFor(UNANSWERED, caches)
    for (const connector of connectors) if (isMeant(connector)) look(parts(), 'connectors', connector)
    for (const store of stores)
      if (isMeant(caches.connectors.cache.get(connectorKeyOf(store)))) look(parts(), 'stores', store)
  }

  /** Where only a Secret knows the host, or a bucket has its own, nobody says that it leads there. */
  function lookAtEach(): void {
    allAt = clock.monotonic()
    lookAtAll(() => true)
  }

  return {
    mayTry(endpoint) {
      const { caches, providers } = parts()
      const leads = leadsTo(new Set([endpoint]), providers)
      const { connectors, stores } = waitingFor(UNANSWERED, caches)
      // Where only a Secret knows the host, nobody says that it leads there: then anybody who waits may try.
      const connector = one(connectors.filter(leads), random) ?? one(connectors, random)
      const store =
        one(
          stores.filter(store => leads(caches.connectors.cache.get(connectorKeyOf(store)))),
          random,
        ) ?? one(stores, random)
      if (connector) look(parts(), 'connectors', connector)
      if (store) look(parts(), 'stores', store)
    },
    over(endpoint) {
      over.add(endpoint)
      if (over.size > 1) return
      clock.after(TOGETHER_MS, () => {
        const leads = leadsTo(new Set(over), parts().providers)
        over.clear()
        const rest = allAt + ALL_MS - clock.monotonic()
        if (rest <= 0) return lookAtEach()
        // Whoever is known to wait for them is not kept waiting.
        lookAtAll(leads)
        cancelAll ??= clock.after(rest, () => {
          cancelAll = undefined
          lookAtEach()
        })
      })
    },
    close: () => cancelAll?.(),
  }
}

type Leads = (connector: ServiceConnector | undefined) => boolean

/** Tells whether a spec says that the connector calls one of these endpoints. */
const leadsTo =
  (endpoints: ReadonlySet<string>, providers: Providers): Leads =>
  connector =>
    (connector &&
      groupOf(providers, connector)
        ?.split(' ')
        .some(host => endpoints.has(host))) ??
    false

export const one = <T>(objects: T[], random: Random): T | undefined => objects[Math.floor(random() * objects.length)]

/** Looks at an object, and has its session opened anew if there is none. */
export function look(
  { retrySession, ...controllers }: WokenByOutages,
  kind: 'connectors' | 'stores',
  object: ServiceConnector | ArtifactStore,
): void {
  retrySession(kind === 'stores' ? connectorKeyOf(object as ArtifactStore) : keyOf(object))
  controllers[kind].enqueue(keyOf(object), 'routine')
}

/** The objects that wait for one of these reasons. */
export const waitingFor = (reasons: ReadonlySet<string>, { connectors, stores }: Parts['caches']) => ({
  connectors: [...connectors.cache.values()].filter(object => isWaiting(object, reasons)),
  stores: [...stores.cache.values()].filter(object => isWaiting(object, reasons)),
})

/** Whether an object waits for one of these reasons, its own or its connector's, whether it is Ready meanwhile or not. */
export function isWaiting({ status }: Waiting, reasons: ReadonlySet<string>): boolean {
  const ready = findCondition(status?.conditions, READY)
  const trouble = findCondition(status?.conditions, RECONCILING) ?? (ready?.status === 'False' ? ready : undefined)
  return trouble !== undefined && reasons.has(reasonBehind(trouble))
}
