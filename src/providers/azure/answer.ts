/** What a call of the SDKs came to, as data. Their errors hold URLs with signatures and never leave this file. */
import { DeadlineExceeded } from '../deadline.ts'
import { EndpointRefused } from '../endpoint-guard.ts'

export interface Answer<T = unknown> {
  /** HTTP status; 0 when no answer came. */
  status: number
  /**
   * `ContainerNotFound`, `AADSTS700213`; absent on success. Without an answer why: `ECONNREFUSED`,
   * `DeadlineExceeded`, `EndpointRefused`, `UnexpectedAnswer`, a code of OpenSSL, ...
   */
  code?: string
  /** The service's words, and why it could not authenticate us. Never shown as they are: they hold ids and times. */
  message?: string
  /** On success. */
  value?: T
}

/** Thrown where an answer can't be a return value. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError'
  readonly answer: Answer

  constructor(answer: Answer) {
    super(answer.code ?? `HTTP ${answer.status}`)
    this.answer = answer
  }
}

/** What answers is no blob service and no Entra: a web page, a proxy, a stream without end. */
export const unexpectedAnswer = (): AnswerError => new AnswerError({ status: 0, code: 'UnexpectedAnswer' })

interface SdkError extends Error {
  code?: string
  statusCode?: number
  response?: { headers?: { get(name: string): string | undefined }; bodyAsText?: string | null }
}

/** Undefined for an error that is neither an answer nor a broken connection: a bug of ours. */
export function answerOfError(error: unknown): Answer | undefined {
  if (error instanceof AnswerError) return error.answer
  if (!(error instanceof Error)) return undefined
  const { code, message, statusCode, response } = error as SdkError
  if (statusCode !== undefined && statusCode < 300) return { status: 0, code: 'UnexpectedAnswer' }
  if (statusCode !== undefined) return refusal(statusCode, response)
  if (error instanceof EndpointRefused) return { status: 0, code: error.name, message }
  if (error instanceof DeadlineExceeded) return { status: 0, code: error.name }
  return code === undefined ? undefined : { status: 0, code }
}

export const isOk = ({ status }: Answer): boolean => status >= 200 && status < 300

/** HEAD has no body, and what a body says was not always understood: the header names the error in all cases. */
function refusal(status: number, response: SdkError['response']): Answer {
  const body = response?.bodyAsText ?? ''
  const code = response?.headers?.get('x-ms-error-code') ?? element(body, 'Code')
  const message = [element(body, 'Message'), element(body, 'AuthenticationErrorDetail')].filter(Boolean).join(' ')
  return { status, ...(code ? { code } : {}), ...(message ? { message } : {}) }
}

const element = (xml: string, name: string): string | undefined => new RegExp(`<${name}>([^<]*)`).exec(xml)?.[1]
