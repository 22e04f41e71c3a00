import type { Gate } from '../gate.ts'
import { type Answer, answerOfError } from './answer.ts'

/** One call through the gate, and what it came to. Rejects with `signal.reason` or a bug. */
export async function ask<T>(
  gate: Gate,
  operation: string,
  signal: AbortSignal | undefined,
  send: (signal: AbortSignal) => Promise<T>,
): Promise<Answer<T>> {
  try {
    return { status: 200, value: await gate.run(operation, signal, send) }
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    const answer = answerOfError(error)
    if (!answer) throw error
    return answer as Answer<T>
  }
}
