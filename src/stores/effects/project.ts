/** Keeps the Secrets of one target: grants when one is missing, changed or half-way to its end, else does nothing. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { type Failure, isFailure, transient, waiting } from '../../api/failures.ts'
import { keyOf, objectKey } from '../../api/object.ts'
import { type RenderedSecret, render } from '../../formats/index.ts'
import type { Tracer } from '../../telemetry/tracer.ts'
import { holdingsOf } from '../plan/lending.ts'
import { belongsTo, type ProjectedSecret, type Stamp } from '../plan/projected-secret.ts'
import type { Target } from '../plan/targets.ts'
import type { Ages, Moment } from './ages.ts'
import {
  afterRefusal,
  type IsolationContext,
  isolatedNow,
  knownRefusal,
  takeBackEndless,
  trialNeed,
  tryIssued,
  withIsolation,
} from './isolation.ts'
import {
  keyOfTarget,
  type Need,
  needOf,
  type Projection,
  projectionOf,
  sooner,
  soundStamp,
  standing,
  UNFINISHED,
  withoutRefresh,
} from './projection.ts'
import type { RepairLimit } from './repair-limit.ts'
import { tooLarge } from './secret-size.ts'
import type { SecretWriter } from './secret-writer.ts'
import type { Work } from './work.ts'
import { immutableAgain, SECRET_IMMUTABLE } from './write-failures.ts'

/** The least life of new credentials: nobody can use those that end sooner. */
const LEAST_LIFE_MS = 60_000

export interface ProjectContext extends IsolationContext {
  secret(key: string): ProjectedSecret | undefined
  writer: SecretWriter
  repairs: RepairLimit
  ages: Ages
  tracer: Pick<Tracer, 'span'>
  now: () => Date
  /**
   * When grants stop in this reconcile, by the monotonic clock: what it has done must reach status, and other stores
   * must have their turn.
   */
  until: number
  /** False while the store is not as it should be: consumers without credentials get none, the others' stay fresh. */
  mayCreate: boolean
}

export async function project(
  work: Work,
  target: Target,
  context: ProjectContext,
  signal: AbortSignal,
): Promise<Projection> {
  if (target.excluded) return { target, served: false, failure: target.excluded, warnings: [] }
  const now = context.now()
  const secrets = secretsOf(work.store, target, context)
  const stamps = secrets.map(soundStamp)
  const moment = { now, monotonic: context.monotonic() }
  const lag = context.ages.lag(work.store, secrets, moment)
  const unwritten = sooner(standing(target, stamps, now), lag)
  if (target.impossible) return { ...withoutRefresh(unwritten), failure: target.impossible }
  const known = isolatedNow(work, target, stamps, context)
  const asked = needOf(target, secrets, new Date(now.getTime() + lag), work.session.refusedAt)
  const need = asked === 'none' ? trialNeed(work, target, stamps, context) : asked
  if (need === 'none') return withIsolation(unwritten, known)
  if (!context.mayCreate && need === 'create') return withoutRefresh(unwritten)
  if (context.monotonic() >= context.until) return { ...withoutRefresh(unwritten), failure: unfinished }
  const due = { need, moment, secrets, stamps, unwritten }
  return context.tracer.span('project', aboutOf(target, need), () => renew(work, target, { ...context, due }, signal))
}

const aboutOf = ({ role, namespace, secretName }: Target, need: Need) => ({
  'artifactstore.target.role': role,
  'artifactstore.target.namespace': namespace,
  'artifactstore.target.secret': secretName,
  'artifactstore.target.need': need,
})

/** Why a target needs credentials, and what it has until then. */
interface Due {
  need: Need
  moment: Moment
  secrets: (ProjectedSecret | undefined)[]
  stamps: (Stamp | undefined)[]
  unwritten: Projection
}

async function renew(
  work: Work,
  target: Target,
  context: ProjectContext & { due: Due },
  signal: AbortSignal,
): Promise<Projection> {
  const { need, moment, secrets, stamps, unwritten } = context.due
  const blocked = await blockedAt(work.store, target, context.writer, signal)
  if (blocked) return { ...unwritten, failure: blocked }
  const paused = pausedAt(target, secrets, need, context)
  if (paused) return { ...withoutRefresh(unwritten), failure: paused }

  const made =
    knownRefusal(work, target, stamps, context) ?? (await grant(work, target, { ...context, stamps }, signal))
  if (isFailure(made)) {
    const removal = await takeBackEndless(made, secrets, context, signal)
    const left = afterRefusal(target, { secrets, stamps }, { refused: made, removal }, context.now())
    return withIsolation(left, isolatedNow(work, target, stamps, context))
  }
  const { stamp } = made
  const { failure, written, gone, remade } = await writeAll(work.store, made, context, signal)
  const keys = [...written].map(name => objectKey(target.namespace, name))
  context.ages.wrote(work.store, keys, stamp.issuedAt, moment)
  if (failure) {
    const leftOf = (name: string, old: Stamp | undefined) => (gone.has(name) ? undefined : old)
    const left = target.secretNames.map((name, index) => (written.has(name) ? stamp : leftOf(name, stamps[index])))
    return { ...standing(target, left, context.now()), failure }
  }
  return {
    ...projectionOf(target, stamp),
    ...(need === 'refresh' ? lateness(unwritten, moment.now) : {}),
    isWritten: true,
    ...(remade.length > 0 ? { remade } : {}),
  }
}

/** Those that are refreshed together with others are not late, but early. */
const lateness = ({ refreshAt }: Projection, now: Date): Pick<Projection, 'lateMs'> =>
  refreshAt ? { lateMs: Math.max(0, now.getTime() - refreshAt.getTime()) } : {}

/** What keeps one of the target's Secrets from being written: nothing is granted that would reach nobody. */
async function blockedAt(
  store: ArtifactStore,
  { namespace, secretNames, grant }: Target,
  writer: SecretWriter,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  for (const name of secretNames) {
    const blocked = await writer.blocked(store, { namespace, name, grant }, signal)
    if (blocked) return blocked
  }
  return undefined
}

/** Why Secrets that others have just changed again are left alone for a while. */
function pausedAt(
  target: Target,
  secrets: (ProjectedSecret | undefined)[],
  need: Need,
  { repairs, monotonic }: ProjectContext,
): Failure | undefined {
  const now = monotonic()
  const fixed = secrets.find(secret => secret?.immutable)
  if (fixed && repairs.isPaused(limitOfImmutable(keyOf(fixed)), now)) return immutableAgain(keyOf(fixed))
  return need === 'repair' && !repairs.take(keyOfTarget(target), now) ? contested(target) : undefined
}

const limitOfImmutable = (key: string): string => `immutable ${key}`

/** Credentials as they go into the Secrets of a target. */
interface Made {
  target: Target
  stamp: Stamp
  rendered: RenderedSecret[]
  secretKey: string | undefined
}

async function grant(
  work: Work,
  target: Target,
  context: ProjectContext & { stamps: (Stamp | undefined)[] },
  signal: AbortSignal,
): Promise<Made | Failure> {
  const { store, plan, session } = work
  const { location, access, required, durationMs, mountPath, formats, secretName, lent, keys, clientOptions } = target
  const sessionName = sessionNameOf(store, target)
  const { encryption, bucket } = plan
  const webIdentity = formats.includes('WebIdentity')
  const { acl } = clientOptions ?? {}
  const request = { location, encryption, access, required, durationMs, sessionName, webIdentity, lent, acl }
  const granted = await session.grant(request, signal)
  if (isFailure(granted)) return granted
  const { material, issuedAt, expiresAt, cautions = [] } = granted
  if (expiresAt && expiresAt.getTime() - context.now().getTime() < LEAST_LIFE_MS) return tooShort(target)
  const { expirationDays } = bucket
  const details = { expiresAt, mountPath, secretName, encryption, expirationDays, clientOptions, keys }
  const rendered = render(formats, material, details)
  if (isFailure(rendered)) return rendered
  const large = tooLarge(target, rendered)
  if (large) return large
  const shown = await tryIssued(work, target, { ...context, grant: granted }, signal)
  if (isFailure(shown)) return shown
  const { leftBehind, ...isolation } = shown
  const holds = holdingsOf(target, plan.identity)
  const stamp = {
    grant: target.grant,
    issuedAt,
    expiresAt,
    holds,
    cautions: [...cautions, ...(leftBehind ? [leftBehind] : [])].join('; '),
    isolation,
  }
  return { target, stamp, rendered, secretKey: material.cloud === 'aws' ? material.secretAccessKey : undefined }
}

/** What was written before the first failure. */
interface Written {
  /** Names of the Secrets that were written. */
  written: Set<string>
  /** Names of the Secrets that were deleted, but could not be made anew. */
  gone: Set<string>
  /** Keys of the Secrets that had to be deleted first. */
  remade: string[]
  failure: Failure | undefined
}

async function writeAll(
  store: ArtifactStore,
  { target, stamp, rendered, secretKey }: Made,
  { writer, repairs, monotonic }: ProjectContext,
  signal: AbortSignal,
): Promise<Written> {
  const written = new Set<string>()
  const gone = new Set<string>()
  const remade: string[] = []
  for (const { suffix, data } of rendered) {
    const name = target.secretName + suffix
    const key = objectKey(target.namespace, name)
    const secret = { store, target, name, data, secretKey, stamp }
    let failure = await writer.write(secret, signal)
    if (failure?.reason === SECRET_IMMUTABLE && !repairs.isPaused(limitOfImmutable(key), monotonic())) {
      const notRemade = await writer.remake(secret, signal)
      failure = notRemade?.failure
      if (!notRemade || notRemade.isGone) repairs.take(limitOfImmutable(key), monotonic())
      if (!notRemade) remade.push(key)
      else if (notRemade.isGone) gone.add(name)
    }
    if (failure) return { written, gone, remade, failure }
    written.add(name)
  }
  return { written, gone, remade, failure: undefined }
}

/**
 * Names the session so that audits tell namespaces apart (docs/adr/0014). Services cut off a long name at its end, so
 * the namespace that uses the session comes first, unless it is the store's own.
 */
function sessionNameOf({ metadata: { namespace, name } }: ArtifactStore, target: Target): string {
  const user = target.namespace === namespace ? '' : `${target.namespace}@`
  return `${user}${namespace}.${name}.${target.role}`
}

const contested = ({ namespace, secretName }: Target): Failure =>
  transient(
    'SecretEdited',
    `Secret "${namespace}/${secretName}" was changed by somebody else again, right after it was repaired: find out who writes it; it is repaired ever more seldom while that goes on`,
  )

const unfinished = waiting(UNFINISHED, 'not all Secrets are written yet; it goes on')

const tooShort = ({ role }: Target): Failure =>
  transient(
    'CredentialsTooShort',
    `credentials "${role}" ended, or nearly so, when they were issued: check the clocks of this cluster and the service`,
  )

/** The target's Secrets in the cache; one that somebody else made counts as absent. */
const secretsOf = (store: ArtifactStore, target: Target, context: Pick<ProjectContext, 'secret'>) =>
  target.secretNames.map(name => {
    const secret = context.secret(objectKey(target.namespace, name))
    return secret && belongsTo(secret, store) ? secret : undefined
  })
