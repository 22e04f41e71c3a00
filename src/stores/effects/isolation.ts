/** Tries credentials before consumers get them, and decides whether what they reach is allowed (docs/adr/0026). */
import { type Failure, isFailure } from '../../api/failures.ts'
import { withDeadlineOr } from '../../async/deadline.ts'
import type { Isolation } from '../../providers/isolation.ts'
import type { Grant } from '../../providers/provider.ts'
import { isRejection } from '../../providers/rejection.ts'
import { type Isolated, isolationRefusal } from '../plan/isolation.ts'
import { type ProjectedSecret, readStamp, type Stamp } from '../plan/projected-secret.ts'
import type { Target } from '../plan/targets.ts'
import { type Isolations, trialKeyOf } from './isolations.ts'
import { type Need, type Projection, standing } from './projection.ts'
import { type Removal, type RemovalContext, removeSecrets } from './removal.ts'
import type { Work } from './work.ts'

/** Time for one trial, of the time that a reconcile has for grants. */
const DEADLINE_MS = 10_000

export interface IsolationContext {
  isolations: Isolations
  /** Permissions that the last probe has shown the identity to have. */
  proven: string[]
  monotonic: () => number
}

/** What was shown of credentials, and what their trial has left behind. */
type Shown = Isolated & Pick<Isolation, 'leftBehind'>

/** Credentials that may be written, with what was shown of them, or why they may not. */
export async function tryIssued(
  work: Work,
  target: Target,
  context: IsolationContext & { grant: Grant; stamps: (Stamp | undefined)[] },
  signal: AbortSignal,
): Promise<Shown | Failure> {
  const { store, plan, session } = work
  const { isolations, proven, monotonic, grant, stamps } = context
  const { location, access } = target
  const request = {
    location,
    access,
    encryption: plan.encryption,
    grant,
    proven,
    trialId: store.metadata.uid.slice(0, 8),
    mayWrite: plan.writeProbe !== 'None',
  }
  let left: Pick<Isolation, 'leftBehind'> = {}
  const ask = async () => {
    const found = await withDeadlineOr(DEADLINE_MS, signal, within => session.tryIssued(request, within), late)
    // Trouble that passes is none of the credentials: consumers must not wait for a second service that answers.
    if (isFailure(found)) return isPassing(found) ? untried(found.reason) : found
    if (found.leftBehind !== undefined) left = { leftBehind: found.leftBehind }
    return found
  }
  const asked = {
    key: trialKeyOf(work, target),
    identity: plan.identity.fingerprint,
    bucket: location.bucket,
    monotonic,
  }
  const found = await isolations.find(asked, ask, signal)
  if (isFailure(found)) return found
  // What was shown of credentials like these counts until something else is shown.
  const before = stamps.find(stamp => stamp?.grant === target.grant)?.isolation
  const isolated = found.result === 'Unknown' && before ? before : found
  const refusal = plan.isolationRequired ? isolationRefusal(target, isolated) : undefined
  if (!refusal) return { ...isolated, ...left }
  return left.leftBehind === undefined ? refusal : { ...refusal, message: `${refusal.message}; ${left.leftBehind}` }
}

const isPassing = (failure: Failure): boolean =>
  failure.intent === 'transient' && failure.reason !== 'IssuedCredentialsRefused' && !isRejection(failure)

const untried = (why: string): Isolation => ({
  ...{ kind: 'isolation', result: 'Unknown', holdsFor: 'prefix', identityReaches: {} },
  detail: `they could not be tried (${why})`,
})

const late = (): Isolation => untried('no answer within 10 s')

/**
 * What is known of the credentials that a target's Secrets have: the latest result, or what was known when they were made.
 * That a later trial has shown nothing takes nothing away from what was shown before.
 */
export function isolatedNow(
  work: Work,
  target: Target,
  stamps: (Stamp | undefined)[],
  { isolations, monotonic }: IsolationContext,
): Isolated | undefined {
  const all = stamps.map(stamp => (stamp?.grant === target.grant ? stamp.isolation : undefined))
  const stamped = all.find(one => one?.result !== 'True') ?? all[0]
  const known = isolations.known(trialKeyOf(work, target), monotonic())
  return known && known.result !== 'Unknown' ? known : (stamped ?? known)
}

/** Why a target's Secrets must be written although they are as they should be: nothing, or too little, was shown of them. */
export function trialNeed(work: Work, target: Target, stamps: (Stamp | undefined)[], context: IsolationContext): Need {
  if (work.plan.isolationRequired)
    return isolatedNow(work, target, stamps, context)?.result === 'True' ? 'none' : 'replace'
  const isEndless = stamps.some(stamp => stamp && stamp.expiresAt === undefined)
  return isEndless && context.isolations.isDue(trialKeyOf(work, target), context.monotonic()) ? 'refresh' : 'none'
}

/** Why nothing needs to be granted to know that it may not be given out. */
export function knownRefusal(
  work: Work,
  target: Target,
  stamps: (Stamp | undefined)[],
  context: IsolationContext,
): Failure | undefined {
  const { isolations, monotonic } = context
  if (!work.plan.isolationRequired || !isolations.known(trialKeyOf(work, target), monotonic())) return undefined
  const now = isolatedNow(work, target, stamps, context)
  return now && isolationRefusal(target, now)
}

/**
 * Takes back what is known to reach too far and would never end. What ends stays until then: pods have read it anyway,
 * and it is not replaced.
 */
export async function takeBackEndless(
  refused: Failure,
  secrets: (ProjectedSecret | undefined)[],
  context: RemovalContext,
  signal: AbortSignal,
): Promise<Removal> {
  const endless = secrets.flatMap(secret => (secret && readStamp(secret)?.expiresAt === undefined ? secret : []))
  return removeSecrets(refused.reason === 'NotIsolated' ? endless : [], context, signal)
}

/** What consumers have when their credentials were refused, and what was to be taken back of them was. */
export function afterRefusal(
  target: Target,
  held: { secrets: (ProjectedSecret | undefined)[]; stamps: (Stamp | undefined)[] },
  { refused, removal }: { refused: Failure; removal: Removal },
  now: Date,
): Projection {
  const { removed, failure: revocation } = removal
  const isLeft = (secret: ProjectedSecret | undefined) => secret && !removed.has(secret)
  const left = standing(
    target,
    held.stamps.map((stamp, index) => (isLeft(held.secrets[index]) ? stamp : undefined)),
    now,
  )
  if (!revocation) return { ...left, failure: refused }
  const message = `${refused.message}; they are still in their Secret: ${revocation.message}`
  return { ...left, failure: { ...refused, message }, revocation }
}

/** The projection with what is known now of its credentials. */
export const withIsolation = (projection: Projection, isolation: Isolated | undefined): Projection =>
  isolation ? { ...projection, isolation } : projection
