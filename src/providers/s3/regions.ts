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

/** A region, as the session sees it. */
export interface Place {
  identity: S3Identity
  calls: S3Calls
  memory: BucketMemory
  /** For consumers. */
  sts: Sts
  /** On AWS only. */
  cloudWatch?: CloudWatchCalls
}

export interface PlacesOptions {
  transports: Transports
  credentials: Pick<Credentials, 'identity' | 'key' | 'issuingKey'>
  clock: () => Date
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

export class Places {
  readonly #options: PlacesOptions
  readonly #byRegion = new Map<string, Place & { release(): void }>()
  /** By bucket. */
  readonly #regions = new Map<string, string>()

  constructor(options: PlacesOptions) {
    this.#options = options
  }

  /** Where the identity is. */
  get home(): Place {
    return this.#in(this.#home.region)
  }

  /** Whether a call has shown where it is. */
  isKnown(bucket: string): boolean {
    return this.#regions.has(bucket)
  }

  /** Where a bucket is as far as that is known, else `region`, else home. */
  of(bucket: string, region = this.#home.region): Place {
    return this.#in(this.#regions.get(bucket) ?? region)
  }

  /** What `run` comes to where the bucket is; should it turn out to be elsewhere, it runs there again. */
  async at<T>(
    bucket: string,
    run: (place: Place) => Promise<T>,
    { region, shows = result => !isFailure(result) }: Search<T> = {},
  ): Promise<T> {
    const place = this.of(bucket, region)
    const result = await run(place)
    const found = this.of(bucket, region)
    if (found !== place) return run(found)
    if (shows(result)) this.#learn(bucket, place.identity.region)
    return result
  }

  close(): void {
    for (const { release } of this.#byRegion.values()) release()
    this.#byRegion.clear()
  }

  get #home(): S3Identity {
    return this.#options.credentials.identity
  }

  #learn(bucket: string, region: string): void {
    if (!this.#byRegion.has(region) && this.#byRegion.size >= REGIONS_MAX) return
    if (this.#regions.size >= BUCKETS_MAX) this.#regions.clear()
    this.#regions.set(bucket, region)
  }

  #in(region: string): Place {
    const known = this.#byRegion.get(region)
    if (known) return known
    const { transports, credentials, clock, probed } = this.#options
    const { key, issuingKey } = credentials
    const home = this.#home
    const identity = inRegion(home, region)
    const s3 = openS3(transports, identity, key, (bucket, other) => this.#learn(bucket, other))
    // AWS has an STS for each region, and any will do; a service of its own has one, in the region that it checks.
    const stsIdentity = isAws(home) ? home : identity
    const steps = Math.max(0, (home.assumeRoles?.length ?? 0) - 1)
    const sts = openSts(transports, stsIdentity, issuingKey, signerOf(home, steps))
    const cloudWatch = isAws(home) ? openCloudWatch(transports, identity, key, clock) : undefined
    const memory = new BucketMemory({ calls: s3.calls, clock, probed: { keys: probed, identity: home.fingerprint } })
    const place = {
      ...{ identity, calls: s3.calls, sts: sts.calls, memory },
      ...(cloudWatch ? { cloudWatch: cloudWatch.calls } : {}),
      release() {
        for (const client of [s3, sts, cloudWatch]) client?.release()
      },
    }
    this.#byRegion.set(region, place)
    return place
  }
}
