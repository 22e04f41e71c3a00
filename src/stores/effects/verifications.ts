/** What the last probe of each store said, and until when that counts. */
import type { Probe } from '../../providers/provider.ts'
import type { StorePlan } from '../plan/plan.ts'

export interface Verification {
  probe: Probe
  /** Days of the operator's lifecycle rule; undefined when there is none. */
  expirationDays: number | undefined
  /** When the bucket is prepared and probed again. */
  nextAt: Date
}

/** The last verifications by the uid of their store; forgotten with the process. */
export class Verifications {
  readonly #byUid = new Map<string, { key: string; verification: Verification }>()

  /** The last verification; undefined when there is none, or none for this plan. */
  get(uid: string, plan: Pick<StorePlan, 'verificationKey'>): Verification | undefined {
    const known = this.#byUid.get(uid)
    return known?.key === plan.verificationKey ? known.verification : undefined
  }

  /** Days of the lifecycle rule as of the last verification, even if that was for another plan. */
  expirationDays(uid: string): number | undefined {
    return this.#byUid.get(uid)?.verification.expirationDays
  }

  /** Whether this process has ever verified the store. */
  has(uid: string): boolean {
    return this.#byUid.has(uid)
  }

  set(uid: string, plan: Pick<StorePlan, 'verificationKey'>, verification: Verification): Verification {
    this.#byUid.set(uid, { key: plan.verificationKey, verification })
    return verification
  }

  delete(uid: string): void {
    this.#byUid.delete(uid)
  }
}
