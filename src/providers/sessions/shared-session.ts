/**
 * A session that many use: it ends when it is both given up and no longer in use, and what it returns shows whether the
 * service still takes its credentials.
 */
import { type Failure, isFailure } from '../../api/failures.ts'
import type {
  BucketRequest,
  Caller,
  Grant,
  GrantRequest,
  Prepared,
  Probe,
  ProbeRequest,
  Resources,
  ResourcesRequest,
  Session,
  SharedSession,
  Usage,
  UsageRequest,
} from '../provider.ts'
import { isRejection } from '../rejection.ts'

export interface CountedSessionOptions {
  refusedAt: Date | undefined
  /** Why the next session can't be opened. */
  trouble: () => Failure | undefined
  /** The service has refused the session's credentials. Called once. */
  onRejected(): void
}

export class CountedSession implements SharedSession {
  readonly #session: Session
  readonly #trouble: CountedSessionOptions['trouble']
  readonly #onRejected: CountedSessionOptions['onRejected']
  #rejected = false
  #calls = 0
  #givenUp = false
  readonly refusedAt: Date | undefined

  constructor(session: Session, { refusedAt, trouble, onRejected }: CountedSessionOptions) {
    this.#session = session
    this.#trouble = trouble
    this.#onRejected = onRejected
    this.refusedAt = refusedAt
  }

  get caller(): Caller {
    return this.#session.caller
  }

  get principal(): string {
    return this.#session.principal
  }

  get expiresAt(): Date | undefined {
    return this.#session.expiresAt
  }

  /** The service has refused the session's credentials: open another. */
  get rejected(): boolean {
    return this.#rejected
  }

  get trouble(): Failure | undefined {
    return this.#trouble()
  }

  probe(request: ProbeRequest, signal: AbortSignal): Promise<Probe | Failure> {
    return this.#counted(() => this.#session.probe(request, signal))
  }

  grant(request: GrantRequest, signal: AbortSignal): Promise<Grant | Failure> {
    return this.#counted(() => this.#session.grant(request, signal))
  }

  prepare(request: BucketRequest, signal: AbortSignal): Promise<Prepared | Failure> {
    return this.#counted(() => this.#session.prepare(request, signal))
  }

  resources(request: ResourcesRequest, signal: AbortSignal): Promise<Resources | Failure> {
    return this.#counted(() => this.#session.resources(request, signal))
  }

  measure(request: UsageRequest, signal: AbortSignal): Promise<Usage | Failure> {
    return this.#counted(() => this.#session.measure(request, signal))
  }

  /** Closes once the calls under way are done. */
  close(): void {
    this.#givenUp = true
    this.#closeIfIdle()
  }

  async #counted<T>(call: () => Promise<T | Failure>): Promise<T | Failure> {
    this.#calls++
    try {
      const result = await call()
      if (isFailure(result) && isRejection(result)) this.#reject()
      return result
    } finally {
      this.#calls--
      this.#closeIfIdle()
    }
  }

  #reject(): void {
    if (this.#rejected) return
    this.#rejected = true
    this.#onRejected()
  }

  #closeIfIdle(): void {
    // Whoever got it before may still use it, again and again.
    if (this.#givenUp && this.#calls === 0) this.#session.close()
  }
}
