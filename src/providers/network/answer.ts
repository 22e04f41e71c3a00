/** What a call of a cloud's SDK came to, as data. */
import { DeadlineExceeded } from '../../async/deadline.ts'
import { EndpointRefused } from './endpoint-guard.ts'
import type { Gate } from './gate.ts'

export interface Answer<T = unknown> {
  /** HTTP status; 0 when no answer came. */
  status: number
  /**
   * `AccessDenied`, `ContainerNotFound`, `AADSTS700213`; absent on success, and where the service names none. Without
   * an answer why: `ECONNREFUSED`, `DeadlineExceeded`, `EndpointRefused`, `UnexpectedAnswer`, a code of OpenSSL, ...
   */
  code?: string
  /** The service's words. Never shown as they are: they may hold ids and times. */
  message?: string
  /** On success. */
  value?: T
}

export const isOk = ({ status }: Answer): boolean => status >= 200 && status < 300

/** What answers is something else: a web page, a console, a proxy, another service. */
export const UNEXPECTED = { status: 0, code: 'UnexpectedAnswer' } as const

/** Why there is none; undefined for an error that is no broken connection: a bug of ours. */
export function noAnswer(error: Error & { code?: string }): Answer | undefined {
  const { name, code, message } = error
  if (error instanceof EndpointRefused) return { status: 0, code: name, message }
  if (error instanceof DeadlineExceeded) return { status: 0, code: name }
  return code === undefined ? undefined : { status: 0, code }
}

/**
 * One call through the gate, and what it came to. Rejects with `signal.reason` or a bug, which is what `answerOf` has
 * no answer for.
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
      return answer as A & { value?: T }
    }
  }
