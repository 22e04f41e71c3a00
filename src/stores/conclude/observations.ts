/** Pure: what one reconcile found out about a store. */
import type { Failure } from '../../api/failures.ts'
import type { Measured } from '../effects/measure.ts'
import type { Projection } from '../effects/projection.ts'
import type { Verification } from '../effects/verifications.ts'
import type { StorePlan } from '../plan/plan.ts'

export interface Observations {
  /** Who the session acts as, for messages. */
  principal: string
  /** Without the finalizer that a store must have first, nobody looks at its bucket. */
  bucket: { finalizerFailure: Failure } | { verification: Verification | Failure }
  /** What was changed at the bucket, in words. */
  changes: string[]
  /** Why access is not as it should be. */
  access: Failure | undefined
  projections: Projection[]
  /** Why Secrets that nobody asks for any more are there still. */
  revocation: Failure | undefined
  /** Absent: not asked for, or not to be measured in the state the store is in. */
  usage: Measured | undefined
}

/** What of the plan is said in status. */
export type ConcludedPlan = Pick<StorePlan, 'location' | 'bucket' | 'unmatched'> & {
  identity: Pick<StorePlan['identity'], 'cautions'>
}

/** What is known of the bucket, or why nothing is. */
export const verificationOf = ({ bucket }: Pick<Observations, 'bucket'>): Verification | Failure =>
  'finalizerFailure' in bucket ? bucket.finalizerFailure : bucket.verification
