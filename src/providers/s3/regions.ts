/** The regions of a session: a client for each, and the knowledge of which bucket is in which region. */
import { isFailure } from '../../api/failures.ts'
import { setNewest } from '../../async/fair-map.ts'
import type { Transports } from '../network/transports.ts'
import { openS3, openSts } from './calls/clients.ts'
import type { CloudWatchCalls } from './calls/cloudwatch-calls.ts'
import { openCloudWatch } from './calls/cloudwatch-client.ts'
import type { S3Calls } from './calls/index.ts'
import type { Sts } from './calls/sts.ts'
import { inRegion, isAws, type S3Identity } from './identity/identity.ts'
import { signerOf } from './identity/signer.ts'
import type { Credentials } from './open/chain.ts'
import { BucketMemory } from './probe/bucket-memory.ts'
import type { ProbedKeys } from './probe/probed-keys.ts'

/** What a session uses in one region. */
export interface RegionClient {
  identity: S3Identity
  calls: S3Calls
  /** The same calls, which accept that their account pays for them. */
  paying: S3Calls
  memory: BucketMemory
  /** Issues credentials for consumers. */
  sts: Sts
  /** Absent for services other than AWS. */
  cloudWatch?: CloudWatchCalls
}

export interface RegionsOptions {
  transports: Transports
  credentials: Pick<Credentials, 'identity' | 'key' | 'issuingKey'>
  now: () => Date
  monotonic: () => number
  probed: ProbedKeys
}

interface Search<T> {
  /** Region to look in first; default: that of the identity. */
  region?: string | undefined
  /** Whether a result shows that the bucket is in the region. Default: every result but a failure does. */
  shows?: (result: T) => boolean
}

/** How many buckets a session remembers the region of; few sessions have more. One that is used again is the newest. */
const BUCKETS_MAX = 10_000
/** How many regions a session opens clients for: more than AWS has, but a service could make up any number. */
const REGIONS_MAX = 64

export class Regions {
  readonly #options: RegionsOptions
  /** By region. */
  readonly #clients = new Map<string, RegionClient & { release(): void }>()
  /** By bucket. */
  readonly #regionOf = new Map<string, string>()

  constructor(options: RegionsOptions) {
    this.#options = options
  }

  /** Client of the region that the identity is in. */
  get home(): RegionClient {
    return this.#in(this.#home.region)
  }

  /** Whether a call has shown which region a bucket is in. */
  isKnown(bucket: string): boolean {
    return this.#regionOf.has(bucket)
  }

  /** Client of the region that a bucket is in; as long as that is not known, of `region`. */
  of(bucket: string, region = this.#home.region): RegionClient {
    return this.#in(this.#regionOf.get(bucket) ?? region)
  }

  /** Calls `run` with the region of a bucket; when a call shows that the bucket is in another one, again with that. */
  async at<T>(
    bucket: string,
    run: (client: RegionClient) => Promise<T>,
    { region, shows = result => !isFailure(result) }: Search<T> = {},
  ): Promise<T> {
    const client = this.of(bucket, region)
    const result = await run(client)
    const found = this.of(bucket, region)
    if (found !== client) return run(found)
    if (shows(result)) this.#learn(bucket, client.identity.region)
    return result
  }

  close(): void {
    for (const { release } of this.#clients.values()) release()
    this.#clients.clear()
  }

  get #home(): S3Identity {
    return this.#options.credentials.identity
  }

  #learn(bucket: string, region: string): void {
    if (!this.#clients.has(region) && this.#clients.size >= REGIONS_MAX) return
    setNewest(this.#regionOf, bucket, region, BUCKETS_MAX)
  }

  #in(region: string): RegionClient {
    const known = this.#clients.get(region)
    if (known) return known
    const { transports, credentials, now, monotonic, probed } = this.#options
    const { key, issuingKey } = credentials
    const home = this.#home
    const identity = inRegion(home, region)
    const s3 = openS3(transports, identity, key, (bucket, other) => this.#learn(bucket, other))
    // AWS has an STS in each region, and any of them will do. Another service has one STS, which checks the region.
    const stsIdentity = isAws(home) ? home : identity
    const steps = Math.max(0, (home.assumeRoles?.length ?? 0) - 1)
    const sts = openSts(transports, stsIdentity, issuingKey, signerOf(home, steps))
    const cloudWatch = isAws(home) ? openCloudWatch(transports, identity, key, now) : undefined
    const memory = new BucketMemory({
      ...{ calls: s3.calls, monotonic },
      probed: { keys: probed, identity: home },
    })
    const client = {
      ...{ identity, calls: s3.calls, paying: s3.paying, sts: sts.calls, memory },
      ...(cloudWatch ? { cloudWatch: cloudWatch.calls } : {}),
      release() {
        for (const shared of [s3, sts, cloudWatch]) shared?.release()
      },
    }
    this.#clients.set(region, client)
    return client
  }
}
