/** What one session knows about buckets, so that its stores need not ask again. */

import { abortable } from '../../../async/deadline.ts'
import { Flights } from '../../../async/flights.ts'
import { isOk } from '../../network/answer.ts'
import { type Answer, isDenied } from '../answers/answer.ts'
import type { ProbeKey, Versioning } from '../calls/call.ts'
import type { ProbeCalls } from '../calls/probe-calls.ts'
import type { Leftovers, ProbedKeys } from './probed-keys.ts'

const VERSIONING_MS = 5 * 60_000
const KEYS_MAX = 10_000

export interface Ends {
  uploads?: boolean
  objects?: boolean
}

export interface BucketMemoryOptions {
  calls: Pick<ProbeCalls, 'versioning'>
  now: () => Date
  /** What sessions of the same identity, by its fingerprint, know already. */
  probed: { keys: ProbedKeys; identity: string }
}

export class BucketMemory {
  readonly #calls: Pick<ProbeCalls, 'versioning'>
  readonly #now: () => Date
  readonly #versioning = new Map<string, { answer: Answer<Versioning>; until: number }>()
  readonly #versioningFlights = new Flights<Answer<Versioning>>()
  readonly #answers = new Map<string, Answer>()
  readonly #flights = new Flights<Answer>()
  readonly #ends = new Map<string, Ends>()
  readonly #probed: BucketMemoryOptions['probed']

  constructor({ calls, now, probed }: BucketMemoryOptions) {
    this.#calls = calls
    this.#now = now
    this.#probed = probed
  }

  /** Asked once for all stores of a bucket. A refusal is not kept: whoever looks again wants to see it corrected. */
  versioning(bucket: string, signal: AbortSignal): Promise<Answer<Versioning>> {
    const known = this.#versioning.get(bucket)
    if (known && this.#now().getTime() < known.until) return Promise.resolve(known.answer)
    const flight = this.#versioningFlights.share(bucket, async () => {
      const answer = await this.#calls.versioning(bucket)
      if (isOk(answer)) this.#versioning.set(bucket, { answer, until: this.#now().getTime() + VERSIONING_MS })
      return answer
    })
    return abortable(flight, signal)
  }

  /** The bucket was changed: what it was is to be asked again. */
  forget(bucket: string): void {
    this.#versioning.delete(bucket)
  }

  /**
   * Asked once for the session. `needed`: a store is not Ready without it, so a refusal is asked about again; who only
   * wants to show it takes the refusal, too.
   */
  once(question: string, ask: () => Promise<Answer>, needed: boolean, signal: AbortSignal): Promise<Answer> {
    const known = this.#answers.get(question)
    if (known && (isOk(known) || !needed)) return Promise.resolve(known)
    const flight = this.#flights.share(question, async () => {
      const answer = await ask()
      if (isSettled(answer)) this.#answers.set(question, answer)
      return answer
    })
    return abortable(flight, signal)
  }

  /** Whether what is made at a key was seen to go again. Rights may be lost: each session looks for itself. */
  ends({ bucket, key }: ProbeKey): Ends {
    return this.#ends.get(`${bucket}/${key}`) ?? {}
  }

  rememberEnds({ bucket, key }: ProbeKey, ends: Ends): void {
    if (this.#ends.size >= KEYS_MAX) this.#ends.clear()
    this.#ends.set(`${bucket}/${key}`, ends)
  }

  /** Undefined on the first look at a key. */
  leftovers(at: ProbeKey): Leftovers | undefined {
    return this.#probed.keys.get(this.#probed.identity, at)
  }

  /** What is not said stays as it was. */
  rememberLeftovers(at: ProbeKey, leftovers: Leftovers): void {
    this.#probed.keys.set(this.#probed.identity, at, leftovers)
  }
}

/** Others may be different a moment later. */
const isSettled = (answer: Answer): boolean => isOk(answer) || isDenied(answer) || [405, 501].includes(answer.status)
