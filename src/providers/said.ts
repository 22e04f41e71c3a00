/** Pure: failures quote what the service said of them, which often is the best hint of all. */
import { type Failure, isFailure } from '../api/failures.ts'
import { quotes, said } from '../foreign/said.ts'
import { redact } from '../telemetry/redact.ts'
import type { Answer } from './network/answer.ts'

/**
 * What messages may quote of an answer: empty, or begins with a space. `secrets`: credentials with which the service was
 * asked, and which it may repeat.
 */
export function saidIn(
  { status, code, message }: Pick<Answer, 'status' | 'code' | 'message'>,
  secrets: readonly string[] = [],
): string {
  // Without an answer, the message is of the operator itself.
  if (status === 0 || message === undefined) return ''
  const plain = secrets.reduce((text, secret) => (secret === '' ? text : text.replaceAll(secret, '...')), message)
  return said(redact(plain), code)
}

/** The failure with the service's own words behind its message, unless it has them already. */
export function quoting<T extends Failure | undefined>(failure: T, answer: Answer): T {
  if (!isFailure(failure) || quotes(failure.message)) return failure
  const words = saidIn(answer)
  return words === '' ? failure : { ...failure, message: `${failure.message}${words}` }
}
