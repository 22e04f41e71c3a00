import { FairMap } from '../../../async/fair-map.ts'
import type { Identity } from '../../provider.ts'
import type { ProbeKey } from '../calls/call.ts'

/** What may be left at the key that the probes of a store use. */
export interface Leftovers {
  /** True once uploads that a crash may have left were looked for. */
  swept?: boolean
  /** True once an object could not be removed, although deletions of an absent one were allowed. */
  objectsStay?: boolean
}

const KEYS_MAX = 10_000

/** Whose probes are remembered. */
export type Prober = Pick<Identity, 'fingerprint' | 'connector'>

/** Memory that the sessions of a provider share: a session lasts for a few probes only, and the next one goes on. */
export class ProbedKeys {
  /** By namespaces of connectors. */
  readonly #known = new FairMap<Leftovers>(KEYS_MAX)

  /** What may be left at a key; undefined before its first probe. */
  get(identity: Prober, at: ProbeKey): Leftovers | undefined {
    return this.#known.get(nameOf(identity, at))
  }

  /** Sets the given members, and keeps the others as they were. */
  set(identity: Prober, at: ProbeKey, leftovers: Leftovers): void {
    const name = nameOf(identity, at)
    const [namespace = ''] = identity.connector.split('/', 1)
    this.#known.set(namespace, name, { ...this.#known.get(name), ...leftovers })
  }
}

const nameOf = ({ fingerprint }: Prober, { bucket, key }: ProbeKey): string => `${fingerprint} ${bucket}/${key}`
