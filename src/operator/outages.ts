/**
 * What is done for objects whose endpoint does not answer. While it does not, one of them at a time tries, so that an
 * outage costs few calls; once it answers, all of them are looked at.
 */
import { connectorKeyOf } from '../api/artifact-store.ts'
import { type Condition, findCondition, READY, RECONCILING } from '../api/conditions.ts'
import { type KubeObject, keyOf, type ObjectKey } from '../api/object.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import type { Providers } from '../connectors/plan.ts'
import { reasonBehind } from '../providers/late-reasons.ts'
import type { Outages } from '../providers/network/agents.ts'
import type { Random } from '../runtime/backoff.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Controller } from '../runtime/controller.ts'
import type { Caches } from './caches.ts'

/** Reasons of objects that wait for an endpoint. */
const UNANSWERED: ReadonlySet<string> = new Set(['EndpointUnreachable', 'SessionTimeout', 'ProbeTimeout'])
/** Time in which endpoints that are back together are dealt with together. */
const TOGETHER_MS = 500

/** What is woken, and how. */
interface Parts {
  caches: { connectors: Pick<Caches['connectors'], 'cache'>; stores: Pick<Caches['stores'], 'cache'> }
  providers: Providers
  connectors: Pick<Controller, 'enqueue'>
  stores: Pick<Controller, 'enqueue'>
  /** Forgets that the last session of a connector could not be opened. */
  retrySession(connector: ObjectKey): void
}

/** `parts`: called when an endpoint does not answer, so that it may be made after the network that calls it. */
export function createOutages(
  { clock, random }: { clock: Pick<Clock, 'after'>; random: Random },
  parts: () => Parts,
): Outages {
  let isPlanned = false
  const waiting = ({ caches }: Parts) => ({
    connectors: [...caches.connectors.cache.values()].filter(isWaiting),
    stores: [...caches.stores.cache.values()].filter(isWaiting),
  })
  const one = <T>(objects: T[]): T | undefined => objects[Math.floor(random() * objects.length)]

  function look(kind: 'connectors' | 'stores', object: KubeObject, connector: ObjectKey): void {
    const { retrySession, [kind]: controller } = parts()
    retrySession(connector)
    controller.enqueue(keyOf(object), 'routine')
  }

  return {
    mayTry(endpoint) {
      const { caches, providers } = parts()
      const leads = (connector: ServiceConnector | undefined) =>
        connector !== undefined && groupOf(providers, connector).split(' ').includes(endpoint)
      const { connectors, stores } = waiting(parts())
      // Where only a Secret knows the host, nobody says that it leads there: then anybody who waits may try.
      const connector = one(connectors.filter(leads)) ?? one(connectors)
      const store =
        one(stores.filter(store => leads(caches.connectors.cache.get(connectorKeyOf(store))))) ?? one(stores)
      if (connector) look('connectors', connector, keyOf(connector))
      if (store) look('stores', store, connectorKeyOf(store))
    },
    over() {
      if (isPlanned) return
      isPlanned = true
      clock.after(TOGETHER_MS, () => {
        isPlanned = false
        const { connectors, stores } = waiting(parts())
        for (const connector of connectors) look('connectors', connector, keyOf(connector))
        for (const store of stores) look('stores', store, connectorKeyOf(store))
      })
    },
  }
}

const groupOf = (providers: Providers, { spec, metadata: { namespace = '' } }: ServiceConnector): string =>
  providers[spec.aws ? 'aws' : 'azure']?.group(spec, namespace) ?? ''

/** Whether an object waits for an endpoint, whether it is Ready meanwhile or not. */
function isWaiting({ status }: { status?: { conditions?: Condition[] } }): boolean {
  const ready = findCondition(status?.conditions, READY)
  const trouble = findCondition(status?.conditions, RECONCILING) ?? (ready?.status === 'False' ? ready : undefined)
  return trouble !== undefined && UNANSWERED.has(reasonBehind(trouble))
}
