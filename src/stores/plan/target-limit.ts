/** Pure: which of a store's targets are served when there are more than administrators allow. */
import type { ArtifactStore, CredentialsEntry } from '../../api/artifact-store.ts'
import { type Failure, stalled } from '../../api/failures.ts'
import { objectKey } from '../../api/object.ts'
import { belongsTo } from './projected-secret.ts'
import type { StoreView } from './view.ts'

/** Where the targets of an entry are, before anything of them is worked out. */
export interface Places {
  entry: CredentialsEntry
  namespaces: string[]
  /** Names of a target's Secrets. */
  secretNames: string[]
}

export interface Limited {
  /** The namespaces of each entry that are served. */
  served: string[][]
  /** One of the targets that are too many, which stands for all of them, and why. */
  refused?: { entry: CredentialsEntry; namespace: string; failure: Failure }
}

/**
 * Those in the store's own namespace come first: nobody else's namespace may take their place. Then come those that
 * have Secrets: a namespace that is new must not take them away from pods that work with them.
 */
export function limitTargets(
  store: ArtifactStore,
  places: Places[],
  view: Pick<StoreView, 'maxTargets' | 'secret'>,
): Limited {
  const { maxTargets } = view
  const count = places.reduce((sum, { namespaces }) => sum + namespaces.length, 0)
  const all = places.map(({ namespaces }) => namespaces)
  if (count <= maxTargets) return { served: all }
  const isOwn = (_: Places, namespace: string): boolean => namespace === store.metadata.namespace
  const has = ({ secretNames }: Places, namespace: string): boolean =>
    secretNames.some(name => {
      const secret = view.secret(objectKey(namespace, name))
      return secret !== undefined && belongsTo(secret, store)
    })
  const chosen = places.map(() => new Set<string>())
  let room = maxTargets
  // There are more than there is room for, so one of them is refused before this ends.
  for (const comes of [isOwn, has, () => true]) {
    for (const [index, place] of places.entries()) {
      for (const namespace of place.namespaces) {
        if (chosen[index]?.has(namespace) || !comes(place, namespace)) continue
        if (room === 0) {
          const refused = { entry: place.entry, namespace }
          const served = all.map((namespaces, nth) => namespaces.filter(name => chosen[nth]?.has(name)))
          return { served, refused: { ...refused, failure: tooMany(count, maxTargets, refused) } }
        }
        chosen[index]?.add(namespace)
        room--
      }
    }
  }
  return { served: all }
}

const tooMany = (
  count: number,
  max: number,
  { entry, namespace }: { entry: CredentialsEntry; namespace: string },
): Failure =>
  stalled(
    'TooManyTargets',
    `spec.credentials: leads to ${count} targets (an entry in a namespace is one), and a store has ${max} at most: the others get nothing, such as "${entry.name}" in "${namespace}": narrow namespaces, split the store, or have an administrator raise --max-targets`,
  )
