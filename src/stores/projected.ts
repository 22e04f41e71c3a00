/** Pure: what the operator remembers of a Secret it projected. Never the data itself. */
import { createHash } from 'node:crypto'
import {
  CAUTIONS_ANNOTATION,
  CONTENT_ANNOTATION,
  EXPIRES_AT_ANNOTATION,
  GRANT_ANNOTATION,
  ISSUED_AT_ANNOTATION,
  MANAGED_BY_LABEL,
  OPERATOR,
  ROLE_LABEL,
  STORE_LABEL,
} from '../api/names.ts'
import type { KubeObject } from '../api/object.ts'
import { jitterFor } from '../runtime/backoff.ts'

/** A Secret in the cache: metadata and a hash instead of its data. */
export interface ProjectedSecret extends KubeObject {
  contentHash: string
}

/** Base64 values by key, as Secrets carry them. */
export type SecretData = Record<string, string>

export function contentHash(data: SecretData): string {
  const hash = createHash('sha256')
  for (const key of Object.keys(data).sort()) hash.update(`${key}\0${data[key]}\0`)
  return hash.digest('base64url')
}

/** The cache's transform: drops the data of a Secret, keeps its hash. */
export function toProjected(secret: KubeObject & { data?: SecretData }): ProjectedSecret {
  const { apiVersion, kind, metadata, data } = secret
  const { managedFields: _, ...kept } = metadata as typeof metadata & { managedFields?: unknown }
  return { apiVersion, kind, metadata: kept, contentHash: contentHash(data ?? {}) }
}

export interface Stamp {
  /** Hash of what the credentials were made from. */
  grant: string
  issuedAt: Date
  /** Undefined: they do not end. */
  expiresAt: Date | undefined
  /** What people must know of them; undefined: nothing. */
  cautions?: string | undefined
}

/** Said in words: credentials that end must not last for ever because their annotation is gone. */
const NEVER = 'never'

export const stampAnnotations = (stamp: Stamp, content: string): Record<string, string> => ({
  [GRANT_ANNOTATION]: stamp.grant,
  [ISSUED_AT_ANNOTATION]: stamp.issuedAt.toISOString(),
  [EXPIRES_AT_ANNOTATION]: stamp.expiresAt?.toISOString() ?? NEVER,
  [CONTENT_ANNOTATION]: content,
  ...(stamp.cautions ? { [CAUTIONS_ANNOTATION]: stamp.cautions } : {}),
})

export const ownerLabels = (store: string, role: string): Record<string, string> => ({
  [MANAGED_BY_LABEL]: OPERATOR,
  [STORE_LABEL]: store,
  [ROLE_LABEL]: role,
})

/** What its annotations say; undefined when somebody damaged them. */
export function readStamp(secret: ProjectedSecret): Stamp | undefined {
  const annotations = secret.metadata.annotations ?? {}
  const issuedAt = new Date(annotations[ISSUED_AT_ANNOTATION] ?? Number.NaN)
  const end = annotations[EXPIRES_AT_ANNOTATION]
  const expiresAt = end === NEVER ? undefined : new Date(end ?? Number.NaN)
  const grant = annotations[GRANT_ANNOTATION]
  if (!grant || !isTime(issuedAt) || (expiresAt && !isTime(expiresAt))) return undefined
  return { grant, issuedAt, expiresAt, cautions: annotations[CAUTIONS_ANNOTATION] }
}

const isTime = (date: Date): boolean => !Number.isNaN(date.getTime())

/** Somebody else changed the data. */
export const isEdited = (secret: ProjectedSecret): boolean =>
  secret.metadata.annotations?.[CONTENT_ANNOTATION] !== secret.contentHash

/**
 * When to replace credentials: at half of their life, up to a tenth of it earlier; never when they do not end. The same
 * instant after a restart, and another one for each key.
 */
export function refreshAt(stamp: Pick<Stamp, 'issuedAt' | 'expiresAt'>, key: string): Date | undefined {
  if (!stamp.expiresAt) return undefined
  const life = stamp.expiresAt.getTime() - stamp.issuedAt.getTime()
  return new Date(stamp.issuedAt.getTime() + jitterFor(key, life * 0.45, 0.1))
}
