/** Facts about connectors as they were a moment ago: each page asks for its findings again and again. */
import { readFacts } from '../../cli/actions/read-facts.ts'
import type { Cluster } from '../../cli/cluster/connect.ts'

type Facts = ReturnType<typeof readFacts>

/** Less than the time after which a page asks by itself, so that each of its answers is of now. */
const RECENT_MS = 15_000

export class RecentFacts {
  readonly #signal: AbortSignal
  readonly #read: typeof readFacts
  readonly #known = new Map<string, { endMs: number; facts: Facts }>()

  /** `signal`: aborts when the server ends. What one page has asked for, others wait for, too. */
  constructor(signal: AbortSignal, read = readFacts) {
    this.#signal = signal
    this.#read = read
  }

  /** Like `readFacts`. What failed is read again by the next one that asks. */
  read: typeof readFacts = (cluster: Cluster, connector) => {
    const now = performance.now()
    for (const [key, { endMs }] of this.#known) if (endMs <= now) this.#known.delete(key)
    const { uid, generation } = connector.metadata
    const key = `${uid} ${generation}`
    const known = this.#known.get(key)
    if (known) return known.facts
    const facts = this.#read(cluster, connector, this.#signal)
    this.#known.set(key, { endMs: now + RECENT_MS, facts })
    facts.catch(() => this.#known.delete(key))
    return facts
  }
}
