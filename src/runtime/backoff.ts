/** Pure: delays of retries, and jitter. Callers pass the randomness in. */
import { createHash } from 'node:crypto'

/** Returns a number in [0, 1), all equally likely. */
export type Random = () => number

export interface BackoffOptions {
  baseMs: number
  capMs: number
  random: Random
}

export interface Backoff {
  /** Returns the next delay in ms. */
  next(): number
  reset(): void
}

export interface KeyedBackoff {
  /** Returns the next delay of this key in ms. */
  next(key: string): number
  forget(key: string): void
}

/**
 * Delay of `baseMs * 2^attempt`, at most `capMs`, of which the upper half is random: retries spread out, and no delay
 * is shorter than the one before it until the cap is reached.
 */
function delay(attempt: number, { baseMs, capMs, random }: BackoffOptions): number {
  const full = Math.min(capMs, baseMs * 2 ** attempt)
  return full / 2 + random() * (full / 2)
}

export function createBackoff(options: BackoffOptions): Backoff {
  let attempt = 0
  return {
    next: () => delay(attempt++, options),
    reset() {
      attempt = 0
    },
  }
}

export function createKeyedBackoff(options: BackoffOptions): KeyedBackoff {
  const attempts = new Map<string, number>()
  return {
    next(key) {
      const attempt = attempts.get(key) ?? 0
      attempts.set(key, attempt + 1)
      return delay(attempt, options)
    },
    forget: key => void attempts.delete(key),
  }
}

const spread = (ms: number, fraction: number, unit: number): number => ms * (1 + fraction * (2 * unit - 1))

/** Returns `ms` more or less up to `fraction` of it, all equally likely. */
export const jittered = (ms: number, fraction: number, random: Random): number => spread(ms, fraction, random())

/**
 * Like `jittered`, but the key decides: the same key always gets the same delay, so that a restart computes the same
 * instant again, and different keys spread out.
 */
export const jitterFor = (key: string, ms: number, fraction: number): number =>
  spread(ms, fraction, createHash('sha256').update(key).digest().readUInt32BE(0) / 2 ** 32)
