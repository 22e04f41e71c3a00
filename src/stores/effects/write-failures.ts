/** Why a Secret could not be written, as status says it. */
import { type Failure, stalled, transient, waiting } from '../../api/failures.ts'
import type { KubeObject } from '../../api/object.ts'
import {
  type ApiError,
  isConflict,
  isDenied,
  isFailedCall,
  isFailedTest,
  isForbidden,
  isNotFound,
  isOfEndingNamespace,
  isOverQuota,
  isRefused,
} from '../../kube/errors.ts'
import { redact } from '../../telemetry/redact.ts'
import { claimedStoreOf } from '../plan/projected-secret.ts'
import type { SecretWrite } from './desired-secret.ts'

export const SECRET_IMMUTABLE = 'SecretImmutable'
const REFUSED = 'SecretRefused'
const ALTERED = 'SecretAltered'
export const OVER_QUOTA = 'QuotaExceeded'

/** Reasons of writes that are decided by somebody in the cluster, and will not go well before that somebody acts. */
const DECIDED = [REFUSED, ALTERED, OVER_QUOTA, 'NamespaceNotAllowed', 'SecretForbidden']
/** Reason of writes that the API server, or a webhook that it asks, has failed at: nobody knows for how long. */
const NOT_WRITTEN = 'SecretNotWritten'
const REPEATED = new Set([...DECIDED, NOT_WRITTEN])

/** Whether the same write is likely to fail again, so that a dry run of it comes before new credentials. */
export const mayFailAgain = ({ reason }: Failure): boolean => REPEATED.has(reason)

/** What was written, which the words of a policy may repeat. */
type Written = Pick<SecretWrite, 'data' | 'secretKey'>

export function explain(error: unknown, key: string, written: Written = { data: {} }): Failure {
  if (isDenied(error)) return OWN_NAMESPACE.test(error.words) ? ownNamespace(key) : denied(error, key, written)
  if (isNotFound(error) || isConflict(error)) return changed(key)
  if (isForbidden(error)) return forbidden(error, key, written)
  if (isRefused(error)) return isLateImmutable(error) ? changed(key) : denied(error, key, written)
  if (isFailedTest(error)) return changed(key)
  if (!isFailedCall(error)) throw error
  const words = 'words' in error ? wordsOf(error, written) : ''
  return transient(NOT_WRITTEN, `Secret "${key}" could not be written${words && ` (${words})`}; it is tried again`)
}

/** The Secret has just been made immutable: the watch is about to tell. */
const isLateImmutable = ({ words }: ApiError): boolean => words.includes('field is immutable when `immutable` is set')

function denied(error: ApiError, key: string, written: Written): Failure {
  return stalled(
    REFUSED,
    `Secret "${key}" was refused: ${wordsOf(error, written)}: change that policy, or what the store asks for`,
  )
}

/** Explains a 403, which comes not only from RBAC: quotas and admission send it, too, each with its own message. */
function forbidden(error: unknown, key: string, written: Written): Failure {
  const { words } = error as ApiError
  if (isOfEndingNamespace(error)) {
    return waiting('NamespaceTerminating', `the namespace of Secret "${key}" is being deleted`)
  }
  if (isOverQuota(error)) {
    return stalled(OVER_QUOTA, `Secret "${key}": the ResourceQuota of its namespace is used up: raise it`)
  }
  // RBAC names the kind only; whoever judges the object names the object: `secrets "x" is forbidden`.
  if (words.startsWith('secrets "') || words.startsWith('Secret "')) return denied(error as ApiError, key, written)
  return stalled(
    'SecretForbidden',
    `the API server lets the operator not write Secret "${key}" (${wordsOf(error as ApiError, written)}): check the permissions of deploy/`,
  )
}

/** What `deploy/admission-secrets.yaml` says of the operator's own namespace. */
const OWN_NAMESPACE = /may write no Secrets of stores into its own namespace/

const ownNamespace = (key: string): Failure =>
  stalled(
    'NamespaceNotAllowed',
    `Secret "${key}": the operator's own namespace gets no Secrets of stores: make the store in another namespace`,
  )

/**
 * Explains what a policy changed of the Secret: it would be changed again with each write. `unseen`: why it is still
 * there although the operator does not see it.
 */
export const altered = (key: string, what: string, unseen?: Failure): Failure =>
  stalled(
    ALTERED,
    `Secret "${key}" is changed when it is written (${what}): have the admission policy or webhook that does it leave out Secrets with the label app.kubernetes.io/managed-by=artifact-store-operator${unseen ? '; it could not be deleted again, and the operator does not see it any more: delete it' : ''}`,
  )

export const immutableAgain = (key: string): Failure =>
  stalled(
    SECRET_IMMUTABLE,
    `Secret "${key}" was made immutable again, right after it was made anew: find out who does that; it is made anew ever more seldom while that goes on`,
  )

/** Explains why an immutable Secret is kept: its successor must be accepted before it is deleted. */
export const noRoomForTwo = (key: string): Failure =>
  stalled(
    OVER_QUOTA,
    `Secret "${key}" is immutable, so it is made anew once another Secret would be accepted, and the ResourceQuota of its namespace is used up: raise it by one, or delete the Secret; and find out who set "immutable"`,
  )

/** Does not name the other store: only people who may read the Secret may learn whose it is. */
export const conflict = (key: string, existing: KubeObject): Failure =>
  stalled(
    'SecretConflict',
    claimedStoreOf(existing)
      ? `Secret "${key}" belongs to another ArtifactStore: give the entry another secretName`
      : `Secret "${key}" exists and was not made for this store: delete it, or give the entry another secretName`,
  )

export const namespaceGone = (key: string): Failure =>
  waiting('NamespaceNotFound', `the namespace of Secret "${key}" is gone: its Secret follows it when it is back`)

export const changed = (key: string): Failure =>
  transient('SecretChanged', `Secret "${key}" changed while it was written; it is tried again`)

/** Length of a piece of data by which it is recognized in the words of others. Names of keys and hosts are shorter. */
const PIECE = 16
/** Length of the shortest keys that services take. */
const SHORTEST = 3
const HIDDEN = '[REDACTED]'

/** The API server's words, or those of a policy, without what was written: policies may repeat what they refuse. */
function wordsOf({ words, code }: ApiError, { data, secretKey }: Written): string {
  if (words === '') return `HTTP ${code}`
  return redact(withoutShort(without(words, data), secretKey))
}

/** Hides a key that is too short to be found piece by piece: services other than AWS have such. */
function withoutShort(text: string, secretKey = ''): string {
  if (secretKey.length < SHORTEST || secretKey.length >= PIECE) return text
  const encoded = Buffer.from(secretKey).toString('base64')
  return text.replaceAll(encoded, HIDDEN).replaceAll(secretKey, HIDDEN)
}

/** Hides each part of a text that is a piece of the data, in plain text or in base64. Linear in both. */
function without(text: string, data: Readonly<Record<string, string>>): string {
  const pieces = new Set<string>()
  for (let at = 0; at + PIECE <= text.length; at++) pieces.add(text.slice(at, at + PIECE))
  const found = new Set<string>()
  const search = (value: string) => {
    for (let at = 0; at + PIECE <= value.length; at++) {
      const piece = value.slice(at, at + PIECE)
      if (pieces.has(piece)) found.add(piece)
    }
  }
  for (const value of Object.values(data)) {
    search(value)
    search(Buffer.from(value).toString('base64'))
  }
  if (found.size === 0) return text
  let shown = ''
  let until = 0
  for (let at = 0; at < text.length; at++) {
    if (found.has(text.slice(at, at + PIECE))) {
      if (at >= until) shown += HIDDEN
      until = at + PIECE
    }
    if (at >= until) shown += text[at]
  }
  return shown
}
