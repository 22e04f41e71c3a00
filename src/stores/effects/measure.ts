/** Measures how much a store contains: now and then, in steps, and never at the expense of anything else. */
import type { ArtifactStoreStatus } from '../../api/artifact-store.ts'
import { type Failure, type Intent, isFailure, transient } from '../../api/failures.ts'
import { rfc3339 } from '../../api/time.ts'
import { withDeadlineOr } from '../../async/deadline.ts'
import type { Session, Usage, UsageProgress, UsageRequest } from '../../providers/provider.ts'
import { jitterFor } from '../../runtime/backoff.ts'
import { describeError } from '../../telemetry/redact.ts'
import type { StorePlan, UsagePlan } from '../plan/plan.ts'
import type { Work } from './work.ts'

export interface Measured {
  /** The last complete measurement. */
  usage: ArtifactStoreStatus['usage']
  failure: Failure | undefined
  /** When to go on, or to measure again. */
  nextAt: Date
}

interface Remembered {
  source: UsageRequest['source']
  /** Whether the usage in status comes from another source. */
  isStale: boolean
  /** How far counting has come. */
  progress?: UsageProgress | undefined
  /** Set when the last attempt failed. Times are of the monotonic clock. The next one waits for `retryAt`, unless somebody asks for another look. */
  failed?: { failure: Failure; retryAt: number; requestedAt: string } | undefined
  /** When the measurement of this time, which status tells, is to be repeated. */
  due?: { measuredAt: string; at: number }
}

/** Measurements under way by the uid of their store; forgotten with the process. */
export type Measurements = Map<string, Remembered>

export interface MeasureContext {
  measurements: Measurements
  now: () => Date
  monotonic: () => number
}

type MeasureWork = Pick<Work, 'store' | 'session'> & { plan: StorePlan & { usage: UsagePlan } }

const DEADLINE_MS = 30_000
/** Pauses after a failure. `waiting` is for numbers that a service publishes once a day, or never. */
const RETRY_MS: Record<Intent, number> = { transient: 60_000, stalled: 10 * 60_000, waiting: 60 * 60_000 }

/** `mayCall` is false when this reconcile has done enough: the next one measures. */
export async function measure(
  { store, plan, session }: MeasureWork,
  mayCall: boolean,
  context: MeasureContext,
  signal: AbortSignal,
): Promise<Measured> {
  const { measurements } = context
  const { uid } = store.metadata
  const { source, intervalMs } = plan.usage
  const now = context.monotonic()
  const wallTime = (at: number) => new Date(context.now().getTime() + at - context.monotonic())
  const last = store.status?.usage
  const known = measurements.get(uid)
  const state: Remembered = known?.source === source ? known : { source, isStale: known !== undefined }
  measurements.set(uid, state)

  const { failed } = state
  if (failed && failed.retryAt > now && failed.requestedAt === plan.requestedAt) {
    return { usage: last, failure: failed.failure, nextAt: wallTime(failed.retryAt) }
  }
  const dueAt =
    state.isStale || !last ? now : dueAfter(state, { uid, measuredAt: last.measuredAt, intervalMs }, context)
  if (dueAt > now || !mayCall) return { usage: last, failure: failed?.failure, nextAt: wallTime(dueAt) }

  const measured = await inTime(plan, session, state.progress, signal)
  const end = context.now()
  if (isFailure(measured)) {
    const retryAt = context.monotonic() + RETRY_MS[measured.intent]
    state.failed = { failure: measured, retryAt, requestedAt: plan.requestedAt }
    return { usage: last, failure: measured, nextAt: wallTime(retryAt) }
  }
  delete state.failed
  state.progress = measured.progress
  if (measured.progress) return { usage: last, failure: undefined, nextAt: end }
  state.isStale = false
  const { objects, bytes, scope } = measured
  // Rounded, as averages need not be whole numbers.
  const usage = { objects: Math.round(objects), bytes: Math.round(bytes), scope, measuredAt: rfc3339(end) }
  return {
    usage,
    failure: undefined,
    nextAt: wallTime(dueAfter(state, { uid, measuredAt: usage.measuredAt, intervalMs }, context)),
  }
}

/**
 * Time of the next measurement by the monotonic clock. The time of the last one, which status tells, is of the wall
 * clock, and so is looked at only once. One that is still to come was written before the clock was set back.
 */
function dueAfter(
  state: Remembered,
  { uid, measuredAt, intervalMs }: { uid: string; measuredAt: string; intervalMs: number },
  { now, monotonic }: MeasureContext,
): number {
  if (state.due?.measuredAt !== measuredAt) {
    const age = Math.max(0, now().getTime() - Date.parse(measuredAt))
    state.due = { measuredAt, at: monotonic() + Math.floor(jitterFor(`${uid}${measuredAt}`, intervalMs, 0.1)) - age }
  }
  return state.due.at
}

/** Never rejects: neither a bug here nor the end of the reconcile's time may discard what it has done before. */
async function inTime(
  { location, usage: { source } }: StorePlan & { usage: UsagePlan },
  session: Session,
  progress: UsageProgress | undefined,
  signal: AbortSignal,
): Promise<Usage | Failure> {
  const late = transient(
    'MeasureTimeout',
    `${location.uri}: not measured in time, ${DEADLINE_MS / 1000} s at most; what was counted is kept, and it is tried again`,
  )
  try {
    const call = (within: AbortSignal) => session.measure({ location, source, progress }, within)
    return await withDeadlineOr(DEADLINE_MS, signal, call, () => late)
  } catch (error) {
    if (signal.aborted) return late
    return transient('MeasureFailed', `${location.uri}: not measured: ${describeError(error)}; it is tried again`)
  }
}
