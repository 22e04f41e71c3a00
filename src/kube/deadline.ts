import { TransportError } from './errors.ts'

/**
 * Settles with `run`, or rejects when the caller's signal aborts (with its reason) or after `timeoutMs` (with a
 * TransportError), even if `run` does not listen to the signal it is given.
 *
 * By hand rather than AbortSignal.any: one listener on a long-lived signal that is gone when the call is over.
 */
export async function withDeadline<T>(
  what: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const controller = new AbortController()
  const aborted = Promise.withResolvers<never>()
  const abort = (reason: unknown): void => {
    aborted.reject(reason)
    controller.abort(reason)
  }
  const onAbort = (): void => abort(signal?.reason)
  const timer = setTimeout(
    () => abort(new TransportError(`${what}: no answer within ${timeoutMs / 1000} s`)),
    timeoutMs,
  )
  signal?.addEventListener('abort', onAbort)
  try {
    return await Promise.race([run(controller.signal), aborted.promise])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}
