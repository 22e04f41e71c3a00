/** Time for a call that cleans up. It does not end with the caller's signal. */
export const cleanup = (): AbortSignal => AbortSignal.timeout(5_000)
