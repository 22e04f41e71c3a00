import type { ProbeKey } from '../calls/call.ts'

/** What may be left at the key that the probes of a store use. */
export interface Leftovers {
  /** True once uploads that a crash may have left were looked for. */
  swept?: boolean
  /** True once an object could not be removed, although deletions of an absent one were allowed. */
  objectsStay?: boolean
}

const KEYS_MAX = 10_000

/** Memory that the sessions of a provider share: a session lasts for a few probes only, and the next one goes on. */
export class ProbedKeys {
  /** Least recently probed first. */
  readonly #known = new Map<string, Leftovers>()

  /** What may be left at a key; undefined before its first probe. `identity`: fingerprint of the identity. */
  get(identity: string, at: ProbeKey): Leftovers | undefined {
    return this.#known.get(nameOf(identity, at))
  }

  /** Sets the given members, and keeps the others as they were. */
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
