/** An open identity, at one storage account. */
import { type Failure, isFailure } from '../../api/failures.ts'
import type { Isolation } from '../isolation.ts'
import type {
  BucketRequest,
  Caller,
  GrantRequest,
  Location,
  Prepared,
  Probe,
  ProbeRequest,
  Resources,
  ResourcesRequest,
  Session,
  TrialRequest,
  Usage,
  UsageRequest,
} from '../provider.ts'
import { isRejection } from '../rejection.ts'
import { AccountMemory } from './account-memory.ts'
import { isEntra } from './auth.ts'
import type { Client } from './clients.ts'
import { concludeProbe } from './conclude-probe.ts'
import { concludeTrial } from './conclude-trial.ts'
import { prepareContainer } from './container.ts'
import { type Asked, failureOf, refusedHere } from './failures.ts'
import { type AzureGrant, grant } from './grant.ts'
import type { AzureIdentity } from './identity.ts'
import { elsewhere } from './location.ts'
import { probe } from './probe.ts'
import { listResources } from './resources.ts'
import { tryTokens } from './trial.ts'
import { measureByListing } from './usage.ts'

export interface AzureSessionOptions {
  identity: AzureIdentity
  caller: Caller
  principal: string
  expiresAt: Date | undefined
  client: Client
  now: () => Date
}

export class AzureSession implements Session {
  readonly caller: Caller
  readonly principal: string
  readonly expiresAt: Date | undefined
  readonly #options: AzureSessionOptions
  readonly #memory: AccountMemory

  constructor(options: AzureSessionOptions) {
    this.caller = options.caller
    this.principal = options.principal
    this.expiresAt = options.expiresAt
    this.#options = options
    this.#memory = new AccountMemory(options.client.calls, options.now)
  }

  async probe(request: ProbeRequest, signal: AbortSignal): Promise<Probe | Failure> {
    return this.#at(request.location, signal, async asked => {
      const { identity, client, now } = this.#options
      const delegate = isEntra(identity.auth) ? () => this.#memory.delegationKey(now(), signal) : undefined
      const answers = await probe(client.calls, request, delegate, signal)
      return concludeProbe(answers, request, { ...asked, sasPermissions: identity.sas?.().permissions })
    })
  }

  async prepare(request: BucketRequest, signal: AbortSignal): Promise<Prepared | Failure> {
    return this.#at(request.location, signal, asked => prepareContainer(this.#calls, request, asked, signal))
  }

  async resources(request: ResourcesRequest, signal: AbortSignal): Promise<Resources | Failure> {
    return listResources(this.#calls, request, this.#asked, signal)
  }

  async measure(request: UsageRequest, signal: AbortSignal): Promise<Usage | Failure> {
    return this.#at(request.location, signal, asked => measureByListing(this.#calls, request, asked, signal))
  }

  async grant(request: GrantRequest, signal: AbortSignal): Promise<AzureGrant | Failure> {
    const { identity, now } = this.#options
    const rest = { identity, calls: this.#calls, memory: this.#memory, now }
    return this.#at(request.location, signal, asked => grant(request, { ...asked, ...rest }, signal))
  }

  async tryIssued(request: TrialRequest, signal: AbortSignal): Promise<Isolation | Failure> {
    const { material } = request.grant
    if (material.cloud !== 'azure') throw new Error('credentials of another cloud')
    const { sasToken, workloadIdentity } = material
    const issued = this.#options.client.withSas(sasToken)
    const tools = { own: this.#calls, issued, ...(workloadIdentity ? { handed: this.#calls } : {}) }
    const signature = new URLSearchParams(sasToken).get('sig') ?? ''
    const secrets = [sasToken, signature, encodeURIComponent(signature)]
    return this.#at(request.location, signal, async asked => {
      const answers = await tryTokens(tools, request, signal)
      // Trouble of the session or the service, which says nothing of what was issued.
      const trouble = failureOf(answers.ownList, { ...asked, container: request.location.bucket })
      return trouble ?? concludeTrial(answers, request, { who: asked.who, secrets })
    })
  }

  close(): void {
    this.#options.client.release()
  }

  get #calls() {
    return this.#options.client.calls
  }

  get #asked(): Asked {
    return { identity: this.#options.identity, who: this.principal }
  }

  async #at<T>(
    location: Location,
    signal: AbortSignal,
    run: (asked: Asked) => Promise<T | Failure>,
  ): Promise<T | Failure> {
    const result = elsewhere(location, this.#options.identity) ?? (await run(this.#asked))
    return isFailure(result) && isRejection(result) ? this.#judged(location, signal) : result
  }

  /** Judges a refusal of the credentials: only what the account says of them ends a session that many share. */
  async #judged({ uri }: Location, signal: AbortSignal): Promise<Failure> {
    const word = failureOf(await this.#calls.accountInfo(signal), this.#asked)
    return word && (isRejection(word) || word.intent === 'transient') ? word : refusedHere(uri, this.#asked)
  }
}
