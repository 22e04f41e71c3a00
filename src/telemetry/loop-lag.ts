/**
 * Measures how late the event loop is, and says what was at work when it was very late: what computes for long holds up
 * all others, and the renewal of the lease, too.
 */

/** The keys that are worked on, and those that were until a moment ago. */
export class AtWork {
  readonly #now: () => number
  readonly #begins: () => void
  readonly #running = new Map<symbol, { key: string; since: number }>()
  /** Keys that have ended since the last look. */
  #ended: { key: string; since: number }[] = []

  /** `begins`: called each time before work begins. */
  constructor({ now = () => performance.now(), begins = () => {} }: { now?: () => number; begins?: () => void } = {}) {
    this.#now = now
    this.#begins = begins
  }

  get isAny(): boolean {
    return this.#running.size > 0
  }

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const id = Symbol(key)
    // It may look at what was at work until now.
    this.#begins()
    const entry = { key, since: this.#now() }
    this.#running.set(id, entry)
    try {
      return await work()
    } finally {
      this.#running.delete(id)
      this.#ended.push(entry)
    }
  }

  /**
   * The keys since the last look, those that began last first: what computes for long does so early, in its plan. Behind
   * them are those that began when the loop had been late for more than half of the time that it is late now.
   */
  look(lateMs = 0): string[] {
    const half = this.#now() - lateMs / 2
    const isLater = ({ since }: { since: number }) => Number(since > half)
    const entries = [...this.#running.values(), ...this.#ended]
    entries.sort((a, b) => isLater(a) - isLater(b) || b.since - a.since)
    this.#ended = []
    return entries.map(({ key }) => key)
  }
}

export interface LagOptions {
  atWork: Pick<AtWork, 'look'>
  log: { warn(fields: object, message: string): void }
  /** Told how late the loop was, in seconds, each time it is measured. */
  observe(seconds: number): void
}

const LATE_MS = 1_000
/** Keys that a line of the log names. */
const KEYS_MAX = 5

/** Says how late each beat of the event loop is, in ms. */
interface Beats {
  onBeat(look: (lateMs: number) => void): void
}

/** Measures at each beat. */
export function watchLoopLag(pulse: Beats, { atWork, log, observe }: LagOptions): void {
  pulse.onBeat(late => {
    observe(late / 1000)
    const keys = atWork.look(late)
    if (late < LATE_MS) return
    const lag = { lagMs: Math.round(late), keys: keys.slice(0, KEYS_MAX), keysAtWork: keys.length }
    log.warn(lag, 'the event loop was held up: one of these keys, the first most likely, took too much computing')
  })
}
