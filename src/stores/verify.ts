/** When a store's bucket must be probed, and what the last probe says until then. */
import type { ArtifactStore } from '../api/artifact-store.ts'
import { type Failure, isFailure, stalled } from '../api/failures.ts'
import { isReady } from '../api/kstatus.ts'
import { REQUESTED_AT_ANNOTATION } from '../api/names.ts'
import type { Permission, Probe, Session } from '../providers/provider.ts'
import { jitterFor } from '../runtime/backoff.ts'
import type { StorePlan } from './plan.ts'
import { type ProjectedSecret, readStamp } from './projected.ts'

export interface Verdict {
  probe: Probe
  /** When the bucket is probed again. */
  nextAt: Date
}

interface Remembered extends Verdict {
  key: string
}

/** The last verdicts by the uid of their store; forgotten with the process. */
export class Verdicts {
  readonly #byUid = new Map<string, Remembered>()

  /** Undefined when there is none, or none for this plan. */
  get(uid: string, plan: StorePlan): Verdict | undefined {
    const verdict = this.#byUid.get(uid)
    return verdict?.key === plan.verdictKey ? verdict : undefined
  }

  /** Whether this process has ever judged the store. */
  has(uid: string): boolean {
    return this.#byUid.has(uid)
  }

  set(uid: string, plan: StorePlan, probe: Probe, nextAt: Date): Verdict {
    const verdict = { key: plan.verdictKey, probe, nextAt }
    this.#byUid.set(uid, verdict)
    return verdict
  }

  delete(uid: string): void {
    this.#byUid.delete(uid)
  }
}

export interface VerifyContext {
  verdicts: Verdicts
  clock: () => Date
  secret(key: string): ProjectedSecret | undefined
}

export async function verify(
  store: ArtifactStore,
  plan: StorePlan,
  session: Session,
  context: VerifyContext,
  signal: AbortSignal,
): Promise<Verdict | Failure> {
  const { uid } = store.metadata
  const { verdicts } = context
  const last = verdicts.has(uid) ? verdicts.get(uid, plan) : adopt(store, plan, context)
  if (last && last.nextAt > context.clock()) return last
  const { location, encryption, writeProbe } = plan
  const probe = await session.probe(
    { location, encryption, writeProbe, probeId: uid.slice(0, 8), required: plan.required },
    signal,
  )
  if (isFailure(probe)) return probe
  const now = context.clock().getTime()
  return verdicts.set(uid, plan, probe, new Date(now + jitterFor(`${uid}${now}`, plan.verifyIntervalMs, 0.1)))
}

/**
 * After a restart, a store whose status is Ready for this very spec and whose Secrets were made with this very identity
 * need not be probed at once: the next probe comes at a random point of the interval.
 */
function adopt(store: ArtifactStore, plan: StorePlan, context: VerifyContext): Verdict | undefined {
  const { status, metadata } = store
  // Somebody may have asked while nobody listened.
  if (metadata.annotations?.[REQUESTED_AT_ANNOTATION] !== undefined) return undefined
  const current = status?.observedGeneration === metadata.generation && isReady(status?.conditions)
  if (!current || !status?.bucket || !status.permissions || plan.targets.length === 0) return undefined
  const unchanged = plan.targets.every(({ namespace, secretNames, grant }) =>
    secretNames.every(name => {
      const secret = context.secret(`${namespace}/${name}`)
      return secret !== undefined && readStamp(secret)?.grant === grant
    }),
  )
  if (!unchanged) return undefined
  const probe: Probe = { kind: 'probe', bucket: status.bucket, permissions: status.permissions }
  const delay = jitterFor(metadata.uid, plan.verifyIntervalMs / 2, 1)
  return context.verdicts.set(metadata.uid, plan, probe, new Date(context.clock().getTime() + delay))
}

/** Pure: whether what was found suffices; the Failure names every permission that is missing. */
export function judgePermissions(plan: StorePlan, permissions: Permission[], principal: string): Failure | undefined {
  const found = new Map(permissions.map(permission => [permission.action, permission]))
  const lacking = plan.required.filter(action => found.get(action)?.result !== 'Allowed')
  if (lacking.length === 0) return undefined
  const denied = lacking.filter(action => found.get(action)?.result === 'Denied')
  const where = `on ${plan.location.uri} for ${principal}`
  if (denied.length > 0) {
    return stalled('PermissionDenied', `${denied.join(', ')} denied ${where}: allow it in the policy of that identity`)
  }
  const details = lacking.map(action => `${action} (${found.get(action)?.detail ?? 'the operator does not probe it'})`)
  return stalled(
    'PermissionUnknown',
    `${details.join(', ')} can't be proven ${where}: make it provable, or leave it out of spec.verification.require`,
  )
}
