/** Pure: what the map shows: connectors, below them stores, namespaces that get Secrets, and those Secrets. */
import type { ConnectorItem, SecretItem, StoreItem } from '../../contract.ts'
import type { Items } from './filter.ts'
import { type Tally, type Tone, tallyOf, toneOf } from './tone.ts'

interface Common {
  /** Unique in the map, and the same as long as the object is there. */
  key: string
  /** 0 for a connector. */
  depth: number
  isOpen: boolean
  /** Empty while it is closed. */
  children: MapNode[]
  /** How many children it has, open or not. */
  count: number
}

export type MapNode = Common &
  (
    | { kind: 'connector'; name: string; item: ConnectorItem | undefined; tone: Tone; tally: Tally }
    | { kind: 'store'; item: StoreItem; tone: Tone }
    | { kind: 'namespace'; name: string; store: StoreItem }
    | { kind: 'secret'; item: SecretItem; store: StoreItem }
  )

/** So many stores are all open when nobody has said otherwise. */
const OPEN_STORES = 12
/** So many stores are seen when nobody has said otherwise; with more, connectors are closed. */
const SEEN_STORES = 60

/** What a person has opened or closed, by key. */
export type Opened = ReadonlyMap<string, boolean>

export const connectorKey = (name: string): string => `connector ${name}`
export const storeKey = ({ key }: Pick<StoreItem, 'key'>): string => `store ${key}`

export function forestOf({ connectors, stores }: Items, opened: Opened): MapNode[] {
  const groups = new Map<string, { item: ConnectorItem | undefined; stores: StoreItem[] }>()
  for (const item of connectors) groups.set(item.key, { item, stores: [] })
  for (const store of stores) {
    const group = groups.get(store.connector) ?? { item: undefined, stores: [] }
    group.stores.push(store)
    groups.set(store.connector, group)
  }
  const defaults = { connector: stores.length <= SEEN_STORES || groups.size === 1, store: stores.length <= OPEN_STORES }
  return [...groups]
    .sort(([one], [other]) => compare(one, other))
    .map(([name, group]) => connectorNode(name, group, { opened, defaults }))
}

interface Openness {
  opened: Opened
  defaults: { connector: boolean; store: boolean }
}

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other))

function connectorNode(
  name: string,
  { item, stores }: { item: ConnectorItem | undefined; stores: StoreItem[] },
  openness: Openness,
): MapNode {
  const key = connectorKey(name)
  const isOpen = stores.length > 0 && (openness.opened.get(key) ?? openness.defaults.connector)
  const sorted = isOpen ? stores.toSorted((one, other) => compare(one.key, other.key)) : []
  return {
    kind: 'connector',
    ...{ key, name, item, depth: 0, isOpen, count: stores.length, tally: tallyOf(stores) },
    tone: item ? toneOf(item) : 'Unseen',
    children: sorted.map(store => storeNode(store, openness)),
  }
}

function storeNode(item: StoreItem, { opened, defaults }: Openness): MapNode {
  const key = storeKey(item)
  const count = new Set(item.secrets.map(({ namespace }) => namespace)).size
  const isOpen = count > 0 && (opened.get(key) ?? defaults.store)
  const children = isOpen ? namespaceNodes(item, key, opened) : []
  return { kind: 'store', key, item, depth: 1, isOpen, count, tone: toneOf(item), children }
}

function namespaceNodes(store: StoreItem, above: string, opened: Opened): MapNode[] {
  const names = [...new Set(store.secrets.map(({ namespace }) => namespace))].sort(compare)
  return names.map(name => {
    const secrets = store.secrets.filter(({ namespace }) => namespace === name)
    const key = `${above} to ${name}`
    const isOpen = opened.get(key) ?? true
    const children = isOpen ? secrets.map(item => secretNode(item, store, key)) : []
    return { kind: 'namespace', key, name, store, depth: 2, isOpen, count: secrets.length, children }
  })
}

const secretNode = (item: SecretItem, store: StoreItem, above: string): MapNode => ({
  kind: 'secret',
  ...{ key: `${above} ${item.name}`, item, store, depth: 3, isOpen: false, count: 0, children: [] },
})

/** All nodes of open ones, each before those below it: the order in which keys go through them. */
export function inOrder(forest: readonly MapNode[]): MapNode[] {
  const nodes: MapNode[] = []
  const visit = (node: MapNode): void => {
    nodes.push(node)
    for (const child of node.children) visit(child)
  }
  for (const node of forest) visit(node)
  return nodes
}
