/** Memory of a session about buckets, so that its stores need not ask the service again. */
import { abortable } from '../../../async/deadline.ts'
import { setNewest } from '../../../async/fair-map.ts'
import { Flights } from '../../../async/flights.ts'
import { isOk } from '../../network/answer.ts'
import { type Answer, isUnknownCall } from '../answers/answer.ts'
import type { ProbeKey, Versioning } from '../calls/call.ts'
import type { ProbeCalls } from '../calls/probe-calls.ts'
import type { Leftovers, ProbedKeys, Prober } from './probed-keys.ts'

const VERSIONING_MS = 5 * 60_000
const KEYS_MAX = 10_000

/** Whether uploads and objects that a probe makes at a key were seen to be removed again. */
export interface Ends {
  uploads?: boolean
  objects?: boolean
}

export interface BucketMemoryOptions {
  calls: Pick<ProbeCalls, 'versioning'>
  /** Time in ms that never jumps. */
  monotonic: () => number
  /** Memory of the sessions before this one. `identity`: the one that they share. */
  probed: { keys: ProbedKeys; identity: Prober }
}

export class BucketMemory {
  readonly #calls: Pick<ProbeCalls, 'versioning'>
  readonly #monotonic: () => number
  readonly #versioning = new Map<string, { answer: Answer<Versioning>; until: number }>()
  readonly #versioningFlights = new Flights<Answer<Versioning>>()
  readonly #answers = new Map<string, Answer>()
  readonly #flights = new Flights<Answer>()
  readonly #ends = new Map<string, Ends>()
  readonly #probed: BucketMemoryOptions['probed']

  constructor({ calls, monotonic, probed }: BucketMemoryOptions) {
    this.#calls = calls
    this.#monotonic = monotonic
    this.#probed = probed
  }

  /**
   * Asks for the versioning of a bucket once for all its stores. A refusal is not kept: it may be corrected soon. A
   * service that does not know the call has no versions.
   */
  versioning(bucket: string, signal: AbortSignal): Promise<Answer<Versioning>> {
    const known = this.#versioning.get(bucket)
    if (known && this.#monotonic() < known.until) return Promise.resolve(known.answer)
    const flight = this.#versioningFlights.share(bucket, async () => {
      const said = await this.#calls.versioning(bucket)
      const answer = isUnknownCall(said) ? { ...said, value: 'Disabled' as const } : said
      const until = this.#monotonic() + VERSIONING_MS
      if (answer.value) setNewest(this.#versioning, bucket, { answer, until }, KEYS_MAX)
      return answer
    })
    return abortable(flight, signal)
  }

  /** Forgets the versioning of a bucket that was changed. */
  forget(bucket: string): void {
    this.#versioning.delete(bucket)
  }

  /** Says that a bucket has shown a version: somebody has switched versions on since it had none. */
  sawVersion(bucket: string): void {
    if (this.#versioning.get(bucket)?.answer.value === 'Disabled') this.#versioning.delete(bucket)
  }

  /** Asks a question once for the session. After a refusal it is asked again: that may be corrected soon. */
  once(question: string, ask: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    const known = this.#answers.get(question)
    if (known) return Promise.resolve(known)
    const flight = this.#flights.share(question, async () => {
      const answer = await ask()
      if (isOk(answer)) setNewest(this.#answers, question, answer, KEYS_MAX)
      return answer
    })
    return abortable(flight, signal)
  }

  /** What this session has seen removed at a key. It takes no other session's word, as rights may be lost. */
  ends({ bucket, key }: ProbeKey): Ends {
    return this.#ends.get(`${bucket}/${key}`) ?? {}
  }

  rememberEnds({ bucket, key }: ProbeKey, ends: Ends): void {
    setNewest(this.#ends, `${bucket}/${key}`, ends, KEYS_MAX)
  }

  /** What may be left at a key; undefined before the first probe of it. */
  leftovers(at: ProbeKey): Leftovers | undefined {
    return this.#probed.keys.get(this.#probed.identity, at)
  }

  /** Remembers the given members, and keeps the others as they were. */
  rememberLeftovers(at: ProbeKey, leftovers: Leftovers): void {
    this.#probed.keys.set(this.#probed.identity, at, leftovers)
  }
}
