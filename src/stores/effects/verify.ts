/** When a store's bucket must be prepared and probed, and what the last probe says until then. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { type Failure, isFailure, stalled, transient } from '../../api/failures.ts'
import { isReady } from '../../api/kstatus.ts'
import { REQUESTED_AT_ANNOTATION } from '../../api/names.ts'
import { withDeadlineOr } from '../../async/deadline.ts'
import type { Permission, Probe, Session } from '../../providers/provider.ts'
import { jitterFor } from '../../runtime/backoff.ts'
import { preparations, recordedDays } from '../plan/lifecycle-rule.ts'
import type { StorePlan } from '../plan/plan.ts'
import { type ProjectedSecret, readStamp } from '../plan/projected-secret.ts'

export interface Verdict {
  probe: Probe
  /** Days of the operator's lifecycle rule; undefined: there is none. */
  expirationDays: number | undefined
  /** When the bucket is prepared and probed again. */
  nextAt: Date
}

/** The last verdicts by the uid of their store; forgotten with the process. */
export class Verdicts {
  readonly #byUid = new Map<string, { key: string; verdict: Verdict }>()

  /** Undefined when there is none, or none for this plan. */
  get(uid: string, plan: Pick<StorePlan, 'verdictKey'>): Verdict | undefined {
    const known = this.#byUid.get(uid)
    return known?.key === plan.verdictKey ? known.verdict : undefined
  }

  /** Days of the lifecycle rule as of the last verdict, also one of another plan. */
  expirationDays(uid: string): number | undefined {
    return this.#byUid.get(uid)?.verdict.expirationDays
  }

  /** Whether this process has ever judged the store. */
  has(uid: string): boolean {
    return this.#byUid.has(uid)
  }

  set(uid: string, plan: Pick<StorePlan, 'verdictKey'>, verdict: Verdict): Verdict {
    this.#byUid.set(uid, { key: plan.verdictKey, verdict })
    return verdict
  }

  delete(uid: string): void {
    this.#byUid.delete(uid)
  }
}

/** What a look at the bucket brought. */
export interface Look {
  verdict: Verdict | Failure
  /** False: the verdict is an earlier one. */
  isNew: boolean
  /** What was changed at the bucket, in words, also when the look failed after it. */
  changes: string[]
}

export interface VerifyContext {
  verdicts: Verdicts
  clock: () => Date
  secret(key: string): ProjectedSecret | undefined
}

/** A bucket that hangs must leave time for credentials that are due. */
const DEADLINE_MS = 30_000

/** Prepares the bucket and probes it, when it is time to; else the last verdict counts. */
export async function verify(
  store: ArtifactStore,
  plan: StorePlan,
  session: Session,
  context: VerifyContext,
  signal: AbortSignal,
): Promise<Look> {
  const { uid } = store.metadata
  const { verdicts } = context
  const last = verdicts.has(uid) ? verdicts.get(uid, plan) : adopt(store, plan, context)
  if (last && last.nextAt > context.clock()) return { verdict: last, isNew: false, changes: [] }
  const changes: string[] = []
  const look = async (within: AbortSignal): Promise<Probe | Failure> => {
    for (const request of preparations(plan.bucket, verdicts.expirationDays(uid) ?? recordedDays(store))) {
      const prepared = await session.prepare(request, within)
      if (isFailure(prepared)) return prepared
      changes.push(...prepared.changes)
    }
    const { location, encryption, writeProbe, required } = plan
    return session.probe({ location, encryption, writeProbe, probeId: uid.slice(0, 8), required }, within)
  }
  const probe = await withDeadlineOr(DEADLINE_MS, signal, look, () => lateProbe(plan))
  if (isFailure(probe)) return { verdict: probe, isNew: true, changes }
  const now = context.clock().getTime()
  const nextAt = new Date(now + jitterFor(`${uid}${now}`, plan.verifyIntervalMs, 0.1))
  const { expirationDays } = plan.bucket
  return { verdict: verdicts.set(uid, plan, { probe, expirationDays, nextAt }), isNew: true, changes }
}

const lateProbe = ({ location }: StorePlan): Failure =>
  transient(
    'ProbeTimeout',
    `${location.uri}: not verified within ${DEADLINE_MS / 1000} s: check that the service answers`,
  )

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
  // An earlier version of the operator may have asked for less.
  if (judgePermissions(plan, status.permissions, '')) return undefined
  const unchanged = plan.targets.every(({ namespace, secretNames, grant }) =>
    secretNames.every(name => {
      const secret = context.secret(`${namespace}/${name}`)
      return secret !== undefined && readStamp(secret)?.grant === grant
    }),
  )
  if (!unchanged) return undefined
  const { expirationDays: _, ...bucket } = status.bucket
  const probe: Probe = { kind: 'probe', bucket, permissions: status.permissions }
  const delay = jitterFor(metadata.uid, plan.verifyIntervalMs / 2, 1)
  const nextAt = new Date(context.clock().getTime() + delay)
  return context.verdicts.set(metadata.uid, plan, { probe, expirationDays: recordedDays(store), nextAt })
}

/** What a detail says beside that it is denied: that a KMS key is, or why. */
function reasonIn(detail = '', denial: string): string[] {
  const reason = (detail.startsWith(denial) ? detail.slice(denial.length) : detail).trim()
  return reason ? [reason.replace(/^\((.*)\)$/, '$1')] : []
}

/** Pure: whether what was found suffices; the Failure names every permission that is missing. */
export function judgePermissions(plan: StorePlan, permissions: Permission[], principal: string): Failure | undefined {
  const found = new Map(permissions.map(permission => [permission.action, permission]))
  const lacking = plan.required.filter(action => found.get(action)?.result !== 'Allowed')
  if (lacking.length === 0) return undefined
  const denied = lacking.filter(action => found.get(action)?.result === 'Denied')
  const where = `on ${plan.location.uri} for ${principal}`
  if (denied.length > 0) {
    const because = denied.flatMap(action => reasonIn(found.get(action)?.detail, `${action} denied ${where}`))
    const reasons = because.length > 0 ? ` (${because.join('; ')})` : ''
    const cures = new Set(denied.map(action => found.get(action)?.cure ?? 'allow it in the policy of that identity'))
    return stalled('PermissionDenied', `${denied.join(', ')} denied ${where}${reasons}: ${[...cures].join('; ')}`)
  }
  const why = (action: string) =>
    found.get(action)?.detail?.replace(`${action}: `, '') ?? 'the operator does not probe it'
  const details = lacking.map(action => `${action} (${why(action)})`)
  return stalled(
    'PermissionUnknown',
    `${details.join(', ')} can't be proven ${where}: make it provable, or leave it out of spec.verification.require`,
  )
}
