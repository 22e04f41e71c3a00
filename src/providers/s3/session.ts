/** An open identity at an S3 service. */
import { type Failure, isFailure, stalled } from '../../api/failures.ts'
import type { AwsMaterial } from '../../api/material.ts'
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
} from '../provider.ts'
import { isRejection } from '../rejection.ts'
import { prepareBucket } from './bucket.ts'
import { BucketMemory } from './bucket-memory.ts'
import type { S3Calls } from './calls.ts'
import type { Client } from './clients.ts'
import { concludeProbe, type ProbeContext } from './conclude-probe.ts'
import type { S3Identity } from './identity.ts'
import { sessionPolicy } from './policy.ts'
import { probe } from './probe.ts'
import { listResources } from './resources.ts'
import { sessionName } from './session-name.ts'
import type { Sts, TemporaryKey } from './sts.ts'
import { measureByListing } from './usage.ts'

export interface S3SessionOptions {
  identity: S3Identity
  caller: Caller
  expiresAt: Date | undefined
  s3: Client<S3Calls>
  sts: Client<Sts>
  clock: () => Date
}

export class S3Session implements Session {
  readonly caller: Caller
  readonly expiresAt: Date | undefined
  readonly #options: S3SessionOptions
  readonly #memory: BucketMemory
  #rejected = false

  constructor(options: S3SessionOptions) {
    this.caller = options.caller
    this.expiresAt = options.expiresAt
    this.#options = options
    this.#memory = new BucketMemory(options.s3.calls, options.clock)
  }

  get principal(): string {
    return this.caller.arn ?? describe(this.#options.identity)
  }

  get rejected(): boolean {
    return this.#rejected
  }

  async probe(request: ProbeRequest, signal: AbortSignal): Promise<Probe | Failure> {
    const answers = await probe(this.#options.s3.calls, this.#memory, request, signal)
    return this.#noted(concludeProbe(answers, request, this.#context()))
  }

  async prepare(request: BucketRequest, signal: AbortSignal): Promise<Prepared | Failure> {
    return this.#noted(await prepareBucket(this.#options.s3.calls, request, this.#context(), signal))
  }

  async resources(request: ResourcesRequest, signal: AbortSignal): Promise<Resources | Failure> {
    return this.#noted(await listResources(this.#options.s3.calls, request, this.#context(), signal))
  }

  async measure(request: UsageRequest, signal: AbortSignal): Promise<Usage | Failure> {
    return this.#noted(await measureByListing(this.#options.s3.calls, request, this.#context(), signal))
  }

  async grant(request: GrantRequest, signal: AbortSignal): Promise<Grant | Failure> {
    const { identity, clock } = this.#options
    const { location, encryption, access } = request
    const policy = sessionPolicy({ location, encryption, access, region: identity.region, aws: isAws(identity) })
    if (isFailure(policy)) return policy
    const issuedAt = clock()
    const issued = this.#noted(await this.#issue(request, policy, signal))
    if (isFailure(issued)) return issued
    return { kind: 'grant', issuedAt, expiresAt: issued.expiresAt, material: material(identity, issued, request) }
  }

  close(): void {
    this.#options.s3.release()
    this.#options.sts.release()
  }

  #issue(request: GrantRequest, policy: string, signal: AbortSignal): Promise<TemporaryKey | Failure> {
    const { identity, sts } = this.#options
    const assumption = { policy, durationMs: request.durationMs, sessionName: sessionName(request.sessionName) }
    if (identity.auth.kind === 'webIdentity') return sts.calls.withWebIdentity(identity.auth, assumption, signal)
    if (!isAws(identity)) return sts.calls.withAccessKey(assumption, signal)
    return Promise.resolve(
      stalled(
        'NotImplemented',
        "spec.aws.auth.accessKey: AWS narrows the rights of a user's key only with spec.aws.issue: FederationToken or spec.aws.assumeRoles, which are not implemented yet: use auth.webIdentity",
      ),
    )
  }

  #context(): ProbeContext {
    const { identity } = this.#options
    return { identity, endpoint: identity.s3, who: this.principal }
  }

  #noted<T>(result: T | Failure): T | Failure {
    if (isFailure(result) && isRejection(result)) this.#rejected = true
    return result
  }
}

export const isAws = ({ s3 }: S3Identity): boolean => s3.url === undefined

/** For messages, where the service does not say who we are. */
const describe = ({ auth }: S3Identity): string =>
  auth.kind === 'webIdentity' ? auth.roleArn : `the key of Secret "${auth.secret}"`

function material(identity: S3Identity, { key }: TemporaryKey, { location }: GrantRequest): AwsMaterial {
  const { region, s3, addressingStyle, caPem } = identity
  return {
    cloud: 'aws',
    ...key,
    region,
    ...(s3.url ? { endpoint: s3.url } : {}),
    addressingStyle,
    ...(caPem ? { caPem } : {}),
    bucket: location.bucket,
    prefix: location.prefix,
  }
}
