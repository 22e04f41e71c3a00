/**
 * Sends commands of the SDK by a shorter way than the SDK's own (docs/adr/0037). The SDK still finds the endpoint, writes
 * and signs the request, and reads the answer. Left out are its twenty middlewares, which are put together anew for each
 * command, and the streams and connections of Node.
 */
import type { Dispatcher } from 'undici'
import { setNewest } from '../../../async/fair-map.ts'
import type { AnswerMeter } from '../../network/answer-budget.ts'
import { exchange, type HttpAnswer } from '../../network/exchange.ts'
import { maxBytesOf } from './answer-size.ts'
import { isErrorOfS3, Refused, refuseWebPage, unreadable } from './refusals.ts'
import { retried } from './retry.ts'
import { type Command, operationOf, type SdkClient, type SdkRequest, type Way, wayOf } from './way.ts'

export interface WireOptions {
  dispatcher: Dispatcher
  answers: AnswerMeter
  /** Whether S3 is called, and not STS. */
  isOfS3: boolean
  /** Told of each call that fails in the end. */
  note?: Note | undefined
}

/** Makes of the input of a command what its error goes through. */
export type Note = (input: object) => (error: unknown) => never

/** How many ways are remembered: one for each bucket, or for each operation of STS. */
const WAYS_MAX = 1_000
/** The SDK takes clocks for equal that differ by less. */
const SKEW_MS = 4 * 60_000

/** Sends commands like `client.send`, with the same results, and errors that `answerOfError` reads in the same way. */
export function wiredSend<Send>(client: { send: Send; config: object }, options: WireOptions): Send {
  const wire = new Wire(client as never, options)
  const send = (command: Command, { abortSignal }: { abortSignal: AbortSignal }) => {
    const sent = wire.send(command, abortSignal)
    return options.note ? sent.catch(options.note(command.input)) : sent
  }
  return send as Send
}

class Wire {
  readonly #client: SdkClient
  readonly #options: WireOptions
  readonly #ways = new Map<string, Way>()

  constructor(client: SdkClient, options: WireOptions) {
    this.#client = client
    this.#options = options
  }

  async send(command: Command, signal: AbortSignal): Promise<object> {
    const way = await this.#wayOf(command)
    if (!way) return this.#client.send(command, { abortSignal: signal })
    const request = await way.write(command)
    return retried(signal, () => this.#attempt(command, way, request, signal))
  }

  async #wayOf(command: Command): Promise<Way | undefined> {
    const name = command.input.Bucket ?? operationOf(command).name
    const known = this.#ways.get(name)
    if (known) return known
    const way = await wayOf(this.#client, command)
    if (way) setNewest(this.#ways, name, way, WAYS_MAX)
    return way
  }

  async #attempt(command: Command, way: Way, request: SdkRequest, signal: AbortSignal): Promise<object> {
    const { config } = this.#client
    const { dispatcher, answers, isOfS3 } = this.#options
    const before = config.systemClockOffset
    const { method, path, query, headers, body } = (await way.sign?.(request, new Date(Date.now() + before))) ?? request
    const operation = operationOf(command)
    const answer = await exchange(
      dispatcher,
      { origin: way.origin, method, path: `${path}${queryOf(query)}`, headers, body },
      { answers, signal, maxBytes: status => maxBytesOf(operation.name, command.input, status) },
    )
    const corrected = way.sign !== undefined && this.#setClock(answer, before)
    const status = isOfS3 && isErrorOfS3(answer) ? 503 : answer.status
    if (status >= 300) throw new Refused({ ...answer, status }, isOfS3, corrected)
    const { headers: said } = answer
    const output = await config.protocol
      .deserializeResponse(operation, config, { statusCode: status, headers: said, body: answer.body })
      .catch(unreadable)
    if (isOfS3) refuseWebPage(status, said)
    return output
  }

  /** Keeps how far the clock of the service is ahead. Returns whether that is news, and so much that it matters. */
  #setClock({ headers: { date, age } }: HttpAnswer, before: number): boolean {
    // A cache says when it got the answer, not what time it is.
    const offset = age === undefined ? Date.parse(date ?? '') - Date.now() : Number.NaN
    if (Number.isNaN(offset)) return false
    this.#client.config.systemClockOffset = offset
    return Math.abs(offset - before) >= SKEW_MS
  }
}

function queryOf(query: SdkRequest['query']): string {
  const parts = Object.keys(query)
    .sort()
    .flatMap(name =>
      [query[name]].flat().map(value => (value === null ? escaped(name) : `${escaped(name)}=${escaped(value ?? '')}`)),
    )
  return parts.length > 0 ? `?${parts.join('&')}` : ''
}

/** Escapes as signatures have it. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
