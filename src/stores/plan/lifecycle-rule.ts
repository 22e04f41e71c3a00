/** Pure: the one lifecycle rule that the operator makes for a store. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { BucketRequest } from '../../providers/provider.ts'
import type { StoreView } from './view.ts'

/** Characters of the name in the id, as S3 takes 255 in all; the uid tells apart names with the same beginning. */
const MAX_NAME = 150

/** The rule's id: `artifactstore.dev/ml/prod/4c1f0a2e-1b9d6bcd`, with the beginnings of the cluster's and the store's uid. */
export const ruleIdOf = (store: ArtifactStore, { cluster }: Pick<StoreView, 'cluster'>): string =>
  `${ofName(store)}${ofCluster(cluster)}${store.metadata.uid.slice(0, 8)}`

/**
 * Beginning of the ids of all rules of stores that have, or had, this name in this cluster; undefined where that does
 * not tell them from those of other stores. There is one store of a name at a time, so the others are gone.
 */
export const rulesOfName = (store: ArtifactStore, { cluster }: Pick<StoreView, 'cluster'>): string | undefined =>
  cluster && store.metadata.name.length <= MAX_NAME ? ofName(store) + ofCluster(cluster) : undefined

const ofName = ({ metadata: { namespace, name } }: ArtifactStore): string =>
  `artifactstore.dev/${namespace}/${name.slice(0, MAX_NAME)}/`

const ofCluster = (uid: string | undefined): string => (uid ? `${uid.slice(0, 8)}-` : '')

/** The names of the rule of a store, and of those that it is in the place of, for a request. */
export function rulesOf(store: ArtifactStore, view: Pick<StoreView, 'cluster'>): Rules {
  const earlierRules = rulesOfName(store, view)
  const [ruleId, formerRule] = [ruleIdOf(store, view), ruleIdOf(store, {})]
  return {
    ruleId,
    ...(earlierRules ? { earlierRules } : {}),
    ...(formerRule === ruleId ? {} : { formerRule }),
  }
}

type Rules = Pick<BucketRequest, 'ruleId' | 'earlierRules' | 'formerRule'>

/** Days of the rule as status remembers it from when it was written: it may still be in the bucket (docs/adr/0008). */
export const recordedDays = ({ status }: ArtifactStore): number | undefined => status?.bucket?.expirationDays

/** A request that removes the rule, and leaves everything else alone. */
export const withoutRule = ({
  location,
  ruleId,
  earlierRules,
  formerRule,
}: Pick<BucketRequest, 'location'> & Rules): BucketRequest => ({
  location,
  create: false,
  ruleId,
  ...(earlierRules ? { earlierRules } : {}),
  ...(formerRule ? { formerRule } : {}),
})

/**
 * Requests to the bucket before it is probed; empty when nothing is asked for and no rule is left. A rule is removed by
 * a request of its own: beside other wishes a provider may ignore rules that it is not allowed to see.
 */
export function preparations(wanted: BucketRequest, recorded: number | undefined): BucketRequest[] {
  const { create, region, versioning, expirationDays } = wanted
  const isAsked = create || [region, versioning, expirationDays].some(wish => wish !== undefined)
  const isLeft = recorded !== undefined && expirationDays === undefined
  return [...(isAsked ? [wanted] : []), ...(isLeft ? [withoutRule(wanted)] : [])]
}
