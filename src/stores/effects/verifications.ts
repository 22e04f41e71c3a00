/** What the last probe of each store said, and until when that counts. */
import type { Permission, Probe } from '../../providers/provider.ts'
import { OneCopy } from '../../runtime/one-copy.ts'
import type { StorePlan } from '../plan/plan.ts'
import type { Moment } from './ages.ts'

export interface Verification {
  probe: Probe
  /** Days of the operator's lifecycle rule; undefined when there is none. */
  expirationDays: number | undefined
  /** When the bucket is prepared and probed again, as the wall clock is now. */
  nextAt: Date
}

/** A verification as it is kept. */
interface Kept {
  key: string
  verification: Omit<Verification, 'nextAt'>
  /** By the monotonic clock. */
  dueAt: number
}

/** The last verifications by the uid of their store; forgotten with the process. */
export class Verifications {
  readonly #byUid = new Map<string, Kept>()
  /** Where the same was found out, it is one list: most of what is kept of a probe. */
  readonly #permissions = new OneCopy<Permission[]>({ max: 200, charactersMax: 4_096 })

  /** The last verification while it counts; undefined when there is none, or none for this plan. */
  get(uid: string, plan: Pick<StorePlan, 'verificationKey'>, { now, monotonic }: Moment): Verification | undefined {
    const known = this.#byUid.get(uid)
    if (known?.key !== plan.verificationKey || known.dueAt <= monotonic) return undefined
    return { ...known.verification, nextAt: new Date(now.getTime() + known.dueAt - monotonic) }
  }

  /** Days of the lifecycle rule as of the last verification, even if that was for another plan. */
  expirationDays(uid: string): number | undefined {
    return this.#byUid.get(uid)?.verification.expirationDays
  }

  /** Whether this process has ever verified the store. */
  has(uid: string): boolean {
    return this.#byUid.has(uid)
  }

  /** `forMs`: how long it counts. */
  set(
    uid: string,
    plan: Pick<StorePlan, 'verificationKey'>,
    { forMs, probe, ...rest }: Kept['verification'] & { forMs: number },
    { now, monotonic }: Moment,
  ): Verification {
    const permissions = this.#permissions.of(JSON.stringify(probe.permissions), probe.permissions)
    const verification = { ...rest, probe: permissions === probe.permissions ? probe : { ...probe, permissions } }
    this.#byUid.set(uid, { key: plan.verificationKey, verification, dueAt: monotonic + forMs })
    return { ...verification, nextAt: new Date(now.getTime() + forMs) }
  }

  delete(uid: string): void {
    this.#byUid.delete(uid)
  }
}
