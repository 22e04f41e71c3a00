/**
 * Pure: which stores a change of a namespace concerns. A store is indexed by keys, each of which stands for namespaces
 * that it may lead to, so that a change of one namespace asks few stores and not all of the cluster.
 */
import type { ArtifactStore } from '../api/artifact-store.ts'
import type { LabelSelector } from '../api/fields.ts'
import type { KubeObject } from '../api/object.ts'
import { matches, mayReference } from '../stores/plan/allowed-namespaces.ts'
import { type Namespaces, namespacesOf } from '../stores/plan/namespaces.ts'
import type { StoreView } from '../stores/plan/view.ts'

/** Key of stores with a selector that asks for no certain label. */
const ANY = 'any'
/** Key of stores that name a namespace. */
export const keyOfName = (name: string): string => `name/${name}`
const labelled = (label: string): string => `label/${label}`

/** Values under which a namespace is indexed: `key=value` of each label. */
export const labelsOf = ({ metadata }: KubeObject): string[] =>
  Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`)

/** Labels as `key=value`, of which each namespace that the selector matches has one. Undefined: it may match any. */
export function oneOfLabels({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string[] | undefined {
  const [label] = Object.entries(matchLabels)
  if (label) return [label.join('=')]
  const choice = matchExpressions.find(({ operator }) => operator === 'In')
  return choice?.values?.map(value => `${choice.key}=${value}`)
}

export const keysOfStore = (store: ArtifactStore): string[] =>
  namespacesOf(store).flatMap(({ names = [], selector }) => [
    ...names.map(keyOfName),
    ...(selector ? (oneOfLabels(selector)?.map(labelled) ?? [ANY]) : []),
  ])

export const keysOfNamespace = (namespace: KubeObject): string[] => [
  keyOfName(namespace.metadata.name),
  ANY,
  ...labelsOf(namespace).map(labelled),
]

/** Whether a store gains or loses a namespace, or must say something else about it. Undefined stands for absent. */
export function concerns(
  store: ArtifactStore,
  before: KubeObject | undefined,
  now: KubeObject | undefined,
  { isRecipient }: Pick<StoreView, 'isRecipient'>,
): boolean {
  const name = (before ?? now)?.metadata.name ?? ''
  if (namespacesOf(store).some(({ names }) => names?.includes(name))) return true
  const isSelected = (namespace: KubeObject | undefined): boolean => {
    if (!namespace || namespace.metadata.deletionTimestamp) return false
    const { name, labels = {} } = namespace.metadata
    const selects = ({ selector }: Namespaces) => selector !== undefined && matches(selector, labels)
    return isRecipient(labels) && mayReference(store, name, labels) && namespacesOf(store).some(selects)
  }
  return isSelected(before) !== isSelected(now)
}
