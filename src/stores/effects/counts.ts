/** Pure: what is counted of the work on stores, for metrics. */
import type { Permission } from '../../providers/provider.ts'
import { type Projection, UNFINISHED } from './projection.ts'

export interface Counts {
  /** A call of a probe has shown something of a permission. */
  probed(action: string, result: Permission['result']): void
  /** Credentials were issued and written; `failure`: the reason why not. */
  refreshed(failure?: string): void
  /** Credentials were replaced so many ms after they were due. */
  refreshLag(ms: number): void
}

/** Specs may name any permission. Calls are made for those that the operator knows, and only these are counted. */
export function countPermissions(counts: Pick<Counts, 'probed'>, permissions: Permission[]): void {
  for (const { action, result, probe } of permissions) if (probe !== undefined) counts.probed(action, result)
}

/** Counts attempts: not targets that have all they need, can't have it, or wait for their turn. */
export function countProjections(counts: Omit<Counts, 'probed'>, projections: Projection[]): void {
  for (const { target, isWritten, lateMs, failure } of projections) {
    if (isWritten) counts.refreshed()
    else if (failure && failure.reason !== UNFINISHED && !target.excluded && !target.impossible)
      counts.refreshed(failure.reason)
    if (lateMs !== undefined) counts.refreshLag(lateMs)
  }
}
