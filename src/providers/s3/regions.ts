/** Where buckets are: a session's clients by region, and which of them a bucket needs. */
import { isFailure } from '../../api/failures.ts'
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

/** A region, as the session calls it. */
export interface RegionClient {
  identity: S3Identity
  calls: S3Calls
  memory: BucketMemory
  /** For consumers. */
  sts: Sts
  /** On AWS only. */
  cloudWatch?: CloudWatchCalls
}

export interface RegionsOptions {
  transports: Transports
  credentials: Pick<Credentials, 'identity' | 'key' | 'issuingKey'>
  now: () => Date
  probed: ProbedKeys
}

interface Search<T> {
  /** Where to look first; default: at home. */
  region?: string | undefined
  /** Whether a result shows that the bucket is there. Default: all but failures do. */
  shows?: (result: T) => boolean
}

/** Buckets that are remembered; few sessions have more. */
const BUCKETS_MAX = 10_000
/** More regions than AWS has; a service that makes them up is not followed for ever. */
const REGIONS_MAX = 64

export class Regions {
  readonly #options: RegionsOptions
  readonly #clients = new Map<string, RegionClient & { release(): void }>()
  /** By bucket. */
  readonly #regionOf = new Map<string, string>()

  constructor(options: RegionsOptions) {
    this.#options = options
  }

  /** Where the identity is. */
  get home(): RegionClient {
    return this.#in(this.#home.region)
  }

  /** Whether a call has shown where it is. */
  isKnown(bucket: string): boolean {
    return this.#regionOf.has(bucket)
  }

  /** Where a bucket is as far as that is known, else `region`, else home. */
  of(bucket: string, region = this.#home.region): RegionClient {
    return this.#in(this.#regionOf.get(bucket) ?? region)
  }

  /** What `run` comes to where the bucket is; should it turn out to be elsewhere, it runs there again. */
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
    if (this.#regionOf.size >= BUCKETS_MAX) this.#regionOf.clear()
    this.#regionOf.set(bucket, region)
  }

  #in(region: string): RegionClient {
    const known = this.#clients.get(region)
    if (known) return known
    const { transports, credentials, now, probed } = this.#options
    const { key, issuingKey } = credentials
    const home = this.#home
    const identity = inRegion(home, region)
    const s3 = openS3(transports, identity, key, (bucket, other) => this.#learn(bucket, other))
    // AWS has an STS for each region, and any will do; a service of its own has one, in the region that it checks.
    const stsIdentity = isAws(home) ? home : identity
    const steps = Math.max(0, (home.assumeRoles?.length ?? 0) - 1)
    const sts = openSts(transports, stsIdentity, issuingKey, signerOf(home, steps))
    const cloudWatch = isAws(home) ? openCloudWatch(transports, identity, key, now) : undefined
    const memory = new BucketMemory({ calls: s3.calls, now, probed: { keys: probed, identity: home.fingerprint } })
    const client = {
      ...{ identity, calls: s3.calls, sts: sts.calls, memory },
      ...(cloudWatch ? { cloudWatch: cloudWatch.calls } : {}),
      release() {
        for (const shared of [s3, sts, cloudWatch]) shared?.release()
      },
    }
    this.#clients.set(region, client)
    return client
  }
}
