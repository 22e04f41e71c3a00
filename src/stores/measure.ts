/** How much a store holds: measured now and then, in steps, and never at the expense of anything else. */
import type { ArtifactStore, ArtifactStoreStatus } from '../api/artifact-store.ts'
import { type Failure, isFailure, transient } from '../api/failures.ts'
import { rfc3339 } from '../api/time.ts'
import { DeadlineExceeded, withDeadline } from '../providers/deadline.ts'
import type { Session, Usage, UsageProgress, UsageRequest } from '../providers/provider.ts'
import { jitterFor } from '../runtime/backoff.ts'
import type { StorePlan, UsagePlan } from './plan.ts'

export interface Measured {
  /** The last complete measurement. */
  usage: ArtifactStoreStatus['usage']
  failure: Failure | undefined
  /** When to go on, or to measure again. */
  nextAt: Date
}

interface Remembered {
  source: UsageRequest['source']
  /** What status says was measured in another way. */
  isStale: boolean
  /** How far the counting has come. */
  progress?: UsageProgress | undefined
  /** The last attempt failed. Nobody tries again before `retryAt`, unless somebody asks for another look. */
  failed?: { failure: Failure; retryAt: Date; requestedAt: string } | undefined
}

/** Measurements under way by the uid of their store; forgotten with the process. */
export type Measurements = Map<string, Remembered>

export interface MeasureContext {
  measurements: Measurements
  clock: () => Date
}

const DEADLINE_MS = 30_000
const RETRY_MS = 60_000
const STALLED_RETRY_MS = 10 * 60_000

/** `mayCall` false: this reconcile has done enough; the next one measures. */
export async function measure(
  store: ArtifactStore,
  plan: StorePlan & { usage: UsagePlan },
  session: Session,
  mayCall: boolean,
  { measurements, clock }: MeasureContext,
  signal: AbortSignal,
): Promise<Measured> {
  const { uid } = store.metadata
  const { source, intervalMs } = plan.usage
  const now = clock()
  const last = store.status?.usage
  const known = measurements.get(uid)
  const state: Remembered = known?.source === source ? known : { source, isStale: known !== undefined }
  measurements.set(uid, state)

  const { failed } = state
  if (failed && failed.retryAt > now && failed.requestedAt === plan.requestedAt) {
    return { usage: last, failure: failed.failure, nextAt: failed.retryAt }
  }
  const dueAt = state.isStale || !last ? now : dueAfter(uid, last.measuredAt, intervalMs)
  if (dueAt > now || !mayCall) return { usage: last, failure: failed?.failure, nextAt: dueAt }

  const measured = await inTime(plan, session, state.progress, signal)
  const end = clock()
  if (isFailure(measured)) {
    const retryAt = new Date(end.getTime() + (measured.intent === 'stalled' ? STALLED_RETRY_MS : RETRY_MS))
    state.failed = { failure: measured, retryAt, requestedAt: plan.requestedAt }
    return { usage: last, failure: measured, nextAt: retryAt }
  }
  delete state.failed
  state.progress = measured.progress
  if (measured.progress) return { usage: last, failure: undefined, nextAt: end }
  state.isStale = false
  const { objects, bytes, scope } = measured
  const usage = { objects, bytes, scope, measuredAt: rfc3339(end) }
  return { usage, failure: undefined, nextAt: dueAfter(uid, usage.measuredAt, intervalMs) }
}

const dueAfter = (uid: string, measuredAt: string, intervalMs: number): Date =>
  new Date(Date.parse(measuredAt) + jitterFor(`${uid}${measuredAt}`, intervalMs, 0.1))

async function inTime(
  { location, usage: { source } }: StorePlan & { usage: UsagePlan },
  session: Session,
  progress: UsageProgress | undefined,
  signal: AbortSignal,
): Promise<Usage | Failure> {
  try {
    return await withDeadline(DEADLINE_MS, signal, within => session.measure({ location, source, progress }, within))
  } catch (error) {
    if (!(error instanceof DeadlineExceeded)) throw error
    return transient(
      'MeasureTimeout',
      `${location.uri}: not measured within ${DEADLINE_MS / 1000} s; what was counted is kept, and it is tried again`,
    )
  }
}
