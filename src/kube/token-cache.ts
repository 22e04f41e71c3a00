/** ServiceAccount tokens, asked for once and kept while they are fresh. */
import { FairMap } from '../async/fair-map.ts'
import type { Client, Token } from './client.ts'

/** `now` is the wall clock, which tells how much is left of a new token. It may jump; `monotonic` does not. */
interface TokenClock {
  now(): number
  monotonic(): number
}

export interface TokenCacheOptions {
  client: Pick<Client, 'createToken'>
  clock: TokenClock
  /** The most tokens that are kept: beyond, the namespace that has most loses its least recently used. Default 1000. */
  maxTokens?: number
}

interface Entry {
  namespace: string
  serviceAccount: string
  token: Promise<Token>
  /** The token's text, once the answer is there. */
  value?: string
  /** Time until which the token may be given out, by the monotonic clock. Infinite while it is being asked for. */
  freshUntil: number
}

/** Lifetime to ask for: an hour is what most token exchanges take. The API server may shorten it. */
const LIFETIME_SECONDS = 3600
/** Share of the lifetime after which a token is asked for again, as kubelet does. */
const FRESH_SHARE = 0.8
const MIN_REMAINING_MS = 60_000

export class TokenCache {
  readonly #client: Pick<Client, 'createToken'>
  readonly #clock: TokenClock
  /** By namespaces. */
  readonly #entries: FairMap<Entry>

  constructor({ client, clock, maxTokens = 1000 }: TokenCacheOptions) {
    this.#client = client
    this.#clock = clock
    this.#entries = new FairMap(maxTokens)
  }

  /**
   * Returns a token with at least a minute to live. Callers that ask at the same time share one request: a caller whose
   * signal aborts is rejected with its reason, and the request goes on for the others. Rejects with errors of the
   * client, which are not cached.
   */
  async get(namespace: string, serviceAccount: string, audience: string, signal: AbortSignal): Promise<Token> {
    signal.throwIfAborted()
    const key = JSON.stringify([namespace, serviceAccount, audience])
    let entry = this.#entries.get(key)
    if (!entry || this.#clock.monotonic() >= entry.freshUntil)
      entry = this.#request(key, namespace, serviceAccount, audience)
    this.#entries.set(namespace, key, entry)
    return abortable(entry.token, signal)
  }

  /** Drops the tokens of a ServiceAccount that was deleted or made anew. */
  forget(namespace: string, serviceAccount: string): void {
    for (const [key, entry] of this.#entries) {
      if (entry.namespace === namespace && entry.serviceAccount === serviceAccount) this.#entries.delete(key)
    }
  }

  /** Drops a token that a service has refused, but none that has taken its place meanwhile. */
  refused(token: string): void {
    for (const [key, { value }] of this.#entries) if (value === token) this.#entries.delete(key)
  }

  #request(key: string, namespace: string, serviceAccount: string, audience: string): Entry {
    const request = { audiences: [audience], expirationSeconds: LIFETIME_SECONDS }
    const token = this.#client.createToken(namespace, serviceAccount, request)
    const entry: Entry = { namespace, serviceAccount, token, freshUntil: Number.POSITIVE_INFINITY }
    token.then(
      ({ token: value, expiresAt }) => {
        entry.value = value
        const life = expiresAt.getTime() - this.#clock.now()
        entry.freshUntil = this.#clock.monotonic() + Math.min(FRESH_SHARE * life, life - MIN_REMAINING_MS)
      },
      () => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key)
      },
    )
    return entry
  }
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort)
  return Promise.race([promise, aborted.promise]).finally(() => signal.removeEventListener('abort', onAbort))
}
