/** Pure: what consumers of a target have, and why its Secrets must be written. */
import type { Failure } from '../../api/failures.ts'
import { formatWarnings } from '../../formats/index.ts'
import {
  isEdited,
  type ProjectedSecret,
  readStamp,
  refreshAt,
  type Stamp,
  warnOfExpiryAt,
} from '../plan/projected-secret.ts'
import type { Target } from '../plan/targets.ts'

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
  /** When people are told that these are about to end, should nobody refresh them. */
  warnOfExpiryAt?: Date
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

/** Why a target's Secrets must be written, judged by the worst of them. */
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

/** The stamp of a Secret whose data is as the operator wrote it. */
export const soundStamp = (secret: ProjectedSecret | undefined): Stamp | undefined =>
  secret && !isEdited(secret) ? readStamp(secret) : undefined

/** What consumers have with these stamps, one for each Secret of the target; undefined: that one is of no use. */
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
  const { expiresAt, issuedAt, cautions } = stamp
  const { location, access } = target
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
    warnings: formatWarnings(target.formats, { lifetimeMs, prefix: location.prefix, access }),
  }
}

/** Without the time to look again: not before something else changes. */
export const withoutRefresh = ({ refreshAt: _, ...projection }: Projection): Projection => projection

/** `namespace/name` of its plain Secret. */
export const keyOfTarget = ({ namespace, secretName }: Target): string => `${namespace}/${secretName}`
