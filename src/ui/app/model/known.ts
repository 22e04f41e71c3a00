/** Pure: what the page knows of the cluster, put together from the changes that the server tells. */
import type { Change, ConnectorItem, Context, Link, StoreItem } from '../../contract.ts'
import type { Items } from './filter.ts'

export interface Known extends Items {
  context: Context
  links: readonly Link[]
  connectors: readonly ConnectorItem[]
  stores: readonly StoreItem[]
  /** The API server's time of the last change minus that of this browser, in ms. */
  skew: number
}

/** `at`: the browser's time in ms. A new array comes only for what is different. Undefined: no snapshot has come yet. */
export function withChange(known: Known | undefined, change: Change, at: number): Known | undefined {
  const now = Date.parse(change.now)
  const skew = Number.isNaN(now) ? 0 : now - at
  if (change.kind === 'snapshot') return { ...change.snapshot, skew }
  if (!known) return undefined
  return {
    context: known.context,
    links: change.links ?? known.links,
    connectors: merged(known.connectors, change.connectors, change.goneConnectors),
    stores: merged(known.stores, change.stores, change.goneStores),
    skew,
  }
}

function merged<T extends { key: string }>(old: readonly T[], changed: T[] = [], gone: string[] = []): readonly T[] {
  if (changed.length === 0 && gone.length === 0) return old
  const byKey = new Map(changed.map(item => [item.key, item]))
  const lost = new Set(gone)
  const kept = old.flatMap(item => {
    const next = byKey.get(item.key) ?? item
    byKey.delete(item.key)
    return lost.has(item.key) ? [] : [next]
  })
  return [...kept, ...[...byKey.values()].filter(({ key }) => !lost.has(key))]
}

/** What a person hears of a change: those objects whose state became another one. Empty for nothing. */
export function heardOf(old: Known | undefined, next: Known): string {
  if (!old || (old.stores === next.stores && old.connectors === next.connectors)) return ''
  const before = new Map([...old.connectors, ...old.stores].map(item => [`${kindOf(item)} ${item.key}`, item.state]))
  const changes = [...next.connectors, ...next.stores].flatMap(item => {
    const name = `${kindOf(item)} ${item.key}`
    const state = before.get(name)
    before.delete(name)
    if (state === item.state) return []
    return [`${name} is ${state === undefined ? 'new, ' : ''}${item.state.toLowerCase()}`]
  })
  const gone = [...before.keys()].map(name => `${name} is gone`)
  const all = [...changes, ...gone]
  return all.length > HEARD ? `${all.length} objects changed` : all.join(', ')
}

const HEARD = 3
const kindOf = (item: object): string => ('uri' in item ? 'store' : 'connector')
