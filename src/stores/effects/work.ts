/** What every effect of a reconcile needs: the store, the plan for it, and the session that acts for it. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { SharedSession } from '../../providers/provider.ts'
import type { StorePlan } from '../plan/plan.ts'

export interface Work {
  store: ArtifactStore
  plan: StorePlan
  session: SharedSession
}
