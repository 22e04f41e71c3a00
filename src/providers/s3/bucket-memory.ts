/** What one session knows about buckets, so that its stores need not ask again. */
import { abortable } from '../deadline.ts'
import { Flights } from '../flights.ts'
import { type Answer, isOk } from './answer.ts'
import type { S3Calls, Target, Versioning } from './calls.ts'

const VERSIONING_MS = 5 * 60_000
const PROBED_MAX = 10_000

/** How far a probe key is known. */
export interface Probed {
  /** An upload that was started could be aborted. */
  uploadsEnd: boolean
  /** What a crash may have left was looked for. */
  swept: boolean
}

export class BucketMemory {
  readonly #calls: S3Calls
  readonly #clock: () => Date
  readonly #versioning = new Map<string, { answer: Answer<Versioning>; until: number }>()
  readonly #flights = new Flights<Answer<Versioning>>()
  readonly #probed = new Map<string, Probed>()

  constructor(calls: S3Calls, clock: () => Date) {
    this.#calls = calls
    this.#clock = clock
  }

  /** Asked once for all stores of a bucket. A refusal is not kept: whoever looks again wants to see it corrected. */
  versioning(bucket: string, signal: AbortSignal): Promise<Answer<Versioning>> {
    const known = this.#versioning.get(bucket)
    if (known && this.#clock().getTime() < known.until) return Promise.resolve(known.answer)
    const flight = this.#flights.share(bucket, async () => {
      const answer = await this.#calls.versioning(bucket)
      if (isOk(answer)) this.#versioning.set(bucket, { answer, until: this.#clock().getTime() + VERSIONING_MS })
      return answer
    })
    return abortable(flight, signal)
  }

  /** Undefined on the first look at a key. */
  probed({ bucket, key }: Target): Probed | undefined {
    return this.#probed.get(`${bucket}/${key}`)
  }

  remember({ bucket, key }: Target, probed: Probed): void {
    if (this.#probed.size >= PROBED_MAX) this.#probed.clear()
    this.#probed.set(`${bucket}/${key}`, probed)
  }
}
