/** What a call of the SDK came to, as data. */
import { type Answer as AnyAnswer, askWith, noAnswer, UNEXPECTED } from '../../network/answer.ts'
import type { Location } from '../../provider.ts'

export interface Answer<T = unknown> extends AnyAnswer<T> {
  /** The bucket's region, when the service names it. */
  region?: string
}

interface SdkError extends Error {
  /** In the service's words; the SDK's name for it may end in `Exception`: `InvalidIdentityTokenException`. */
  Code?: string
  $metadata?: { httpStatusCode?: number }
  $response?: { statusCode?: number; headers?: Record<string, string> }
}

/** Undefined for an error that is neither an answer nor a broken connection: a bug of ours. */
export function answerOfError(error: unknown): Answer | undefined {
  if (!(error instanceof Error)) return undefined
  const { Code, message, $metadata, $response } = error as SdkError
  const name = Code ?? error.name
  const status = $metadata?.httpStatusCode ?? $response?.statusCode
  // A success that can't be read is a web page: a console, a proxy, or another service.
  if (status !== undefined && status < 300) return UNEXPECTED
  if (status !== undefined) {
    const region = $response?.headers?.['x-amz-bucket-region'] ?? /expecting '([a-z0-9-]+)'/.exec(message)?.[1]
    return { status, ...(hasCode(name) ? { code: name } : {}), message, ...(region ? { region } : {}) }
  }
  return name === 'TimeoutError' ? { status: 0, code: 'DeadlineExceeded' } : noAnswer(error)
}

export const ask = askWith(answerOfError)

/** The SDK makes these up when an error has no body, or one that is not the service's XML. */
const hasCode = (name: string): boolean =>
  !['Unknown', 'UnknownError', 'NotFound', 'Error', 'SyntaxError', 'TypeError'].includes(name)

/** Statuses with which a service sends elsewhere; 400 is what it has for a signature for the wrong region. */
const ELSEWHERE = [301, 307, 400]

/** The region that an answer names instead of `region`. It becomes part of host names, so nothing else is taken for one. */
export function otherRegion({ status, region: named }: Answer, region: string): string | undefined {
  if (!ELSEWHERE.includes(status) || named === undefined || named === region) return undefined
  return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(named) && named.length <= 63 ? named : undefined
}

/** Not every service and protocol says so by the status. */
export const isDenied = ({ status, code = '' }: Answer): boolean => status === 403 || code.startsWith('AccessDenied')

/** `s3:PutObject denied on s3://ml/prod for arn:...` */
export const denial = (
  { action, location }: { action: string; location?: Pick<Location, 'uri'> },
  answer: Answer,
  { who }: { who: string },
): string => `${action} denied${location ? ` on ${location.uri}` : ''} for ${who}${because(answer)}`

/** Why, in the service's own terms; the rest of its message names keys and ids. */
const BECAUSE = /because no [a-z -]+ allows the [\w:]+ action|with an explicit deny in an? [a-z -]+/

function because({ message = '' }: Answer): string {
  const [reason] = BECAUSE.exec(message) ?? []
  return reason ? ` ${reason.trim()}` : ''
}

/** `HTTP 400 InvalidRequest` */
export const words = ({ status, code }: Answer): string => `HTTP ${status}${code ? ` ${code}` : ''}`
