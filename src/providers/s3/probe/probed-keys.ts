import type { ProbeKey } from '../calls/call.ts'

/** What may be left at the key that a store is probed by. */
export interface Leftovers {
  /** What a crash may have left was looked for. */
  swept?: boolean
  /** An object that was put could not be removed, whatever deletions of nothing had shown. */
  objectsStay?: boolean
}

const KEYS_MAX = 10_000

/** Shared by the sessions of a provider: each lasts for a few looks only, and the next goes on from there. */
export class ProbedKeys {
  /** Least recently probed first. */
  readonly #known = new Map<string, Leftovers>()

  /** Undefined on the first look at a key. `identity`: its fingerprint. */
  get(identity: string, at: ProbeKey): Leftovers | undefined {
    return this.#known.get(nameOf(identity, at))
  }

  /** What is not said stays as it was. */
  set(identity: string, at: ProbeKey, leftovers: Leftovers): void {
    const name = nameOf(identity, at)
    const before = this.#known.get(name)
    this.#known.delete(name)
    this.#known.set(name, { ...before, ...leftovers })
    const [oldest] = this.#known.keys()
    if (this.#known.size > KEYS_MAX && oldest !== undefined) this.#known.delete(oldest)
  }
}

const nameOf = (identity: string, { bucket, key }: ProbeKey): string => `${identity} ${bucket}/${key}`
