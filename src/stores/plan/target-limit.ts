/** Pure: which of a store's targets are served when there are more than administrators allow. */
import type { ArtifactStore, CredentialsEntry } from '../../api/artifact-store.ts'
import { type Failure, stalled } from '../../api/failures.ts'
import { objectKey } from '../../api/object.ts'
import { belongsTo } from './projected-secret.ts'
import type { StoreView } from './view.ts'

/** Where a target is, before anything of it is worked out. */
export interface Place {
  entry: CredentialsEntry
  namespace: string
  /** Names of its Secrets. */
  secretNames: string[]
}

export interface Limited {
  served: Place[]
  /** One of those that are too many, which stands for all of them, and why. */
  refused?: { place: Place; failure: Failure }
}

/**
 * Those in the store's own namespace come first: nobody else's namespace may take their place. Then come those that
 * have Secrets: a namespace that is new must not take them away from pods that work with them.
 */
export function limitTargets(
  store: ArtifactStore,
  places: Place[],
  view: Pick<StoreView, 'maxTargets' | 'secret'>,
): Limited {
  const { maxTargets } = view
  if (places.length <= maxTargets) return { served: places }
  const has = ({ namespace, secretNames }: Place): boolean =>
    secretNames.some(name => {
      const secret = view.secret(objectKey(namespace, name))
      return secret !== undefined && belongsTo(secret, store)
    })
  const rankOf = (place: Place): number => (place.namespace === store.metadata.namespace ? 0 : has(place) ? 1 : 2)
  const ranked = places.map(place => ({ place, rank: rankOf(place) })).sort((one, other) => one.rank - other.rank)
  const chosen = new Set(ranked.slice(0, maxTargets).map(({ place }) => place))
  const place = ranked[maxTargets]?.place as Place
  return {
    served: places.filter(place => chosen.has(place)),
    refused: { place, failure: tooMany(places.length, maxTargets, place) },
  }
}

const tooMany = (count: number, max: number, { entry, namespace }: Place): Failure =>
  stalled(
    'TooManyTargets',
    `spec.credentials: leads to ${count} targets (an entry in a namespace is one), and a store has ${max} at most: the others get nothing, such as "${entry.name}" in "${namespace}": narrow namespaces, split the store, or have an administrator raise --max-targets`,
  )
