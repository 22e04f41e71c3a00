/** Pure: the one lifecycle rule that the operator makes for a store. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { BucketRequest } from '../../providers/provider.ts'

/** S3 takes 255 characters; the uid tells apart what a long name, cut, does not. */
const MAX_NAME = 160

/** The rule's id: `artifactstore.dev/ml/prod/1b9d6bcd`. */
export const ruleIdOf = ({ metadata: { namespace, name, uid } }: ArtifactStore): string =>
  `artifactstore.dev/${namespace}/${name.slice(0, MAX_NAME)}/${uid.slice(0, 8)}`

/** Days of the rule as status remembers it: of one that may be there. */
export const recordedDays = ({ status }: ArtifactStore): number | undefined => status?.bucket?.expirationDays

/** Removes the rule, and leaves all else alone. */
export const withoutRule = ({ location, ruleId }: Pick<BucketRequest, 'location' | 'ruleId'>): BucketRequest => ({
  location,
  create: false,
  ruleId,
})

/**
 * What the bucket is asked to be before it is probed; empty when nothing is asked for and no rule is left. A rule goes
 * by a request of its own: beside other wishes a provider may let rules be that it is not allowed to see.
 */
export function preparations(wanted: BucketRequest, recorded: number | undefined): BucketRequest[] {
  const { create, region, versioning, expirationDays } = wanted
  const isAsked = create || [region, versioning, expirationDays].some(wish => wish !== undefined)
  const isLeft = recorded !== undefined && expirationDays === undefined
  return [...(isAsked ? [wanted] : []), ...(isLeft ? [withoutRule(wanted)] : [])]
}
