/** The result of an SDK call, as data. The SDKs' errors hold URLs with signatures and never leave this file. */
import { BOUNDS } from '../../foreign/bounds.ts'
import { codeOf, shown } from '../../foreign/text.ts'
import { elementOf } from '../../foreign/xml.ts'
import { type Answer, askWith, noAnswer, UNEXPECTED, unread } from '../network/answer.ts'

/** Carries an answer where it can't be a return value. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError'
  readonly answer: Answer

  constructor(answer: Answer) {
    super(answer.code ?? `HTTP ${answer.status}`)
    this.answer = answer
  }
}

/** The answer is that of no blob service and no Entra: a web page, a proxy, a stream without end. `message`: its text. */
export const unexpectedAnswer = (message?: string): AnswerError =>
  new AnswerError(message === undefined ? UNEXPECTED : { ...UNEXPECTED, message })

interface SdkError extends Error {
  statusCode?: number
  response?: { headers?: { get(name: string): string | undefined }; bodyAsText?: string | null }
}

/** Undefined for an error that is neither an answer nor a broken connection: a bug of ours. */
export function answerOfError(error: unknown): Answer | undefined {
  if (error instanceof AnswerError) return error.answer
  const cut = unread(error)
  if (cut) return cut
  if (!(error instanceof Error)) return undefined
  const { statusCode, response } = error as SdkError
  if (statusCode !== undefined && statusCode < 300) return UNEXPECTED
  if (statusCode !== undefined) return refusal(statusCode, response)
  return noAnswer(error)
}

export const ask = askWith(answerOfError)

/** The error's name comes from the header first: answers to HEAD have no body, and the SDK can't read every body. */
function refusal(status: number, response: SdkError['response']): Answer {
  const body = response?.bodyAsText?.slice(0, BOUNDS.answer) ?? ''
  const code = codeOf(response?.headers?.get('x-ms-error-code')) ?? codeOf(elementOf(body, 'Code'))
  const message = shown(
    ['Message', 'AuthenticationErrorDetail', 'HeaderName']
      .map(name => elementOf(body, name))
      .filter(Boolean)
      .join(' '),
  )
  return { status, ...(code ? { code } : {}), ...(message ? { message } : {}) }
}
