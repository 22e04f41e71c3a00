/**
 * Bounds what answers take of the memory, those of one call and those of all together. The process has one budget.
 *
 *     small  ----grows beyond 64 KiB---->  waiting  ----its turn---->  large  ----read---->  one large one a turn is parsed
 *
 * Small answers take no part in the budget: they are what nearly all calls get. A large one asks for all that it may
 * become, so that none waits half-read for another. Namespaces take turns, and so do endpoints; no namespace has more
 * than a half, and no endpoint more than a quarter; and an answer that keeps others waiting ends soon. So an endpoint
 * that answers everything with megabytes, or slowly, delays nobody much, nor does a tenant who has many of them.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { AnswersBusy, AnswerTooLarge } from './answer-limits.ts'

/** The most bytes of an answer that is not a list. */
export const SMALL_BYTES = 64 * 1024
/** The most bytes of a page of a list. */
export const LARGE_BYTES = 2 * 2 ** 20
/** An answer this large is parsed alone in its turn of the event loop. */
const HEAVY_BYTES = 2 ** 20

/** Ends each answer that was read, too, so that it is made once: an error of its own costs its stack. */
const GIVEN_UP = new AnswersBusy('given up')

type Share = 'endpoint' | 'tenant'
/** What each may have of all bytes. */
const SHARES: [share: Share, part: number][] = [
  ['endpoint', 1 / 4],
  ['tenant', 1 / 2],
]

export interface BudgetOptions {
  /** Bytes of all large answers. Default 16 MiB. */
  bytes?: number
  /** How long a large answer may be read while others wait. Default 2 s. */
  sliceMs?: number
  /** How long a large answer waits for its turn, which is less than calls have. Default 5 s. */
  patienceMs?: number
  /** Told of the bytes in memory of answers that are being read. */
  onChange?: (bytes: number) => void
}

/** The body of an answer while it is read. */
export interface MeteredBody {
  /** Takes a chunk at once while the answer is small, or has had its turn. False: nothing was taken; ask `grow`. */
  take(bytes: number): boolean
  /** Takes a chunk before it is kept. Rejects when the answer becomes too large, or there is no room for it. */
  grow(bytes: number): Promise<void>
  /** Resolves when it may be parsed: the answer is whole. */
  whole(): Promise<void>
  /** Gives the memory back. Call it once the body is parsed or given up; more calls do nothing. */
  release(): void
}

/** Meters the answers of one endpoint. */
export interface AnswerMeter {
  /** `max`: the most bytes that the answer may have. `abort`: told when it must end although nothing comes. */
  begin(max: number, abort?: (error: Error) => void): MeteredBody
}

interface Large {
  endpoint: string
  /** The namespace for which it is read. An answer for none counts for its endpoint. */
  tenant: string
  bytes: number
  since: number
  end(error: Error): void
}

interface Waiting {
  large: Large
  enter(): void
  patience: NodeJS.Timeout
}

export class AnswerBudget {
  readonly #options: Required<BudgetOptions>
  readonly #large = new Set<Large>()
  readonly #waiting: Waiting[] = []
  #inFlight = 0
  #timer: NodeJS.Timeout | undefined
  #parsing: Promise<unknown> = Promise.resolve()

  constructor({ bytes = 16 * 2 ** 20, sliceMs = 2_000, patienceMs = 5_000, onChange = () => {} }: BudgetOptions = {}) {
    this.#options = { bytes, sliceMs, patienceMs, onChange }
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** `tenant`: the namespace for which the endpoint is called. */
  endpoint(endpoint: string, tenant: string = endpoint): AnswerMeter {
    return { begin: (max, abort) => this.#begin({ endpoint, tenant }, max, abort) }
  }

  #begin(source: Pick<Large, 'endpoint' | 'tenant'>, max: number, abort?: (error: Error) => void): MeteredBody {
    let failure: Error | undefined
    let size = 0
    let large: (Large & { ended: PromiseWithResolvers<never> }) | undefined
    let [admitted, released] = [false, false]
    const end = (error: Error) => {
      failure ??= error
      large?.ended.reject(error)
      if (!released) abort?.(error)
    }
    return {
      take: bytes => {
        if (failure || size + bytes > (admitted ? max : Math.min(max, SMALL_BYTES))) return false
        size += bytes
        this.#count(bytes)
        return true
      },
      grow: async bytes => {
        if (failure) throw failure
        size += bytes
        this.#count(bytes)
        if (size > max) throw new AnswerTooLarge(max)
        if (size <= SMALL_BYTES || large) return
        large = { ...source, bytes: max, since: performance.now(), end, ended: Promise.withResolvers<never>() }
        large.ended.promise.catch(() => undefined) // it may end while nobody reads
        await Promise.race([this.#enter(large), large.ended.promise])
        admitted = true
      },
      whole: async () => {
        if (failure) throw failure
        if (size < HEAVY_BYTES) return
        const turn = this.#parsing.then(() => nextTurn())
        this.#parsing = turn
        await turn
      },
      release: () => {
        if (released) return
        released = true
        end(GIVEN_UP)
        this.#count(-size)
        if (large) this.#leave(large)
      },
    }
  }

  #count(bytes: number): void {
    this.#inFlight += bytes
    this.#options.onChange(this.#inFlight)
  }

  #enter(large: Large): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const giveUp = () => {
      large.end(new AnswersBusy('too many large answers are being read'))
      this.#leave(large)
    }
    const patience = setTimeout(giveUp, this.#options.patienceMs).unref()
    const enter = () => {
      clearTimeout(patience)
      large.since = performance.now()
      this.#large.add(large)
      resolve()
    }
    this.#waiting.push({ large, enter, patience })
    this.#admit()
    return promise
  }

  #leave(large: Large): void {
    this.#large.delete(large)
    const index = this.#waiting.findIndex(waiting => waiting.large === large)
    if (index >= 0) clearTimeout(this.#waiting.splice(index, 1)[0]?.patience)
    this.#admit()
  }

  /** Lets in whom there is room for: first whose namespace has least of it, then whose endpoint, then who came first. */
  #admit(): void {
    const { bytes } = this.#options
    for (;;) {
      const used = { endpoint: this.#usedBy('endpoint'), tenant: this.#usedBy('tenant') }
      const room = bytes - [...used.endpoint.values()].reduce((sum, each) => sum + each, 0)
      const of = (share: Share, { large }: Waiting) => used[share].get(large[share]) ?? 0
      // One answer may always be read, also where its share is less.
      const fits = (waiting: Waiting) => {
        const more = waiting.large.bytes
        return (
          more <= room && SHARES.every(([share, part]) => of(share, waiting) + more <= Math.max(bytes * part, more))
        )
      }
      const [next] = this.#waiting
        .filter(fits)
        .sort((a, b) => of('tenant', a) - of('tenant', b) || of('endpoint', a) - of('endpoint', b))
      if (!next) break
      this.#waiting.splice(this.#waiting.indexOf(next), 1)
      next.enter()
    }
    this.#watchSlices()
  }

  #usedBy(share: Share): Map<string, number> {
    const used = new Map<string, number>()
    for (const large of this.#large) used.set(large[share], (used.get(large[share]) ?? 0) + large.bytes)
    return used
  }

  /** While somebody waits, the answer that has been read for longest ends with its slice of time. */
  #watchSlices(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const [oldest] = [...this.#large].sort((a, b) => a.since - b.since)
    if (!oldest || this.#waiting.length === 0) return
    const left = oldest.since + this.#options.sliceMs - performance.now()
    this.#timer = setTimeout(
      () => {
        oldest.end(new AnswersBusy('it came too slowly while others waited'))
        this.#leave(oldest)
      },
      Math.max(0, left),
    ).unref()
  }
}
