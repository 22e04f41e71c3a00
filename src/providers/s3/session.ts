/** An open identity at an S3 service. */
import { type Failure, isFailure, stalled } from '../../api/failures.ts'
import { isOk } from '../network/answer.ts'
import type { Transports } from '../network/transports.ts'
import type {
  BucketRequest,
  Caller,
  Grant,
  GrantRequest,
  Location,
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
import type { Answer } from './answers/answer.ts'
import { failureOf } from './answers/failures.ts'
import type { ProbeContext } from './answers/judge.ts'
import type { S3Calls } from './calls/index.ts'
import { issue, materialOf } from './grant/grant.ts'
import { withWebIdentity } from './grant/web-identity.ts'
import { isAws } from './identity/identity.ts'
import { nameOf, signerOf } from './identity/signer.ts'
import { measureByCloudWatch } from './measure/by-cloudwatch.ts'
import { measureByListing } from './measure/by-listing.ts'
import { listResources, type ResourceCalls } from './measure/resources.ts'
import type { Credentials } from './open/chain.ts'
import { prepareBucket } from './prepare/bucket.ts'
import { unusable } from './prepare/bucket-failures.ts'
import { concludeProbe } from './probe/conclude.ts'
import { probe } from './probe/probe.ts'
import type { ProbedKeys } from './probe/probed-keys.ts'
import { type Place, Places } from './regions.ts'

export interface S3SessionOptions {
  credentials: Credentials
  transports: Transports
  clock: () => Date
  /** Shared by all sessions. */
  probed: ProbedKeys
}

export class S3Session implements Session {
  readonly caller: Caller
  readonly principal: string
  readonly expiresAt: Date | undefined
  readonly #places: Places
  readonly #clock: () => Date

  constructor({ credentials, transports, clock, probed }: S3SessionOptions) {
    const { identity, caller, expiresAt } = credentials
    this.caller = caller
    this.principal = caller.arn ?? nameOf(signerOf(identity))
    this.expiresAt = expiresAt
    this.#places = new Places({ transports, credentials, clock, probed })
    this.#clock = clock
  }

  async probe(request: ProbeRequest, signal: AbortSignal): Promise<Probe | Failure> {
    return this.#at(request.location, async place => {
      const answers = await probe(place.calls, place.memory, request, signal, place.cloudWatch)
      return concludeProbe(answers, request, this.#context(place))
    })
  }

  async prepare(request: BucketRequest, signal: AbortSignal): Promise<Prepared | Failure> {
    const prepareAt = (place: Place) => prepareBucket(place.calls, request, this.#context(place), signal, place.memory)
    return this.#at(request.location, prepareAt, request.region)
  }

  async resources(request: ResourcesRequest, signal: AbortSignal): Promise<Resources | Failure> {
    const { home } = this.#places
    const calls: ResourceCalls = {
      listBuckets: home.calls.listBuckets,
      listObjects: async (bucket, ...rest) =>
        unusable(bucket)
          ? { status: 400, code: 'InvalidBucketName' }
          : this.#places.at(bucket, place => listAt(place, bucket, ...rest), { shows: isOk }),
    }
    return listResources(calls, request, this.#context(home), signal)
  }

  async measure(request: UsageRequest, signal: AbortSignal): Promise<Usage | Failure> {
    const { location, source } = request
    if (source === 'List') {
      return this.#at(location, place => measureByListing(place.calls, request, this.#context(place), signal))
    }
    const { home } = this.#places
    const place = home.cloudWatch ? await this.#find(location, signal) : home
    if (isFailure(place)) return place
    const { identity, cloudWatch } = place
    if (!cloudWatch) {
      return stalled(
        'CloudWatchUnavailable',
        `spec.usage.source: CloudWatch knows buckets of AWS only, and this one is at ${identity.s3.host}: use List`,
      )
    }
    return measureByCloudWatch(cloudWatch, request, this.#context(place), signal)
  }

  async grant(request: GrantRequest, signal: AbortSignal): Promise<Grant | Failure> {
    const place = await this.#find(request.location, signal)
    if (isFailure(place)) return place
    const { identity, sts } = place
    const issuedAt = this.#clock()
    const issued = await issue(identity, sts, request, signal)
    if (isFailure(issued)) return issued
    const material = materialOf(identity, issued, request)
    const grant = { kind: 'grant' as const, issuedAt, expiresAt: issued.expiresAt, material }
    return request.webIdentity ? withWebIdentity(grant, identity, request.sessionName, signal) : grant
  }

  close(): void {
    this.#places.close()
  }

  async #at<T>(
    { bucket }: Location,
    run: (place: Place) => Promise<T | Failure>,
    region?: string,
  ): Promise<T | Failure> {
    return unusable(bucket) ?? (await this.#places.at(bucket, run, { region }))
  }

  /** Where a bucket is, for what can't tell by itself: any answer but trouble shows it. */
  async #find({ bucket, prefix }: Location, signal: AbortSignal): Promise<Place | Failure> {
    const refused = unusable(bucket)
    if (refused) return refused
    if (!this.#places.isKnown(bucket)) {
      const failure = await this.#places.at(bucket, async place => {
        const answer = await place.calls.listObjects(bucket, prefix, signal)
        const asked = { ...this.#context(place), bucket }
        const trouble = failureOf(answer, asked)
        return trouble && (trouble.intent === 'transient' || isRejection(trouble)) ? trouble : undefined
      })
      if (failure) return failure
    }
    return this.#places.of(bucket)
  }

  #context({ identity }: Place): ProbeContext {
    return { identity, endpoint: identity.s3, who: this.principal, accountId: this.caller.accountId }
  }
}

/** On AWS the answer says where the bucket is. */
async function listAt({ identity, calls }: Place, ...question: Parameters<S3Calls['listObjects']>): Promise<Answer> {
  const answer = await calls.listObjects(...question)
  return isOk(answer) && isAws(identity) ? { ...answer, region: identity.region } : answer
}
