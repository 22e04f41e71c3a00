/**
 * A session that many stores use. It closes when the cache has given it up and no call is under way, and learns from
 * its own results whether the service still takes its credentials.
 */
import { type Failure, isFailure } from '../../api/failures.ts'
import type { Isolation } from '../isolation.ts'
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
  TrialRequest,
  Usage,
  UsageRequest,
} from '../provider.ts'
import { isRejection } from '../rejection.ts'
import { sessionFacade } from './facade.ts'

export interface CountedSessionOptions {
  /** When the service last refused a session before this one, as the wall clock is now. */
  refusedAt: () => Date | undefined
  /** Says why the next session can't be opened; undefined when nothing is wrong. */
  trouble: () => Failure | undefined
  /** Called once, when the service has refused the session's credentials. `reporter`: the user that met it. */
  onRejected(reporter?: string): void
}

export class CountedSession implements SharedSession {
  readonly #session: Session
  readonly #trouble: CountedSessionOptions['trouble']
  readonly #onRejected: CountedSessionOptions['onRejected']
  #rejected = false
  #calls = 0
  #givenUp = false
  readonly #refusedAt: CountedSessionOptions['refusedAt']

  constructor(session: Session, { refusedAt, trouble, onRejected }: CountedSessionOptions) {
    this.#session = session
    this.#trouble = trouble
    this.#onRejected = onRejected
    this.#refusedAt = refusedAt
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

  get unproven(): string | undefined {
    return this.#session.unproven
  }

  /** True once the service has refused the session's credentials: another session must be opened. */
  get rejected(): boolean {
    return this.#rejected
  }

  get refusedAt(): Date | undefined {
    return this.#refusedAt()
  }

  get trouble(): Failure | undefined {
    return this.#trouble()
  }

  /** The session in the hands of one user, in whose name a refusal is reported. */
  usedBy(user: string): SharedSession {
    return sessionFacade(this, this.#session, (_, call) => this.#counted(call, user))
  }

  probe(request: ProbeRequest, signal: AbortSignal): Promise<Probe | Failure> {
    return this.#counted(() => this.#session.probe(request, signal))
  }

  grant(request: GrantRequest, signal: AbortSignal): Promise<Grant | Failure> {
    return this.#counted(() => this.#session.grant(request, signal))
  }

  tryIssued(request: TrialRequest, signal: AbortSignal): Promise<Isolation | Failure> {
    return this.#counted(() => this.#session.tryIssued(request, signal))
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

  /** Gives the session up: it closes when the calls under way are done. */
  close(): void {
    this.#givenUp = true
    this.#closeIfIdle()
  }

  async #counted<T>(call: () => Promise<T>, user?: string): Promise<T> {
    this.#calls++
    try {
      const result = await call()
      if (isFailure(result) && isRejection(result)) this.#reject(user)
      return result
    } finally {
      this.#calls--
      this.#closeIfIdle()
    }
  }

  #reject(user: string | undefined): void {
    if (this.#rejected) return
    this.#rejected = true
    this.#onRejected(user)
  }

  #closeIfIdle(): void {
    // Those who got the session before may still call it, so it may close more than once.
    if (this.#givenUp && this.#calls === 0) this.#session.close()
  }
}
