/** The result of a call of the SDK, as data. */
import { BOUNDS } from '../../../foreign/bounds.ts'
import { codeOf, cut, regionOf, shown } from '../../../foreign/text.ts'
import { elementOf } from '../../../foreign/xml.ts'
import { type Answer as AnyAnswer, askWith, noAnswer, UNEXPECTED, unread } from '../../network/answer.ts'
import type { Location } from '../../provider.ts'
import { saidIn } from '../../said.ts'

export interface Answer<T = unknown> extends AnyAnswer<T> {
  /** Region of the bucket, when the service names it. */
  region?: string
  /** STS was asked, and the refusal has the form that S3 has for errors. */
  ofS3?: boolean
}

interface SdkError extends Error {
  /** Code of the service. The SDK's own name for the error may differ: `InvalidIdentityTokenException`. */
  Code?: unknown
  Region?: unknown
  $metadata?: { httpStatusCode?: number }
  $response?: Response
}

interface Response {
  statusCode?: number
  headers?: Record<string, string>
  /** The body, where `readRefusals` has read it. */
  refusal?: string
  ofS3?: boolean
}

/** Reads the answer from an error; undefined for one that is neither an answer nor a broken connection: a bug. */
export function answerOfError(error: unknown): Answer | undefined {
  const cut = unread(error)
  if (cut) return cut
  if (!(error instanceof Error)) return undefined
  const { Code, $metadata, $response } = error as SdkError
  const status = $metadata?.httpStatusCode ?? $response?.statusCode
  // A success that the SDK can't read is a web page: of a console, a proxy, or another service.
  if (status !== undefined && status < 300) return UNEXPECTED
  if (status !== undefined) return refusal(status, error, $response)
  return codeOf(Code ?? error.name) === 'TimeoutError' ? { status: 0, code: 'DeadlineExceeded' } : noAnswer(error)
}

function refusal(status: number, error: SdkError, { headers = {}, refusal: given = '', ofS3 }: Response = {}): Answer {
  const body = given.slice(0, BOUNDS.answer)
  const code = [codeOf(error.Code ?? error.name), codeOf(elementOf(body, 'Code'))].find(name => name && hasCode(name))
  const message = shown(wordsIn(body) ?? (MADE_UP.test(error.message) ? undefined : error.message))
  const named = [headers['x-amz-bucket-region'], error.Region ?? elementOf(body, 'Region'), expected(message)]
  const region = named.map(regionOf).find(word => word !== undefined)
  return {
    status,
    ...(code ? { code } : {}),
    ...(message ? { message } : {}),
    ...(region ? { region } : {}),
    ...(ofS3 ? { ofS3 } : {}),
  }
}

/** Messages of the SDK, where it finds none. */
const MADE_UP = /^Unknown(?:Error)?$|Deserialization error/

/** What a body says in words: the message of an error, the title of a web page, or a line of plain text. */
function wordsIn(body: string): string | undefined {
  const text = body.trim()
  if (text === '') return undefined
  return text.startsWith('<') ? (elementOf(text, 'Message') ?? elementOf(text, 'title')) : cut(text, BOUNDS.message)
}

/** The region that a message about a signature names: MinIO's "expecting 'eu'", Garage's "expected: 'date/eu/s3/...'". */
const EXPECTED = /expect(?:ing|ed):? '(?:[^/']{0,64}\/)?([\w-]{1,63})['/]/

const expected = (message = ''): string | undefined => EXPECTED.exec(message)?.[1]

export const ask = askWith(answerOfError)

/** Takes from a success what is needed; what can't be read is no answer of S3, whatever it breaks. */
export function reading<Output, T>(output: Output, value: (output: Output) => T): T {
  try {
    return value(output)
  } catch (cause) {
    throw Object.assign(new Error('an answer that can not be read', { cause }), { $metadata: { httpStatusCode: 200 } })
  }
}

/** Whether the service gave the code: the SDK makes these up when an error has no body, or one that is not XML. */
const hasCode = (name: string): boolean =>
  !['Unknown', 'UnknownError', 'NotFound', 'Error', 'SyntaxError', 'TypeError'].includes(name)

/** Statuses that say that a bucket is in another region; 400 answers a signature for the wrong region. */
const ELSEWHERE = [301, 307, 400]

/** The region that an answer names instead of `region`. */
export function otherRegion({ status, region: named }: Answer, region: string): string | undefined {
  if (!ELSEWHERE.includes(status) || named === undefined || named === region) return undefined
  return regionOf(named)
}

/** Whether the bucket refuses a write for its ACL, as its Object Ownership takes none. */
export const takesNoAcl = ({ code }: Answer): boolean => code === 'AccessControlListNotSupported'

/** Whether an answer is a denial. Some services only say so by the code, not by the status. */
export const isDenied = ({ status, code = '' }: Answer): boolean => status === 403 || code.startsWith('AccessDenied')

/** Whether the service does not know the call. */
export const isUnknownCall = ({ status }: Answer): boolean => status === 405 || status === 501

/** Text for a denial: `s3:PutObject denied on s3://ml/prod for arn:...`. */
export const denial = (
  { action, location }: { action: string; location?: Pick<Location, 'uri'> },
  answer: Answer,
  { who }: { who: string },
): string => `${action} denied${location ? ` on ${location.uri}` : ''} for ${who}${because(answer) || saidIn(answer)}`

/** The part of the service's message that says why; the rest names keys and ids. */
const BECAUSE = /because no [a-z -]{1,80} allows the [\w:]{1,80} action|with an explicit deny in an? [a-z -]{1,80}/

function because({ message = '' }: Answer): string {
  const [reason] = BECAUSE.exec(message) ?? []
  return reason ? ` ${reason.trim()}` : ''
}

/** Text for an answer: `HTTP 400 InvalidRequest (the service says: "...")`. */
export const words = (answer: Answer): string => `${codeWords(answer)}${saidIn(answer)}`

/** Text for an answer without what the service says: `HTTP 400 InvalidRequest`. */
export const codeWords = ({ status, code }: Answer): string => `HTTP ${status}${code ? ` ${code}` : ''}`
