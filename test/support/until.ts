import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'

/** Polls until `condition` gives a truthy value, and returns it. On timeout, rejects with `what` and the last state. */
export async function until<T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  { ms = 30_000, last }: { ms?: number; last?: () => unknown } = {},
): Promise<T> {
  const deadline = performance.now() + ms
  let error: unknown
  for (;;) {
    try {
      const value = await condition()
      if (value !== undefined && value !== false) return value
    } catch (cause) {
      error = cause
    }
    if (performance.now() > deadline) {
      const seen = last ? `; last seen: ${JSON.stringify(await last(), undefined, 1)}` : ''
      throw new Error(`not within ${ms / 1000} s: ${what}${seen}`, { cause: error })
    }
    await sleep(50)
  }
}

/**
 * Reads until it gives the same twice, and returns that. For metrics, which are read a second apart: an answer of the API
 * server is counted after others can see what was written.
 */
export async function steady<T>(what: string, read: () => Promise<T>): Promise<T> {
  let before: T | undefined
  const { value } = await until(what, async () => {
    const [last, value] = [before, await read()]
    before = value
    return isDeepStrictEqual(value, last) && { value }
  })
  return value
}
