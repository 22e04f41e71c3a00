/** What a plan may read of the cluster: only caches, so that planning is pure. */
import type { Failure } from '../api/failures.ts'
import type { ObjectMeta } from '../api/object.ts'
import type { OperatorIdentityLoan } from '../providers/provider.ts'

/** A labelled Secret or ConfigMap; values are decoded text. */
export interface KeyValues {
  values: Record<string, string>
  /** Keys that were looked for. Absent: all that the object has. */
  asked?: ReadonlySet<string>
  /** Bytes of the values that are too large to be read. */
  tooLarge?: Record<string, number>
  /** Names of some keys of the object, for messages. Absent: `values` has all. */
  names?: string[]
}

/** The longest value that is read, in bytes. */
export const VALUE_BYTES_MAX = 256 * 1024

export type ReferencedAccount = Pick<ObjectMeta, 'name' | 'namespace' | 'uid' | 'annotations'>

/** Namespaces to which an administrator limits the operator, so that it reads no labels of any (docs/adr/0039). */
export interface NamespaceLimit {
  has(namespace: string): boolean
  /** Whether what is in the namespace is known by now: it may be absent, or grant the operator nothing. */
  isRead(namespace: string): boolean
}

export interface ConnectorView {
  /** Undefined: all namespaces are watched, with their labels. */
  watched?: NamespaceLimit | undefined
  /** A Secret or ConfigMap, if it carries the label for credentials. */
  keyValues(kind: 'Secret' | 'ConfigMap', namespace: string, name: string): KeyValues | undefined
  serviceAccount(namespace: string, name: string): ReferencedAccount | undefined
  /** Audiences that tokens may be requested for. */
  allowedAudiences: readonly string[]
  token(account: ReferencedAccount, audience: string, signal: AbortSignal): Promise<string | Failure>
  /** Drops a token that a service has refused, so that it is not given out again. */
  tokenRefused(token: string): void
  /** How far an administrator lets connectors of this namespace act with the operator's own identity; undefined: never. */
  operatorIdentity(namespace: string): OperatorIdentityLoan | undefined
}
