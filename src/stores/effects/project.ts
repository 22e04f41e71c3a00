/** Keep the Secrets of one target: grant when something is missing, changed or half-way to its end, else do nothing. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { type Failure, isFailure, transient, waiting } from '../../api/failures.ts'
import { objectKey } from '../../api/object.ts'
import { formatWarnings, render } from '../../formats/index.ts'
import type { SharedSession } from '../../providers/provider.ts'
import type { StorePlan } from '../plan/plan.ts'
import {
  belongsTo,
  isEdited,
  type ProjectedSecret,
  readStamp,
  refreshAt,
  type Stamp,
} from '../plan/projected-secret.ts'
import type { Target } from '../plan/targets.ts'
import type { RepairLimit } from './repair-limit.ts'
import { tooLarge } from './secret-size.ts'
import { SECRET_IMMUTABLE, type SecretWriter } from './secret-writer.ts'

/** Nobody can use credentials that end sooner. */
const LEAST_LIFE_MS = 60_000
/** What falls due this soon is refreshed along: a store with many Secrets must not write its status for each of them. */
const TOGETHER_MS = 60_000

/** What consumers of a target have now, and what kept it from being better. */
export interface Projection {
  target: Target
  /** Its Secrets hold credentials that work. */
  served: boolean
  /** When these end; absent when they do not. */
  expiresAt?: Date
  /** When to look again. */
  refreshAt?: Date
  failure?: Failure
  /** Rights of the credentials that reach further than was asked for. */
  caution?: string
  warnings: string[]
  /** This reconcile granted and wrote them. */
  isWritten?: true
  /** Keys of Secrets that could not be changed and were deleted and made anew. */
  remade?: string[]
}

/** Reason of what goes on in the next reconcile. */
export const UNFINISHED = 'ProjectionUnfinished'

export type Need = 'none' | 'create' | 'repair' | 'replace' | 'refresh'

/** Pure: why a target's Secrets must be written, judged by the worst of them. */
export function needOf(
  target: Target,
  secrets: (ProjectedSecret | undefined)[],
  now: Date,
  refusedAt?: Date | undefined,
): Need {
  const needs = secrets.map((secret): Need => {
    if (!secret) return 'create'
    const stamp = readStamp(secret)
    if (!stamp || isEdited(secret)) return 'repair'
    if (stamp.grant !== target.grant || (refusedAt && stamp.issuedAt < refusedAt)) return 'replace'
    const due = refreshAt(stamp, keyOfTarget(target))
    return due && due.getTime() - now.getTime() <= TOGETHER_MS ? 'refresh' : 'none'
  })
  return (['create', 'repair', 'replace', 'refresh'] as const).find(need => needs.includes(need)) ?? 'none'
}

export interface ProjectContext {
  secret(key: string): ProjectedSecret | undefined
  writer: SecretWriter
  repairs: RepairLimit
  clock: () => Date
  /** When this reconcile begins no more grants: what it has done must reach status, and others must have their turn. */
  until: Date
}

/** `admits` false: the store is not as it should be; nobody gets credentials who has none, but others keep them fresh. */
export async function project(
  store: ArtifactStore,
  plan: StorePlan,
  target: Target,
  session: SharedSession,
  admits: boolean,
  context: ProjectContext,
  signal: AbortSignal,
): Promise<Projection> {
  if (target.excluded) return { target, served: false, failure: target.excluded, warnings: [] }
  const now = context.clock()
  const secrets = secretsOf(store, target, context)
  const unwritten = standing(target, secrets, now)
  if (target.impossible) return { ...withoutRefresh(unwritten), failure: target.impossible }
  const need = needOf(target, secrets, now, session.refusedAt)
  if (need === 'none') return unwritten
  if (!admits && need === 'create') return withoutRefresh(unwritten)
  if (now >= context.until) return { ...withoutRefresh(unwritten), failure: unfinished }
  if (need === 'repair' && !context.repairs.take(keyOfTarget(target), now)) {
    return { ...withoutRefresh(unwritten), failure: contested(target) }
  }

  const written = await grantAndWrite(store, plan, target, session, context, signal)
  if (isFailure(written)) {
    return { ...standing(target, secretsOf(store, target, context), context.clock()), failure: written }
  }
  const { stamp, remade } = written
  return { ...projectionOf(target, stamp), isWritten: true, ...(remade.length > 0 ? { remade } : {}) }
}

async function grantAndWrite(
  store: ArtifactStore,
  plan: StorePlan,
  target: Target,
  session: SharedSession,
  context: ProjectContext,
  signal: AbortSignal,
): Promise<{ stamp: Stamp; remade: string[] } | Failure> {
  const { location, access, required, durationMs, mountPath, formats } = target
  const sessionName = sessionNameOf(store, target)
  const { encryption, bucket } = plan
  for (const name of target.secretNames) {
    const blocked = await context.writer.blocked(store, target.namespace, name, signal)
    if (blocked) return blocked
  }
  const webIdentity = formats.includes('WebIdentity')
  const request = { location, encryption, access, required, durationMs, sessionName, webIdentity }
  const grant = await session.grant(request, signal)
  if (isFailure(grant)) return grant
  const { material, issuedAt, expiresAt, cautions = [] } = grant
  if (expiresAt && expiresAt.getTime() - context.clock().getTime() < LEAST_LIFE_MS) return tooShort(target)
  const { secretName } = target
  const { expirationDays } = bucket
  const rendered = render(formats, material, { expiresAt, mountPath, secretName, encryption, expirationDays })
  if (isFailure(rendered)) return rendered
  const large = tooLarge(target, rendered)
  if (large) return large

  const stamp = { grant: target.grant, issuedAt, expiresAt, cautions: cautions.join('; ') }
  const remade: string[] = []
  for (const { suffix, data } of rendered) {
    const name = secretName + suffix
    const key = objectKey(target.namespace, name)
    let failure = await context.writer.write(store, target, name, data, stamp, signal)
    if (failure?.reason === SECRET_IMMUTABLE && context.repairs.take(`immutable ${key}`, context.clock())) {
      failure = await context.writer.remake(store, target, name, data, stamp, signal)
      if (!failure) remade.push(key)
    }
    if (failure) return failure
  }
  return { stamp, remade }
}

/** Services cut it off at the end: the namespace that uses it comes first, where it is not the store's. */
function sessionNameOf({ metadata: { namespace, name } }: ArtifactStore, target: Target): string {
  const user = target.namespace === namespace ? '' : `${target.namespace}@`
  return `${user}${namespace}.${name}.${target.role}`
}

/** Not before something else changes. */
const withoutRefresh = ({ refreshAt: _, ...projection }: Projection): Projection => projection

const contested = ({ namespace, secretName }: Target): Failure =>
  transient(
    'SecretEdited',
    `Secret "${namespace}/${secretName}" was changed by somebody else again, right after it was repaired: find out who writes it; it is repaired once a minute`,
  )

const unfinished = waiting(UNFINISHED, 'not all Secrets are written yet; it goes on')

const tooShort = ({ role }: Target): Failure =>
  transient(
    'CredentialsTooShort',
    `credentials "${role}" ended, or nearly so, when they were issued: check the clocks of this cluster and the service`,
  )

/** Pure: what consumers have when nothing is written. */
export function standing(target: Target, secrets: (ProjectedSecret | undefined)[], now: Date): Projection {
  const stamps = secrets.map(secret => (secret && !isEdited(secret) ? readStamp(secret) : undefined))
  const known = stamps.filter(stamp => stamp !== undefined)
  if (known.length < stamps.length || known.length === 0) return { target, served: false, warnings: [] }
  const first = known.reduce((one, other) => (endOf(other) < endOf(one) ? other : one))
  const { expiresAt, ...projection } = projectionOf(target, first)
  return endOf(first) > now.getTime()
    ? { ...projection, ...(expiresAt && { expiresAt }) }
    : { ...projection, served: false }
}

const endOf = ({ expiresAt }: Stamp): number => expiresAt?.getTime() ?? Number.POSITIVE_INFINITY

function projectionOf(target: Target, stamp: Stamp): Projection {
  const { expiresAt, issuedAt, cautions } = stamp
  const { location, access } = target
  const lifetimeMs = expiresAt && expiresAt.getTime() - issuedAt.getTime()
  const next = refreshAt(stamp, keyOfTarget(target))
  return {
    target,
    served: true,
    ...(expiresAt ? { expiresAt } : {}),
    ...(next ? { refreshAt: next } : {}),
    ...(cautions ? { caution: cautions } : {}),
    warnings: formatWarnings(target.formats, { lifetimeMs, prefix: location.prefix, access }),
  }
}

/** A Secret of somebody else counts as absent. */
const secretsOf = (store: ArtifactStore, target: Target, context: Pick<ProjectContext, 'secret'>) =>
  target.secretNames.map(name => {
    const secret = context.secret(objectKey(target.namespace, name))
    return secret && belongsTo(secret, store) ? secret : undefined
  })

const keyOfTarget = ({ namespace, secretName }: Target): string => `${namespace}/${secretName}`
