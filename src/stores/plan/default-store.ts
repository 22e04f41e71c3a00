/** Pure: which store is the default of its namespace. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { type Failure, stalled } from '../../api/failures.ts'
import { CONFIRM_DELETE_ANNOTATION } from '../../api/names.ts'
import type { StoreView } from './view.ts'

type Siblings = Pick<StoreView, 'storesIn'>

/** The oldest store that wants to be the default, also while it is being deleted; no store's spec is rewritten. */
export function defaultStore(stores: ArtifactStore[]): ArtifactStore | undefined {
  const [first, ...others] = stores.filter(({ spec }) => spec.default)
  return first && others.reduce((oldest, store) => (isOlder(store, oldest) ? store : oldest), first)
}

/** Why this store can't be the default. */
export function defaultConflict(store: ArtifactStore, view: Siblings): Failure | undefined {
  if (!store.spec.default) return undefined
  const { namespace = '', name } = store.metadata
  const winner = defaultStore(view.storesIn(namespace))
  if (!winner || winner.metadata.name === name) return undefined
  return stalled(
    'DefaultConflict',
    `spec.default: ArtifactStore "${winner.metadata.name}" is the default of namespace "${namespace}" already: remove spec.default from one of the two`,
  )
}

/** Why this store can't be deleted yet: it is the default, and there are other stores. Status says so, too, for admission. */
export function defaultInUse(store: ArtifactStore, view: Siblings): Failure | undefined {
  const { namespace = '', name } = store.metadata
  if (!store.spec.default || defaultConflict(store, view)) return undefined
  const others = view.storesIn(namespace).map(other => other.metadata.name)
  const [other] = others.filter(known => known !== name).sort()
  if (other === undefined) return undefined
  return stalled(
    'DefaultInUse',
    `the deletion waits: this is the default store of namespace "${namespace}", which has other stores, such as "${other}": delete those first, remove spec.default here, or run "${confirmCommand(store)}"`,
  )
}

/** The command that confirms the deletion of a store, whatever it waits for. */
export const confirmCommand = ({ metadata: { name, namespace } }: ArtifactStore): string =>
  `kubectl annotate artifactstore ${name} -n ${namespace} --overwrite ${CONFIRM_DELETE_ANNOTATION}=${name}`

function isOlder(one: ArtifactStore, other: ArtifactStore): boolean {
  const [a, b] = [one.metadata, other.metadata]
  const [made, madeOther] = [a.creationTimestamp ?? '', b.creationTimestamp ?? '']
  return made === madeOther ? a.name < b.name : made < madeOther
}
