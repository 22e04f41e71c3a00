/** Reads all that the page shows of one store or connector. */
import { connectorKeyOf } from '../../api/artifact-store.ts'
import type { KubeObject } from '../../api/object.ts'
import { DEFAULT_SESSION_DURATION } from '../../api/service-connector.ts'
import { matrixOf } from '../../cli/actions/permissions.ts'
import type { Cluster } from '../../cli/cluster/connect.ts'
import { ifAllowed } from '../../cli/cluster/read.ts'
import { cautionsOf, connectorCautionsOf } from '../../cli/overview/cautions.ts'
import { asYaml } from '../../cli/text/data.ts'
import { kubectl, type Shell } from '../../cli/text/kubectl.ts'
import { shown } from '../../foreign/text.ts'
import type { Resource } from '../../kube/resource.ts'
import type { ConnectorDetail, EventItem, StoreDetail } from '../contract.ts'
import { connectorItem, storeItem } from './items.ts'
import { snippetsOf } from './snippets.ts'
import { connectorSteps, stepsOf } from './steps.ts'
import type { Watched } from './watched.ts'

/** In the older group of the two, which the cluster's role `view` may list. They are the same events. */
const EVENTS: Resource = { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true }
const EVENTS_MAX = 50
/** Events of an object that are read: the API server gives them in no order of time. */
const EVENTS_READ = 500
const YAML_MAX = 256 * 1024

interface Desk {
  cluster: Cluster
  watched: Watched
  shell: Shell
}

/** Undefined where there is no such store, or it is not one that the page is about. */
export async function storeDetail(desk: Desk, key: string, signal: AbortSignal): Promise<StoreDetail | undefined> {
  const { watched } = desk
  const store = watched.store(key)
  if (!store) return undefined
  const connector = watched.connector(connectorKeyOf(store))
  const { conditions = [], bucket } = store.status ?? {}
  return {
    store: storeItem(store, watched.secret),
    ...(connector ? { connector: connectorItem(connector) } : {}),
    steps: stepsOf(conditions),
    conditions,
    cautions: cautionsOf(conditions),
    permissions: matrixOf(store).permissions,
    ...(bucket ? { bucket } : {}),
    snippets: snippetsOf(store),
    ...(await shared(desk, 'store', store, signal)),
  }
}

/** The same of a connector. */
export async function connectorDetail(
  desk: Desk,
  key: string,
  signal: AbortSignal,
): Promise<ConnectorDetail | undefined> {
  const connector = desk.watched.connector(key)
  if (!connector) return undefined
  const { conditions = [], identity = {}, resources, resourcesTruncated } = connector.status ?? {}
  return {
    connector: connectorItem(connector),
    steps: connectorSteps(connector),
    conditions,
    cautions: connectorCautionsOf(connector.status),
    identity,
    sessionDuration: connector.spec.sessionDuration ?? DEFAULT_SESSION_DURATION,
    ...(resources ? { resources } : {}),
    ...(resourcesTruncated ? { resourcesTruncated } : {}),
    ...(await shared(desk, 'connector', connector, signal)),
  }
}

/** What both have. */
async function shared(
  { cluster, shell }: Desk,
  kind: 'store' | 'connector',
  object: KubeObject,
  signal: AbortSignal,
): Promise<Pick<StoreDetail, 'events' | 'yaml' | 'commands' | 'notes'>> {
  const { events, note } = await eventsOf(cluster, object, signal)
  const { name, namespace = '' } = object.metadata
  const command = (action: string) => kubectl(shell, [action, `${kind}/${name}`, '-n', namespace], ['artifactstore'])
  return {
    ...(events ? { events } : {}),
    yaml: yamlOf(object),
    commands: { verify: command('verify'), refresh: command('refresh') },
    notes: note === undefined ? [] : [note],
  }
}

function yamlOf(object: KubeObject): string {
  const text = asYaml(object)
  return text.length <= YAML_MAX ? text : `${text.slice(0, YAML_MAX)}\n# more is left out\n`
}

interface EventObject extends KubeObject {
  type?: string
  reason?: string
  message?: string
  eventTime?: string | null
  series?: { count?: number; lastObservedTime?: string }
  count?: number
  lastTimestamp?: string | null
}

async function eventsOf(
  cluster: Cluster,
  { metadata: { namespace = '', uid } }: KubeObject,
  signal: AbortSignal,
): Promise<{ events?: EventItem[]; note?: string }> {
  const options = { signal, limit: EVENTS_READ, fieldSelector: `involvedObject.uid=${uid}` }
  const { value, note } = await ifAllowed({ verb: 'list', resource: EVENTS, namespace }, () =>
    cluster.client.list<EventObject>(EVENTS, namespace, options),
  )
  if (!value) return note === undefined ? {} : { note: `events are not shown: ${note}` }
  const events = value.items.map(eventItem).sort((one, other) => (one.lastSeen < other.lastSeen ? 1 : -1))
  return { events: events.slice(0, EVENTS_MAX) }
}

function eventItem(event: EventObject): EventItem {
  const { series, metadata } = event
  const seen = series?.lastObservedTime ?? event.eventTime ?? event.lastTimestamp ?? metadata.creationTimestamp
  return {
    type: event.type === 'Warning' ? 'Warning' : 'Normal',
    reason: shown(event.reason) ?? '',
    message: shown(event.message) ?? '',
    count: series?.count ?? event.count ?? 1,
    lastSeen: shown(seen) ?? '',
  }
}
