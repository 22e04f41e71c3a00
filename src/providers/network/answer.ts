/** The result of a call of a cloud's SDK, as data. */
import { DeadlineExceeded } from '../../async/deadline-exceeded.ts'
import { AnswersBusy, AnswerTooLarge } from './answer-limits.ts'
import { EndpointRefused } from './endpoint-rules.ts'
import type { Gate } from './gate.ts'

export interface Answer<T = unknown> {
  /** HTTP status; 0 when no answer came. */
  status: number
  /**
   * Code that the service gives: `AccessDenied`, `ContainerNotFound`, `AADSTS700213`. Absent on success, and where the
   * service gives none. When no answer came, why: `ECONNREFUSED`, `DeadlineExceeded`, a code of OpenSSL, ...
   */
  code?: string
  /** Message of the service. Never shown as it is: it may contain ids and times. */
  message?: string
  /** Present on success. */
  value?: T
}

export const isOk = ({ status }: Answer): boolean => status >= 200 && status < 300

/** The answer of something that is not the service: a web page, a console, a proxy, another service. */
export const UNEXPECTED = { status: 0, code: 'UnexpectedAnswer' } as const

/** The answer for a body that was not read to its end; undefined for any other error. */
export function unread(error: unknown): Answer | undefined {
  if (error instanceof AnswerTooLarge) return { status: 0, code: error.code, message: error.words }
  return error instanceof AnswersBusy ? { status: 0, code: error.code } : undefined
}

/** Whether the answer was larger than what the operation takes. */
export const isTooLarge = ({ code }: Answer): boolean => code === 'AnswerTooLarge'

/** Why no answer came; undefined for an error that is not a broken connection, and so a bug of ours. */
export function noAnswer(error: Error & { code?: string }): Answer | undefined {
  const { name, code, message } = error
  if (error instanceof EndpointRefused) return { status: 0, code: name, message }
  if (error instanceof DeadlineExceeded) return { status: 0, code: name }
  return code === undefined ? undefined : { status: 0, code }
}

/**
 * Makes a function that sends one call through a gate, and returns its answer. The function rejects with
 * `signal.reason`, or with a bug: an error for which `answerOf` has no answer.
 */
export const askWith =
  <A extends Answer>(answerOf: (error: unknown) => A | undefined) =>
  async <T>(
    gate: Gate,
    operation: string,
    signal: AbortSignal | undefined,
    send: (signal: AbortSignal) => Promise<T>,
  ): Promise<A & { value?: T }> => {
    try {
      return { status: 200, value: await gate.run(operation, signal, send) } as A & { value: T }
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      const answer = answerOf(error)
      if (!answer) throw error
      if (isTooLarge(answer)) return { ...answer, message: `${operation} with ${answer.message}` } as A & { value?: T }
      return answer as A & { value?: T }
    }
  }
