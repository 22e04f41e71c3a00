/** A session at an S3 service. */
import { type Failure, isFailure, stalled } from '../../api/failures.ts'
import { abortable } from '../../async/deadline.ts'
import { setNewest } from '../../async/fair-map.ts'
import { Flights } from '../../async/flights.ts'
import type { Isolation } from '../isolation.ts'
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
  TrialRequest,
  Usage,
  UsageRequest,
} from '../provider.ts'
import { isRejection } from '../rejection.ts'
import { type Answer, isDenied } from './answers/answer.ts'
import { failureOf, isRefusedAbroad, refusedHere } from './answers/failures.ts'
import type { ProbeContext } from './answers/judge.ts'
import { openS3 } from './calls/clients.ts'
import type { S3Calls } from './calls/index.ts'
import { issue, materialOf } from './grant/grant.ts'
import { withWebIdentity } from './grant/web-identity.ts'
import { unusable } from './identity/bucket-rules.ts'
import { isAws } from './identity/identity.ts'
import { nameOf, signerOf } from './identity/signer.ts'
import { measureByCloudWatch } from './measure/by-cloudwatch.ts'
import { measureByListing } from './measure/by-listing.ts'
import { listResources, type ResourceCalls } from './measure/resources.ts'
import type { Credentials } from './open/chain.ts'
import { prepareBucket } from './prepare/bucket.ts'
import { concludeProbe } from './probe/conclude.ts'
import { probe } from './probe/probe.ts'
import type { ProbedKeys } from './probe/probed-keys.ts'
import { type RegionClient, Regions } from './regions.ts'
import { concludeTrial } from './trial/conclude.ts'
import { tryCredentials } from './trial/trial.ts'

export interface S3SessionOptions {
  credentials: Credentials
  transports: Transports
  now: () => Date
  monotonic: () => number
  /** Shared by all sessions of the provider. */
  probed: ProbedKeys
}

export class S3Session implements Session {
  readonly caller: Caller
  readonly principal: string
  readonly expiresAt: Date | undefined
  readonly unproven: string | undefined
  readonly #regions: Regions
  readonly #now: () => Date
  /** Cures for buckets that could neither be seen nor created, by name. */
  readonly #unseen = new Map<string, string>()
  readonly #transports: Transports
  readonly #proofs = new Flights<Answer>()

  constructor({ credentials, transports, now, monotonic, probed }: S3SessionOptions) {
    const { identity, caller, expiresAt, unproven } = credentials
    this.caller = caller
    this.principal = caller.arn ?? nameOf(signerOf(identity))
    this.expiresAt = expiresAt
    this.unproven = unproven
    this.#regions = new Regions({ transports, credentials, now, monotonic, probed })
    this.#now = now
    this.#transports = transports
  }

  async probe(request: ProbeRequest, signal: AbortSignal): Promise<Probe | Failure> {
    const probeAt = async (client: RegionClient) => {
      const answers = await probe(client, request, signal)
      return concludeProbe(answers, request, this.#context(client))
    }
    const probed = await this.#judged(await this.#at(request.location, probeAt), request.location, signal)
    const cure = this.#unseen.get(request.location.bucket) ?? (this.unproven === undefined ? undefined : OR_WRONG_KEY)
    return cure && !isFailure(probed) ? curing(probed, cure) : probed
  }

  async prepare(request: BucketRequest, signal: AbortSignal): Promise<Prepared | Failure> {
    const prepareAt = ({ calls, memory, ...client }: RegionClient) =>
      prepareBucket(
        { calls, request, context: this.#context(client), signal },
        { forget: bucket => memory.forget(bucket), unseen: (bucket, cure) => this.#rememberUnseen(bucket, cure) },
      )
    return this.#judged(await this.#at(request.location, prepareAt, request.region), request.location, signal)
  }

  async resources(request: ResourcesRequest, signal: AbortSignal): Promise<Resources | Failure> {
    const { home } = this.#regions
    const calls: ResourceCalls = {
      listBuckets: home.calls.listBuckets,
      listObjects: async (bucket, ...rest) =>
        unusable(bucket, home.identity)
          ? { status: 400, code: 'InvalidBucketName' }
          : this.#regions.at(bucket, client => this.#listAt(client, bucket, ...rest), { shows: isOk }),
    }
    return listResources(calls, request, this.#context(home), signal)
  }

  async measure(request: UsageRequest, signal: AbortSignal): Promise<Usage | Failure> {
    return this.#judged(await this.#measure(request, signal), request.location, signal)
  }

  async #measure(request: UsageRequest, signal: AbortSignal): Promise<Usage | Failure> {
    const { location, source } = request
    if (source === 'List') {
      return this.#at(location, client => measureByListing(client.calls, request, this.#context(client), signal))
    }
    const { home } = this.#regions
    const client = home.cloudWatch ? await this.#find(location, signal) : home
    if (isFailure(client)) return client
    const { identity, cloudWatch } = client
    if (!cloudWatch) {
      return stalled(
        'CloudWatchUnavailable',
        `spec.usage.source: CloudWatch knows buckets of AWS only, and this one is at ${identity.s3.host}: use List`,
      )
    }
    return measureByCloudWatch(cloudWatch, request, this.#context(client), signal)
  }

  async grant(request: GrantRequest, signal: AbortSignal): Promise<Grant | Failure> {
    const { location } = request
    const client = await this.#judged(await this.#find(location, signal), location, signal)
    if (isFailure(client)) return client
    const { identity, sts } = client
    const issuedAt = this.#now()
    const issued = await issue(identity, sts, request, signal)
    // On AWS, STS is asked at home, about the key that signs for consumers: its refusal counts as it is.
    if (isFailure(issued)) return isRefusedAbroad(issued) ? this.#judged(issued, location, signal) : issued
    const material = materialOf(identity, issued, request)
    const grant = { kind: 'grant' as const, issuedAt, expiresAt: issued.expiresAt, material }
    return request.webIdentity ? withWebIdentity(grant, identity, request.sessionName, signal) : grant
  }

  async tryIssued(request: TrialRequest, signal: AbortSignal): Promise<Isolation | Failure> {
    const { material } = request.grant
    if (material.cloud !== 'aws') throw new Error('credentials of another cloud')
    const client = await this.#judged(await this.#find(request.location, signal), request.location, signal)
    if (isFailure(client)) return client
    const { accessKeyId, secretAccessKey, sessionToken, webIdentity } = material
    const key = { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
    const { identity, calls: own } = client
    const issued = openS3(this.#transports, identity, key)
    try {
      const theirs = request.location.requesterPays ? issued.paying : issued.calls
      const tools = { own, issued: theirs, region: identity.region, ...(webIdentity ? { handed: own } : {}) }
      const answers = await tryCredentials(tools, request, signal)
      // Trouble of the session or the service, which says nothing of what was issued.
      const trouble = failureOf(answers.ownList, { ...this.#context(client), bucket: request.location.bucket })
      if (trouble) return await this.#judged(trouble, request.location, signal)
      const secrets = [secretAccessKey, sessionToken ?? '', accessKeyId]
      return concludeTrial(answers, request, { identity, who: this.principal, secrets })
    } finally {
      issued.release()
    }
  }

  close(): void {
    this.#regions.close()
  }

  async #at<T>(
    location: Location,
    run: (client: RegionClient) => Promise<T | Failure>,
    region?: string,
  ): Promise<T | Failure> {
    const { bucket } = location
    const runAt = (client: RegionClient) => run(toward(client, location))
    return unusable(bucket, this.#regions.home.identity) ?? (await this.#regions.at(bucket, runAt, { region }))
  }

  /** Finds the region of a bucket for calls that can't find it themselves. Any answer but trouble shows it. */
  async #find(location: Location, signal: AbortSignal): Promise<RegionClient | Failure> {
    const { bucket, prefix } = location
    const refused = unusable(bucket, this.#regions.home.identity)
    if (refused) return refused
    if (!this.#regions.isKnown(bucket)) {
      const failure = await this.#regions.at(bucket, async client => {
        const answer = await toward(client, location).calls.listObjects(bucket, prefix, signal)
        const asked = { ...this.#context(client), bucket }
        const trouble = failureOf(answer, asked)
        if (!trouble) return undefined
        const isRefused = isRejection(trouble) || isRefusedAbroad(trouble)
        return isRefused || trouble.intent === 'transient' ? trouble : undefined
      })
      if (failure) return failure
    }
    return toward(this.#regions.of(bucket), location)
  }

  /**
   * Judges a refusal of the credentials: only what home says of the key itself ends a session that many share. A store
   * chooses region and path of its calls, and some regions and paths are refused whoever asks.
   */
  async #judged<T>(result: T | Failure, { uri }: Location, signal: AbortSignal): Promise<T | Failure> {
    if (!isFailure(result) || !(isRejection(result) || isRefusedAbroad(result))) return result
    const { home } = this.#regions
    const proof = this.#proofs.share('home', () => home.calls.listBuckets())
    const answer = await abortable(proof, signal)
    const word = failureOf(answer, this.#context(home))
    if (word && (isRejection(word) || word.intent === 'transient')) return word
    // A service without the call can't say that the key is good.
    if (isRejection(result) && !isOk(answer) && !isDenied(answer)) return result
    return isRejection(result) ? refusedHere(home.identity.s3, uri) : result
  }

  /** Lists objects; on AWS the answer also has the region of the bucket. A refusal is this bucket's. */
  async #listAt(client: RegionClient, ...question: Parameters<S3Calls['listObjects']>): Promise<Answer> {
    const { identity, calls } = client
    const [bucket] = question
    const answer = await calls.listObjects(...question)
    if (isOk(answer)) return isAws(identity) ? { ...answer, region: identity.region } : answer
    const failure = failureOf(answer, { ...this.#context(client), bucket })
    return failure && (isRejection(failure) || isRefusedAbroad(failure))
      ? { status: 403, code: failure.reason }
      : answer
  }

  #rememberUnseen(bucket: string, cure: string | undefined): void {
    if (cure === undefined) this.#unseen.delete(bucket)
    else setNewest(this.#unseen, bucket, cure, UNSEEN_MAX)
  }

  #context({ identity }: Pick<RegionClient, 'identity'>): ProbeContext {
    return { identity, endpoint: identity.s3, who: this.principal, accountId: this.caller.accountId }
  }
}

const UNSEEN_MAX = 10_000

/** A client whose calls are those that the store wants. */
const toward = (client: RegionClient, { requesterPays }: Location): RegionClient =>
  requesterPays ? { ...client, calls: client.paying } : client

const OR_WRONG_KEY =
  'allow it in the policy of that identity, or correct the key, as this service refuses a wrong one likewise'

/** The cure where all is denied, which has a cause beyond each permission. */
function curing(probe: Probe, cure: string): Probe {
  const tried = probe.permissions.filter(permission => permission.probe !== undefined)
  if (tried.length === 0 || tried.some(({ result }) => result === 'Allowed')) return probe
  const permissions = probe.permissions.map(permission =>
    permission.result === 'Denied' ? { ...permission, cure: permission.cure ?? cure } : permission,
  )
  return { ...probe, permissions }
}
