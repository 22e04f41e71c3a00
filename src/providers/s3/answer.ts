/** What a call of the SDK came to, as data. */
import { DeadlineExceeded } from '../deadline.ts'
import { EndpointRefused } from '../endpoint-guard.ts'

export interface Answer<T = unknown> {
  /** HTTP status; 0 when no answer came. */
  status: number
  /**
   * `AccessDenied`; absent on success, and for HEAD, whose errors have no body. Without an answer why:
   * `ECONNREFUSED`, `DeadlineExceeded`, `EndpointRefused`, `UnexpectedAnswer`, a code of OpenSSL, ...
   */
  code?: string
  /** The service's words. Never shown as they are: they may hold request ids. */
  message?: string
  /** The bucket's region, when the service names it. */
  region?: string
  /** On success. */
  value?: T
}

interface SdkError extends Error {
  code?: string
  $metadata?: { httpStatusCode?: number }
  $response?: { statusCode?: number; headers?: Record<string, string> }
}

/** Undefined for an error that is neither an answer nor a broken connection: a bug of ours. */
export function answerOfError(error: unknown): Answer | undefined {
  if (!(error instanceof Error)) return undefined
  const { name, code, message, $metadata, $response } = error as SdkError
  const status = $metadata?.httpStatusCode ?? $response?.statusCode
  // A success that can't be read is a web page: a console, a proxy, or another service.
  if (status !== undefined && status < 300) return { status: 0, code: 'UnexpectedAnswer' }
  if (status !== undefined) {
    const region = $response?.headers?.['x-amz-bucket-region'] ?? /expecting '([a-z0-9-]+)'/.exec(message)?.[1]
    return { status, ...(hasCode(name) ? { code: name } : {}), message, ...(region ? { region } : {}) }
  }
  if (error instanceof EndpointRefused) return { status: 0, code: error.name, message }
  if (error instanceof DeadlineExceeded || name === 'TimeoutError') return { status: 0, code: 'DeadlineExceeded' }
  return code === undefined ? undefined : { status: 0, code }
}

/** The SDK makes these up when an error has no body, or one that is not the service's XML. */
const hasCode = (name: string): boolean =>
  !['Unknown', 'UnknownError', 'NotFound', 'Error', 'SyntaxError', 'TypeError'].includes(name)

export const isOk = ({ status }: Answer): boolean => status >= 200 && status < 300

/** Statuses with which a service sends elsewhere; 400 is what it has for a signature for the wrong region. */
const ELSEWHERE = [301, 307, 400]

/** The region that an answer names instead of `region`. It becomes part of host names, so nothing else is taken for one. */
export function otherRegion({ status, region: named }: Answer, region: string): string | undefined {
  if (!ELSEWHERE.includes(status) || named === undefined || named === region) return undefined
  return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(named) && named.length <= 63 ? named : undefined
}
