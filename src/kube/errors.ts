/** Errors of calls to the API server, with what a caller needs to decide about a retry. */

import { BOUNDS } from '../foreign/bounds.ts'
import { codeOf as foreignCode, shown } from '../foreign/text.ts'

interface Status {
  reason?: string
  message?: string
  details?: { retryAfterSeconds?: number }
}

/**
 * All that kube-apiserver says of a JSON patch that it can't apply (`endpoints/handlers/patch.go` drops the cause, and
 * `NewGenericServerResponse` of apimachinery has these words for the code). Of what admission or validation refuses it says
 * more.
 */
const UNFIT = 'the server rejected our request due to an error in our request'

/** The longest pause that an API server asks for and gets. */
const PAUSE_MAX_S = 300

/** The API server answered with a failure. `reason` is the Status reason: `NotFound`, `Conflict`, `Expired`, ... */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: number
  readonly reason: string
  /** What the API server, or a webhook or policy of others, says: bounded and cleaned. Empty when it says nothing. */
  readonly words: string
  /** Whether a JSON patch could not be applied to the object as it is, such as one whose test failed. */
  readonly isUnfit: boolean
  readonly retryAfterMs: number | undefined

  constructor(code: number, status: Status, what: string, retryAfterMs?: number) {
    // Webhooks of others write messages, too.
    const words = shown(status.message, BOUNDS.message)
    super(`${what}: ${words ?? `HTTP ${code}`}`)
    this.words = words ?? ''
    this.isUnfit = code === 422 && status.message === UNFIT
    this.code = code
    this.reason = foreignCode(status.reason) ?? ''
    const seconds = Math.min(status.details?.retryAfterSeconds || 0, PAUSE_MAX_S)
    this.retryAfterMs = retryAfterMs ?? (seconds > 0 ? seconds * 1000 : undefined)
  }
}

/** The API server ended a watch that had begun, by an ERROR event. */
export class WatchError extends ApiError {}

/**
 * The call got no answer: it was refused, reset, timed out or not sent, or what came is none of an API server. `code`
 * is the error code of Node or undici where there is one: `ECONNREFUSED`, `ECONNRESET`, `UND_ERR_SOCKET`, ...
 */
export class TransportError extends Error {
  override readonly name: string = 'TransportError'
  readonly code: string | undefined

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = codeOf(cause)
  }
}

/** Wraps an error that the network stack threw during `what`. */
export function noAnswer(what: string, error: unknown): TransportError {
  if (error instanceof TransportError) return error
  // An AggregateError, for a host all of whose addresses refused, has a code but no message.
  const why = (error instanceof Error && error.message) || codeOf(error) || String(error)
  return new TransportError(`${what}: ${why}`, error)
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : undefined
}

/** Whether the API server refused a call or did not answer it. Any other error is a bug. */
export const isFailedCall = (error: unknown): error is ApiError | TransportError =>
  error instanceof ApiError || error instanceof TransportError

const hasCode = (error: unknown, code: number): boolean => error instanceof ApiError && error.code === code

export const isUnauthorized = (error: unknown): boolean => hasCode(error, 401)
/** Whether the object is not there. A policy that denies the call with this code says nothing of that. */
export const isNotFound = (error: unknown): boolean => hasCode(error, 404) && !isDenied(error)
/** What a call gives where the object is not there: `await client.get(...).catch(orNothing)`. Throws any other error. */
export function orNothing(error: unknown): undefined {
  if (isNotFound(error)) return undefined
  throw error
}
/** Whether the API server knows no such kind: of an object that is not there, it says so by a reason. */
export const isUnserved = (error: unknown): boolean => hasCode(error, 404) && (error as ApiError).reason === ''
/** Whether another write came first, or there is an object of that name. A denial with this code says neither. */
export const isConflict = (error: unknown): boolean => hasCode(error, 409) && !isDenied(error)
export const isForbidden = (error: unknown): boolean => hasCode(error, 403)
export const isGone = (error: unknown): boolean => hasCode(error, 410)
/** Whether the `test` of a JSON patch failed, and so nothing was written. */
export const isFailedTest = (error: unknown): boolean => error instanceof ApiError && error.isUnfit

/**
 * Whether a webhook or a policy of the cluster denied the call. They choose the code themselves, also 404 and 409; the
 * API server begins their words with its own (`admission/plugin/policy/validating/dispatcher.go`,
 * `admission/plugin/webhook/errors/statuserror.go`).
 */
export const isDenied = (error: unknown): error is ApiError =>
  error instanceof ApiError &&
  (/^admission webhook "[^"]{1,512}" denied the request/.test(error.words) ||
    /ValidatingAdmissionPolicy '[^']{1,512}' with binding '[^']{1,512}' denied request/.test(error.words))

/**
 * Whether somebody in the cluster decided against what was written: a policy, a webhook, validation, a quota, or RBAC. The
 * `test` of a patch that failed is a lost race.
 */
export const isRefused = (error: unknown): error is ApiError =>
  isDenied(error) || (error instanceof ApiError && REFUSALS.has(error.code) && !error.isUnfit)
const REFUSALS: ReadonlySet<number> = new Set([400, 403, 413, 422])

/** Whether the namespace of the object is being deleted. */
export const isOfEndingNamespace = (error: unknown): boolean => says(error, 'being terminated')
/** Whether a ResourceQuota leaves no room for the object. */
export const isOverQuota = (error: unknown): boolean => says(error, 'exceeded quota')

const says = (error: unknown, words: string): boolean => error instanceof ApiError && error.words.includes(words)
