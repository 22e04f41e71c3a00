/** Pure: what consumers of a target have, and why its Secrets must be written. */
import type { Failure } from '../../api/failures.ts'
import { type ObjectKey, objectKey } from '../../api/object.ts'
import { formatWarnings } from '../../formats/index.ts'
import type { Isolated } from '../plan/isolation.ts'
import {
  isEdited,
  type ProjectedSecret,
  readStamp,
  refreshAt,
  type Stamp,
  warnOfExpiryAt,
} from '../plan/projected-secret.ts'
import type { Target } from '../plan/targets.ts'

/**
 * Secrets that fall due within this time are refreshed already: a store with many of them must not write its status for
 * each one (docs/adr/0014).
 */
const TOGETHER_MS = 60_000

/** What consumers of a target have now, and what kept them from having more. */
export interface Projection {
  target: Target
  /** Whether the target's Secrets contain credentials that work. */
  served: boolean
  /** When the credentials end; absent when they do not. */
  expiresAt?: Date
  /** When to look at the target again. */
  refreshAt?: Date
  /** When people are told that the credentials are about to end, unless they are refreshed before. */
  warnOfExpiryAt?: Date
  failure?: Failure
  /** Why credentials are still in their Secret that consumers may no longer have. */
  revocation?: Failure
  /** What people must know of the credentials, such as rights that reach further than was asked for. */
  caution?: string
  /** How far the credentials reach; absent when nothing was ever shown of them. */
  isolation?: Isolated
  warnings: string[]
  /** Set when this reconcile granted and wrote the credentials. */
  isWritten?: true
  /** How long after they were due credentials were replaced, in ms; absent when they were written for another reason. */
  lateMs?: number
  /** Keys of Secrets that could not be changed, and so were deleted and made anew. */
  remade?: string[]
}

/** Reason of a target whose turn comes in the next reconcile. */
export const UNFINISHED = 'ProjectionUnfinished'

export type Need = 'none' | 'create' | 'repair' | 'replace' | 'refresh'

/** Why a target's Secrets must be written; the worst of them decides. */
export function needOf(
  target: Target,
  secrets: (ProjectedSecret | undefined)[],
  now: Date,
  refusedAt?: Date | undefined,
): Need {
  const needs = secrets.map((secret): Need => {
    if (!secret) return 'create'
    const stamp = readStamp(secret)
    if (!stamp || isEdited(secret) || !secret.sealed) return 'repair'
    if (stamp.grant !== target.grant || (refusedAt && stamp.issuedAt < refusedAt)) return 'replace'
    const due = refreshAt(stamp, keyOfTarget(target))
    return due && due.getTime() - now.getTime() <= TOGETHER_MS ? 'refresh' : 'none'
  })
  return (['create', 'repair', 'replace', 'refresh'] as const).find(need => needs.includes(need)) ?? 'none'
}

/** The stamp of a Secret whose data is as the operator wrote it. */
export const soundStamp = (secret: ProjectedSecret | undefined): Stamp | undefined =>
  secret && !isEdited(secret) ? readStamp(secret) : undefined

/** What consumers have with these stamps, one for each Secret; a stamp is undefined when its Secret is of no use. */
export function standing(target: Target, stamps: (Stamp | undefined)[], now: Date): Projection {
  const known = stamps.filter(stamp => stamp !== undefined)
  if (known.length < stamps.length || known.length === 0) return { target, served: false, warnings: [] }
  const first = known.reduce((one, other) => (endOf(other) < endOf(one) ? other : one))
  const { expiresAt, ...projection } = projectionOf(target, first)
  return endOf(first) > now.getTime()
    ? { ...projection, ...(expiresAt && { expiresAt }) }
    : { ...projection, served: false }
}

const endOf = ({ expiresAt }: Stamp): number => expiresAt?.getTime() ?? Number.POSITIVE_INFINITY

/** What consumers have when every Secret of the target carries this stamp. */
export function projectionOf(target: Target, stamp: Stamp): Projection {
  const { expiresAt, issuedAt, cautions, isolation } = stamp
  const { location, access, cloud, clientOptions } = target
  const lifetimeMs = expiresAt && expiresAt.getTime() - issuedAt.getTime()
  const key = keyOfTarget(target)
  const [next, warning] = [refreshAt(stamp, key), warnOfExpiryAt(stamp, key)]
  return {
    target,
    served: true,
    ...(expiresAt ? { expiresAt } : {}),
    ...(next ? { refreshAt: next } : {}),
    ...(warning ? { warnOfExpiryAt: warning } : {}),
    ...(cautions ? { caution: cautions } : {}),
    ...(isolation ? { isolation } : {}),
    warnings: formatWarnings(target.formats, { lifetimeMs, prefix: location.prefix, access, cloud, clientOptions }),
  }
}

/** Brings the times to look again forward by so many ms. */
export const sooner = ({ refreshAt, warnOfExpiryAt, ...projection }: Projection, ms: number): Projection => ({
  ...projection,
  ...(refreshAt && { refreshAt: new Date(refreshAt.getTime() - ms) }),
  ...(warnOfExpiryAt && { warnOfExpiryAt: new Date(warnOfExpiryAt.getTime() - ms) }),
})

/** Drops the time to look again: nothing can be done before something else changes. */
export const withoutRefresh = ({ refreshAt: _, ...projection }: Projection): Projection => projection

/** `namespace/name` of the target's plain Secret. */
export const keyOfTarget = ({ namespace, secretName }: Target): ObjectKey => objectKey(namespace, secretName)
