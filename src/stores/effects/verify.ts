/** When a store's bucket must be prepared and probed, and what the last probe says until then. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { ACCESS_VERIFIED, findCondition } from '../../api/conditions.ts'
import { type Failure, isFailure, transient } from '../../api/failures.ts'
import { isReady } from '../../api/kstatus.ts'
import { objectKey } from '../../api/object.ts'
import { requestedAt } from '../../api/requested-at.ts'
import { withDeadlineOr } from '../../async/deadline.ts'
import { isLate } from '../../connectors/late-reasons.ts'
import type { Probe } from '../../providers/provider.ts'
import { jitterFor } from '../../runtime/backoff.ts'
import { waitFor } from '../../runtime/patience.ts'
import { preparations, recordedDays } from '../plan/lifecycle-rule.ts'
import { judgePermissions, WITH_CAUTION } from '../plan/permissions.ts'
import type { StorePlan } from '../plan/plan.ts'
import { type ProjectedSecret, readStamp } from '../plan/projected-secret.ts'
import type { Moment } from './ages.ts'
import type { Verification, Verifications } from './verifications.ts'
import type { Work } from './work.ts'

/** What a look at the bucket found. */
export interface Look {
  verification: Verification | Failure
  /** False when the verification is an earlier one. */
  isNew: boolean
  /** What was changed at the bucket, in words, even if the look failed afterwards. */
  changes: string[]
}

export interface VerifyContext {
  verifications: Verifications
  now: () => Date
  monotonic: () => number
  secret(key: string): ProjectedSecret | undefined
}

/** Time for one look: a bucket that hangs must leave time for credentials that are due. */
const DEADLINE_MS = 30_000

/** Prepares the bucket and probes it when it is time to; until then the last verification counts. */
export async function verify(
  { store, plan, session }: Work,
  context: VerifyContext,
  signal: AbortSignal,
): Promise<Look> {
  const { uid } = store.metadata
  const { verifications } = context
  const last = verifications.has(uid) ? verifications.get(uid, plan, momentOf(context)) : adopt(store, plan, context)
  if (last) return { verification: last, isNew: false, changes: [] }
  const changes: string[] = []
  const look = async (within: AbortSignal): Promise<Probe | Failure> => {
    for (const request of preparations(plan.bucket, verifications.expirationDays(uid) ?? recordedDays(store))) {
      const prepared = await session.prepare(request, within)
      if (isFailure(prepared)) return prepared
      changes.push(...prepared.changes)
    }
    const { location, encryption, acl, writeProbe, required } = plan
    const request = { location, encryption, writeProbe, probeId: uid.slice(0, 8), required }
    return session.probe(acl ? { ...request, acl } : request, within)
  }
  const probe = await withDeadlineOr(DEADLINE_MS, signal, look, () => lateProbe(plan))
  if (isFailure(probe)) return { verification: probe, isNew: true, changes }
  const moment = momentOf(context)
  const interval = Math.floor(jitterFor(`${uid}${moment.now.getTime()}`, plan.verifyIntervalMs, 0.1))
  const denied = judgePermissions(plan, probe, session.principal)
  const wait = denied && waitFor(store, denied, isLate, moment.now)
  const forMs = Math.min(interval, wait?.lookWithin ?? interval)
  const { expirationDays } = plan.bucket
  const verification = verifications.set(uid, plan, { probe, expirationDays, forMs }, moment)
  return { verification, isNew: true, changes }
}

const momentOf = ({ now, monotonic }: VerifyContext): Moment => ({ now: now(), monotonic: monotonic() })

const lateProbe = ({ location }: StorePlan): Failure =>
  transient(
    'ProbeTimeout',
    `${location.uri}: not verified within ${DEADLINE_MS / 1000} s: check that the service answers`,
  )

/**
 * After a restart, a store whose status is Ready for this very spec and whose Secrets were made with this very identity
 * need not be probed at once: the next probe comes at a random point of the interval.
 */
function adopt(store: ArtifactStore, plan: StorePlan, context: VerifyContext): Verification | undefined {
  const { status, metadata } = store
  // The request may have come while no operator was running.
  if (requestedAt(store) !== undefined) return undefined
  const current = status?.observedGeneration === metadata.generation && isReady(status?.conditions)
  if (!current || !status?.bucket || !status.permissions || plan.targets.length === 0) return undefined
  // An earlier version of the operator may have required fewer permissions.
  if (judgePermissions(plan, { permissions: status.permissions, bucket: status.bucket }, '')) return undefined
  // Status has no room for what the next look would say besides.
  if (findCondition(status.conditions, ACCESS_VERIFIED)?.reason === WITH_CAUTION) return undefined
  const unchanged = plan.targets.every(({ namespace, secretNames, grant }) =>
    secretNames.every(name => {
      const secret = context.secret(objectKey(namespace, name))
      return secret !== undefined && readStamp(secret)?.grant === grant
    }),
  )
  if (!unchanged) return undefined
  const { expirationDays: _, ...bucket } = status.bucket
  const probe: Probe = { kind: 'probe', bucket, permissions: status.permissions }
  const forMs = Math.floor(jitterFor(metadata.uid, plan.verifyIntervalMs / 2, 1))
  const known = { probe, expirationDays: recordedDays(store), forMs }
  return context.verifications.set(metadata.uid, plan, known, momentOf(context))
}
