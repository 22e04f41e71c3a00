/** Pure: what an identity was seen to reach -> whether its connector may no more than its stores need. */
import { type Condition, LEAST_PRIVILEGE, setCondition } from '../api/conditions.ts'
import type { ServiceConnector } from '../api/service-connector.ts'

/** What trials of credentials have shown of the identity, and where its stores are. */
export interface Reach {
  /** Buckets that it lists as a whole. */
  whole: ReadonlySet<string>
  /** Other buckets that it lists. */
  elsewhere: ReadonlySet<string>
  /** Prefixes of its stores, by bucket. */
  stores: ReadonlyMap<string, ReadonlySet<string>>
}

/** The most buckets that the message names. */
const NAMED_MAX = 5

/**
 * Says it of what is known. Where nothing is, as after a start, the last word stays: the next trial confirms or corrects
 * it, and until then it is the best guess.
 */
export function concludeReach(
  { metadata: { generation = 0 } }: ServiceConnector,
  reach: Reach | undefined,
  conditions: readonly Condition[],
  now: Date,
): Condition[] {
  if (!reach) return [...conditions]
  const say = (status: 'True' | 'False', reason: string, message: string) =>
    setCondition(conditions, { type: LEAST_PRIVILEGE, status, observedGeneration: generation, reason, message }, now)
  const isWhole = (bucket: string) => reach.stores.get(bucket)?.has('') ?? false
  const beyond = [
    ...[...reach.whole]
      .filter(bucket => reach.stores.has(bucket) && !isWhole(bucket))
      .sort()
      .map(bucket => `all of bucket "${bucket}", where its stores have prefixes`),
    ...[...reach.elsewhere, ...[...reach.whole].filter(bucket => !reach.stores.has(bucket))]
      .filter((bucket, index, all) => !reach.stores.has(bucket) && all.indexOf(bucket) === index)
      .sort()
      .map(bucket => `bucket "${bucket}", which no store of it uses`),
  ]
  if (beyond.length === 0)
    return say('True', 'Needed', 'no bucket or prefix was found that it lists and no store needs')
  const more = beyond.length > NAMED_MAX ? ` and ${beyond.length - NAMED_MAX} more` : ''
  return say(
    'False',
    'ReachesFurther',
    `its identity lists ${beyond.slice(0, NAMED_MAX).join('; ')}${more}: narrow its policy or role to the prefixes of its stores`,
  )
}
