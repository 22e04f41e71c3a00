/** A session that ends when it is both given up and no longer in use. */
import type { Failure } from '../api/failures.ts'
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
  Usage,
  UsageRequest,
} from './provider.ts'

export interface LeaseOptions {
  refusedAt: Date | undefined
  /** Why the next session can't be opened. */
  trouble: () => Failure | undefined
}

export class Lease implements Session {
  readonly #session: Session
  readonly #trouble: LeaseOptions['trouble']
  #calls = 0
  #givenUp = false
  readonly refusedAt: Date | undefined

  constructor(session: Session, { refusedAt, trouble }: LeaseOptions) {
    this.#session = session
    this.#trouble = trouble
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

  get rejected(): boolean {
    return this.#session.rejected
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

  async #counted<T>(call: () => Promise<T>): Promise<T> {
    this.#calls++
    try {
      return await call()
    } finally {
      this.#calls--
      this.#closeIfIdle()
    }
  }

  #closeIfIdle(): void {
    // Whoever got it before may still use it, again and again.
    if (this.#givenUp && this.#calls === 0) this.#session.close()
  }
}
