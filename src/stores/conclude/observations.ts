/** What one reconcile found out about a store. */
import type { Failure } from '../../api/failures.ts'
import type { Location } from '../../providers/provider.ts'
import type { Measured } from '../effects/measure.ts'
import type { Projection } from '../effects/project.ts'
import type { Verdict } from '../effects/verify.ts'
import type { StorePlan } from '../plan/plan.ts'

export interface Observations {
  location: Location
  /** Who the session acts as, for messages. */
  principal: string
  /** What people must know of credentials made with this identity. */
  cautions: string[]
  /** What `spec.bucket` asks for. */
  bucket: StorePlan['bucket']
  verdict: Verdict | Failure
  /** What was changed at the bucket, in words. */
  changes: string[]
  /** Why access is not as it should be. */
  access: Failure | undefined
  projections: Projection[]
  /** Entries of `spec.credentials` that lead to no namespace now. */
  unmatched: string[]
  cleanUp: Failure | undefined
  /** Absent: not asked for, or not to be measured in the state the store is in. */
  usage: Measured | undefined
}
