/** Pure: connectors, and the stores that use them, as `status` shows them. */
import { objectKey } from '../../api/object.ts'
import { isWell } from './health.ts'
import type { ConnectorRow, StoreRow } from './rows.ts'

export interface Overview {
  connectors: ConnectorRow[]
  stores: StoreRow[]
}

/** A connector with its stores. The connector is unknown when it is not there, or may not be read. */
export interface Group {
  key: string
  connector: ConnectorRow | undefined
  stores: StoreRow[]
}

type Named = { namespace: string; name: string }
const keyOf = ({ namespace, name }: Named): string => objectKey(namespace, name)
const byKey = (one: Named, other: Named): number => compare(keyOf(one), keyOf(other))
const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other))

export function groupsOf({ connectors, stores }: Overview): Group[] {
  const groups = new Map<string, Group>()
  for (const connector of connectors) groups.set(keyOf(connector), { key: keyOf(connector), connector, stores: [] })
  for (const store of stores.toSorted(byKey)) {
    const group = groups.get(store.connector) ?? { key: store.connector, connector: undefined, stores: [] }
    group.stores.push(store)
    groups.set(store.connector, group)
  }
  return [...groups.values()].sort((one, other) => compare(one.key, other.key))
}

export const isAllWell = ({ connectors, stores }: Overview): boolean =>
  [...connectors, ...stores].every(({ health }) => isWell(health))
