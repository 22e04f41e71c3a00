/** Pure: the one lifecycle rule that the operator makes for a store. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { BucketRequest } from '../../providers/provider.ts'

/** Characters of the name in the id, as S3 takes 255 in all; the uid tells apart names with the same beginning. */
const MAX_NAME = 160

/** The rule's id: `artifactstore.dev/ml/prod/1b9d6bcd`. */
export const ruleIdOf = ({ metadata: { namespace, name, uid } }: ArtifactStore): string =>
  `artifactstore.dev/${namespace}/${name.slice(0, MAX_NAME)}/${uid.slice(0, 8)}`

/** Days of the rule as status remembers it: such a rule may still be in the bucket (docs/adr/0008). */
export const recordedDays = ({ status }: ArtifactStore): number | undefined => status?.bucket?.expirationDays

/** A request that removes the rule, and leaves everything else alone. */
export const withoutRule = ({ location, ruleId }: Pick<BucketRequest, 'location' | 'ruleId'>): BucketRequest => ({
  location,
  create: false,
  ruleId,
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
