/** Facts about connectors as they were a moment ago: each page asks for its findings again and again. */
import type { Readers } from '../../cli/actions/doctor-facts.ts'
import { readFacts } from '../../cli/actions/read-facts.ts'
import { readAround } from '../../cli/actions/read-overview.ts'

/** Less than the time after which a page asks by itself, so that each of its answers is of now. */
const RECENT_MS = 15_000

interface Known<T> {
  endMs: number
  answer: Promise<T>
}

/** Reads like `doctor`. What failed is read again by the next one that asks. */
export class RecentFacts implements Readers {
  readonly #signal: AbortSignal
  readonly #read: Readers
  readonly #facts = new Map<string, Known<Awaited<ReturnType<Readers['facts']>>>>()
  readonly #around = new Map<string, Known<Awaited<ReturnType<Readers['around']>>>>()

  /** `signal`: aborts when the server ends. What one page has asked for, others wait for, too. */
  constructor(signal: AbortSignal, read: Readers = { facts: readFacts, around: readAround }) {
    this.#signal = signal
    this.#read = read
  }

  facts: Readers['facts'] = (cluster, connector) => {
    const { uid, generation } = connector.metadata
    return recent(this.#facts, `${uid} ${generation}`, () => this.#read.facts(cluster, connector, this.#signal))
  }

  around: Readers['around'] = cluster => recent(this.#around, 'all', () => this.#read.around(cluster, this.#signal))
}

function recent<T>(known: Map<string, Known<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const now = performance.now()
  for (const [old, { endMs }] of known) if (endMs <= now) known.delete(old)
  const found = known.get(key)
  if (found) return found.answer
  const answer = read()
  known.set(key, { endMs: now + RECENT_MS, answer })
  answer.catch(() => known.delete(key))
  return answer
}
