/** Pure: which stores and connectors a person wants to see. */
import type { ConnectorItem, SecretItem, StoreItem } from '../../contract.ts'
import { type Tone, toneOf } from './tone.ts'

export type Cloud = StoreItem['cloud']

/** Each member narrows; an empty one does not. */
export interface Filter {
  /** Words that all must be somewhere in the object or its Secrets, in any case. */
  text: string
  /** Of the object, or of one of its Secrets. */
  namespace: string
  cloud: Cloud | ''
  reason: string
  tone: Tone | ''
}

export const EVERYTHING: Filter = { text: '', namespace: '', cloud: '', reason: '', tone: '' }

export const isNarrowed = (filter: Filter): boolean => Object.values(filter).some(value => value.trim() !== '')

export interface Items {
  connectors: readonly ConnectorItem[]
  stores: readonly StoreItem[]
}

type Item = ConnectorItem | StoreItem

export const CLOUD_TITLES: Readonly<Record<Cloud, string>> = { aws: 'S3', azure: 'Azure' }

const isStore = (item: Item): item is StoreItem => 'uri' in item

/** Items never change, so what a search looks into is put together once for each. */
const texts = new WeakMap<object, string>()

function textOf(item: Item): string {
  const known = texts.get(item)
  if (known !== undefined) return known
  const own = [item.key, item.health.reason]
  const rest = isStore(item)
    ? [item.uri, item.connector, item.displayName ?? '', ...item.secrets.flatMap(wordsOfSecret)]
    : [item.principal ?? '']
  const text = [...own, ...rest].join('\n').toLowerCase()
  texts.set(item, text)
  return text
}

const wordsOfSecret = ({ namespace, name, role }: SecretItem): string[] => [`${namespace}/${name}`, role]

const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(' ')
    .filter(word => word !== '')

const hasAll = (item: Item, words: readonly string[]): boolean => words.every(word => textOf(item).includes(word))

function isWanted(item: Item, { namespace, cloud, reason, tone }: Filter): boolean {
  if (namespace !== '' && !isIn(item, namespace)) return false
  if (cloud !== '' && item.cloud !== cloud) return false
  if (reason !== '' && item.health.reason !== reason) return false
  return tone === '' || toneOf(item) === tone
}

const isIn = (item: Item, namespace: string): boolean =>
  item.namespace === namespace || (isStore(item) && item.secrets.some(secret => secret.namespace === namespace))

/**
 * Stores and connectors that a filter lets through. Words that a connector has let its stores through, too, and a store
 * brings its connector along.
 */
export function matching({ connectors, stores }: Items, filter: Filter): Items {
  if (!isNarrowed(filter)) return { connectors, stores }
  const words = wordsOf(filter.text)
  const named = new Set(words.length > 0 ? connectors.filter(item => hasAll(item, words)).map(({ key }) => key) : [])
  const found = stores.filter(store => isWanted(store, filter) && (named.has(store.connector) || hasAll(store, words)))
  const used = new Set(found.map(({ connector }) => connector))
  return {
    connectors: connectors.filter(item => used.has(item.key) || (isWanted(item, filter) && hasAll(item, words))),
    stores: found,
  }
}

export interface Choice {
  value: string
  count: number
}

/** What there is to choose from, with how many objects have it. */
export interface Choices {
  namespaces: Choice[]
  clouds: Choice[]
  reasons: Choice[]
}

export function choicesOf({ connectors, stores }: Items): Choices {
  const all = [...connectors, ...stores]
  return {
    namespaces: countsOf(all.map(namespacesOf)),
    clouds: countsOf(stores.map(({ cloud }) => [cloud])),
    reasons: countsOf(all.map(({ health }) => [health.reason])),
  }
}

const namespacesOf = (item: Item): string[] => [
  item.namespace,
  ...(isStore(item) ? item.secrets.map(({ namespace }) => namespace) : []),
]

/** How many of the lists have each value, in the order of values. */
function countsOf(lists: Iterable<readonly string[]>): Choice[] {
  const counts = new Map<string, number>()
  for (const values of lists) for (const value of new Set(values)) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((one, other) => (one.value < other.value ? -1 : Number(one.value > other.value)))
}
