/** Pure: what the operator remembers of a Secret that it projected, which is never the data itself. */

import { createHash } from 'node:crypto'
import type { ArtifactStore } from '../../api/artifact-store.ts'
import {
  CAUTIONS_ANNOTATION,
  CONTENT_ANNOTATION,
  EXPIRES_AT_ANNOTATION,
  GRANT_ANNOTATION,
  HOLDS_ANNOTATION,
  ISOLATION_ANNOTATION,
  ISSUED_AT_ANNOTATION,
  KEYS_ANNOTATION,
  MANAGED_BY_LABEL,
  OPERATOR,
  ROLE_LABEL,
  STORE_LABEL,
  STORE_NAMESPACE_LABEL,
  STORE_UID_LABEL,
  TARGET_ANNOTATION,
} from '../../api/names.ts'
import { type KubeObject, keyOf, type ObjectKey, objectKey } from '../../api/object.ts'
import { timeOf } from '../../foreign/numbers.ts'
import { codeOf, shown } from '../../foreign/text.ts'
import { jitterFor } from '../../runtime/backoff.ts'
import { type Isolated, isolatedIn, isolationText } from './isolation.ts'
import { isSealed, type Seal } from './seal.ts'

/** A Secret as the cache keeps it: metadata, and a hash instead of the data. */
export interface ProjectedSecret extends KubeObject {
  /** Of the operator's own keys. */
  contentHash: string
  /** Present when nobody can change its data any more. */
  immutable?: true
  /** Present when no owner reference has it deleted together with its store. */
  unowned?: true
  /** Whether its seal proves that the operator made it for the store that it names. */
  sealed: boolean
}

/** Base64 values by key, as Secrets carry them. */
export type SecretData = Record<string, string>

export function contentHash(data: SecretData): string {
  const hash = createHash('sha256')
  for (const key of Object.keys(data).sort()) hash.update(`${key}\0${data[key]}\0`)
  return hash.digest('base64url')
}

/**
 * The operator's own keys of a Secret. Others, such as admission policies, may add keys of theirs. A Secret of a time
 * when keys were not written down has none but its own.
 */
function ownData(secret: KubeObject & { data?: SecretData }): SecretData {
  const { data = {}, metadata } = secret
  const keys = metadata.annotations?.[KEYS_ANNOTATION]
  if (keys === undefined) return data
  const own = new Set(keys.split(','))
  return Object.fromEntries(Object.entries(data).filter(([key]) => own.has(key)))
}

/** Transforms a Secret for the cache: drops its data, keeps a hash of it, and judges its seal once for all readers. */
export function toProjected(
  secret: KubeObject & { data?: SecretData; immutable?: boolean },
  seal: Seal,
): ProjectedSecret {
  const { apiVersion, kind, metadata } = secret
  const { managedFields: _, ...kept } = metadata as typeof metadata & { managedFields?: unknown }
  const store = claimedStoreOf(secret)
  const sealed = store !== undefined && isSealed(secret, store, seal)
  const isOwned = metadata.ownerReferences?.some(({ uid }) => uid === metadata.labels?.[STORE_UID_LABEL]) ?? false
  const [hash, written] = [contentHash(ownData(secret)), metadata.annotations?.[CONTENT_ANNOTATION]]
  return {
    ...{ apiVersion, kind, metadata: kept },
    // One text for both, unless somebody has changed the data: they are kept of each Secret.
    contentHash: written === hash ? written : hash,
    ...(secret.immutable === true ? { immutable: true } : {}),
    ...(isOwned ? {} : { unowned: true }),
    sealed,
  }
}

/** What credentials open: bucket and prefix, all that the connector's identity may, or that identity itself. */
const HOLDINGS = ['Scoped', 'Unnarrowed', 'Identity'] as const
export type Holding = (typeof HOLDINGS)[number]

export interface Stamp {
  /** Hash of what the credentials were made from. */
  grant: string
  issuedAt: Date
  /** Undefined when the credentials do not end. */
  expiresAt: Date | undefined
  /** What was granted; undefined in Secrets of a time when it was not written down. */
  holds?: readonly Holding[] | undefined
  /** What people must know of the credentials; undefined when there is nothing. */
  cautions?: string | undefined
  /** What a trial has shown of the credentials; undefined in Secrets of a time without trials. */
  isolation?: Isolated | undefined
}

/** A word, not a missing annotation: credentials must not seem to last for ever because somebody removed their end. */
const NEVER = 'never'

/** `content`: hash of the data. */
export const stampAnnotations = (stamp: Stamp, content: string): Record<string, string> => ({
  [GRANT_ANNOTATION]: stamp.grant,
  [ISSUED_AT_ANNOTATION]: stamp.issuedAt.toISOString(),
  [EXPIRES_AT_ANNOTATION]: stamp.expiresAt?.toISOString() ?? NEVER,
  [CONTENT_ANNOTATION]: content,
  ...(stamp.holds ? { [HOLDS_ANNOTATION]: stamp.holds.join() } : {}),
  ...(stamp.cautions ? { [CAUTIONS_ANNOTATION]: stamp.cautions } : {}),
  ...(stamp.isolation ? { [ISOLATION_ANNOTATION]: isolationText(stamp.isolation) } : {}),
})

export const ownerLabels = ({ metadata }: KubeObject, role: string): Record<string, string> => ({
  [MANAGED_BY_LABEL]: OPERATOR,
  [STORE_LABEL]: metadata.name,
  [STORE_NAMESPACE_LABEL]: metadata.namespace ?? '',
  [STORE_UID_LABEL]: metadata.uid,
  [ROLE_LABEL]: role,
})

/**
 * `namespace/name` of the store that a Secret says it was made for; undefined when it names none. Everybody who may
 * create Secrets can say so: this is enough where the store's own plan leads to the Secret, and nowhere else. Tools that
 * copy Secrets to other namespaces copy labels, too: outside of the store's namespace an annotation must name the very
 * Secret that carries it (docs/adr/0014).
 */
export function claimedStoreOf(secret: KubeObject): ObjectKey | undefined {
  const { namespace = '', labels = {}, annotations = {} } = secret.metadata
  const [store, owner] = [labels[STORE_LABEL], labels[STORE_NAMESPACE_LABEL]]
  if (labels[MANAGED_BY_LABEL] !== OPERATOR || !store || !owner) return undefined
  if (owner !== namespace && annotations[TARGET_ANNOTATION] !== keyOf(secret)) return undefined
  return objectKey(owner, store)
}

/** `namespace/name` of the store that the operator made a Secret for; undefined when its seal proves nothing. */
export const ownerKeyOf = (secret: ProjectedSecret): ObjectKey | undefined =>
  secret.sealed ? claimedStoreOf(secret) : undefined

/**
 * Secrets without a seal that a store's status lists: a version of the operator before seals made them. Only the
 * operator writes status, so it proves whose a Secret is as well (docs/adr/0024).
 */
export const listedUnsealed = (
  store: ArtifactStore,
  secret: (key: ObjectKey) => ProjectedSecret | undefined,
): ProjectedSecret[] =>
  (store.status?.credentials ?? []).flatMap(({ namespace, secretName }) => {
    const found = secret(objectKey(namespace, secretName))
    return found && !found.sealed && belongsTo(found, store) ? [found] : []
  })

/**
 * Whether a Secret at a place of the store's own plan may be written for it. Compares names, not uids: a store that was
 * made anew takes over what the earlier one left (docs/adr/0014).
 */
export const belongsTo = (secret: KubeObject, store: KubeObject): boolean => claimedStoreOf(secret) === keyOf(store)

/**
 * Whether a Secret is outside its store's namespace: garbage collection does not delete it with the store, and its
 * namespace does not show its owner (docs/adr/0014).
 */
export const isElsewhere = (secret: KubeObject): boolean =>
  (secret.metadata.labels?.[STORE_NAMESPACE_LABEL] ?? secret.metadata.namespace) !== secret.metadata.namespace

/** Whether garbage collection does not delete a Secret with its store. */
export const isUnowned = (secret: ProjectedSecret): boolean => isElsewhere(secret) || secret.unowned === true

/** Whether a Secret is deleted already, and only stays until others have removed their finalizers. */
export const isGoing = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp !== undefined

/** Reads the stamp from the annotations; undefined when somebody damaged them. */
export function readStamp(secret: KubeObject): Stamp | undefined {
  const annotations = secret.metadata.annotations ?? {}
  const issuedAt = timeOf(annotations[ISSUED_AT_ANNOTATION])
  const end = annotations[EXPIRES_AT_ANNOTATION]
  const expiresAt = end === NEVER ? undefined : timeOf(end)
  const grant = codeOf(annotations[GRANT_ANNOTATION])
  if (!grant || !issuedAt || (end !== NEVER && !expiresAt)) return undefined
  const holds = holdingsIn(annotations[HOLDS_ANNOTATION])
  const isolation = isolatedIn(annotations[ISOLATION_ANNOTATION])
  const cautions = shown(annotations[CAUTIONS_ANNOTATION])
  return { grant, issuedAt, expiresAt, ...(holds ? { holds } : {}), cautions, ...(isolation ? { isolation } : {}) }
}

/** Undefined unless every word is known: what cannot be read must not pass for less than it is. */
function holdingsIn(text: string | undefined): Holding[] | undefined {
  const words = text?.split(',', HOLDINGS.length + 1) ?? []
  const known = HOLDINGS.filter(holding => words.includes(holding))
  return known.length > 0 && known.length === words.length ? known : undefined
}

/** Whether somebody else changed the data. */
export const isEdited = (secret: ProjectedSecret): boolean =>
  secret.metadata.annotations?.[CONTENT_ANNOTATION] !== secret.contentHash

/** When credentials are replaced, in parts of their life, and how far that spreads around it. */
const REFRESH_AT = 0.45
const REFRESH_SPREAD = 0.1

/**
 * When to replace credentials: at half of their life, or up to a tenth of that life earlier; never when they do not
 * end. The time is the same after a restart, and another one for each key.
 */
export function refreshAt(stamp: Pick<Stamp, 'issuedAt' | 'expiresAt'>, key: string): Date | undefined {
  if (!stamp.expiresAt) return undefined
  const life = stamp.expiresAt.getTime() - stamp.issuedAt.getTime()
  return new Date(stamp.issuedAt.getTime() + jitterFor(key, life * REFRESH_AT, REFRESH_SPREAD))
}

/**
 * The latest time at which credentials should have been replaced, whatever their key; undefined when they do not end.
 * It takes little computing, as it is asked of all Secrets at a time.
 */
export function latestRefreshAt({ metadata: { annotations = {} } }: ProjectedSecret): Date | undefined {
  const [issuedAt, expiresAt] = [timeOf(annotations[ISSUED_AT_ANNOTATION]), timeOf(annotations[EXPIRES_AT_ANNOTATION])]
  if (!issuedAt || !expiresAt) return undefined
  return new Date(issuedAt.getTime() + (expiresAt.getTime() - issuedAt.getTime()) * REFRESH_AT * (1 + REFRESH_SPREAD))
}

/**
 * When people are told that credentials are about to end: half-way from the time of their refresh to their end.
 * Undefined when they do not end.
 */
export function warnOfExpiryAt(stamp: Pick<Stamp, 'issuedAt' | 'expiresAt'>, key: string): Date | undefined {
  const due = refreshAt(stamp, key)
  return due && stamp.expiresAt && new Date((due.getTime() + stamp.expiresAt.getTime()) / 2)
}

/** The earliest of these times among several Secrets; undefined when none of them ends. */
export const firstWarning = (secrets: ProjectedSecret[]): Date | undefined =>
  earliest(
    secrets.map(secret => {
      const stamp = readStamp(secret)
      return stamp && warnOfExpiryAt(stamp, keyOf(secret))
    }),
  )

export function earliest(times: (Date | undefined)[]): Date | undefined {
  const known = times.filter(time => time !== undefined).map(time => time.getTime())
  return known.length > 0 ? new Date(known.reduce((one, other) => Math.min(one, other))) : undefined
}
