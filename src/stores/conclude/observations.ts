/** Pure: what one reconcile found out about a store. */
import type { Failure } from '../../api/failures.ts'
import type { Measured } from '../effects/measure.ts'
import type { Projection } from '../effects/projection.ts'
import type { Verification } from '../effects/verifications.ts'
import type { StorePlan } from '../plan/plan.ts'

export interface Observations {
  /** The identity that the session acts as, for messages. */
  principal: string
  /** What is known of the bucket. Nobody looks at it before the store has the finalizer that it needs. */
  bucket: { finalizerFailure: Failure } | { verification: Verification | Failure }
  /** What was changed at the bucket, in words. */
  changes: string[]
  /** Why access is not as it should be. */
  access: Failure | undefined
  projections: Projection[]
  /** Why Secrets are still there that consumers may no longer have. */
  revocation: Failure | undefined
  /** Undefined when it is not asked for, or not measured in the state that the store is in. */
  usage: Measured | undefined
}

/** The parts of the plan that status tells. */
export type ConcludedPlan = Pick<
  StorePlan,
  'location' | 'bucket' | 'unmatched' | 'required' | 'requiredByDefault' | 'connectorRequest'
> & {
  identity: Pick<StorePlan['identity'], 'cautions'>
}

/** What is known of the bucket, or why nothing is. */
export const verificationOf = ({ bucket }: Pick<Observations, 'bucket'>): Verification | Failure =>
  'finalizerFailure' in bucket ? bucket.finalizerFailure : bucket.verification
