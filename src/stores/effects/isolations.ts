/**
 * What trials of issued credentials have shown, so that one counts for all stores to which it applies: session policies
 * are made the same way for each prefix, so one proof for each identity, bucket and access is enough (docs/adr/0026).
 */
import { type Failure, isFailure } from '../../api/failures.ts'
import { abortable } from '../../async/deadline.ts'
import { FairMap, setNewest } from '../../async/fair-map.ts'
import { Flights } from '../../async/flights.ts'
import type { Reach } from '../../connectors/conclude-reach.ts'
import type { Isolation } from '../../providers/isolation.ts'
import { jitterFor } from '../../runtime/backoff.ts'
import { digestOf } from '../plan/digest.ts'
import type { Isolated } from '../plan/isolation.ts'
import type { Target } from '../plan/targets.ts'
import type { Work } from './work.ts'

/** How long a result counts, in ms. */
const COUNTS_MS: Record<Isolated['result'], number> = {
  True: 6 * 60 * 60_000,
  False: 60 * 60_000,
  Unknown: 10 * 60_000,
}
/** How long it counts what an identity was seen to list: a trial of a store that is gone is not made again. */
const REACH_MS = 24 * 60 * 60_000
/** Buckets of one identity. */
const BUCKETS_MAX = 1_000
/** More results than a cluster has of identities, buckets and accesses. What is dropped can be found again. */
const RESULTS_MAX = 10_000

/** What a result is looked up by. */
export interface TrialKey {
  /** Namespace of the store, whose results give way when there are too many. */
  owner: string
  /** Of results that count for all prefixes. */
  bucket: string
  prefix: string
}

interface Asked {
  key: TrialKey
  /** Fingerprint of the identity. */
  identity: string
  bucket: string
  monotonic: () => number
}

interface Kept {
  isolated: Isolated
  /** By the monotonic clock. */
  dueAt: number
}

/** By the bucket of the trial; `until`: by the monotonic clock. */
type Seen = Map<string, { reaches: Isolation['identityReaches']; until: number }>

export class Isolations {
  readonly #kept = new FairMap<Kept>(RESULTS_MAX)
  readonly #dueAt = new FairMap<number>(RESULTS_MAX)
  /** By identity. */
  readonly #reaches = new FairMap<Seen>(RESULTS_MAX)
  readonly #flights = new Flights<Isolation | Failure>()

  /** The result while it counts. */
  known({ bucket, prefix }: Omit<TrialKey, 'owner'>, monotonic: number): Isolated | undefined {
    return [this.#kept.get(prefix), this.#kept.get(bucket)].find(kept => kept && kept.dueAt > monotonic)?.isolated
  }

  /**
   * Whether credentials that do not end are to be tried again. What was issued before this process has begun is at a
   * random point of its time, so that a restart leads to no wave of calls.
   */
  isDue(key: TrialKey, monotonic: number): boolean {
    if (this.known(key, monotonic)) return false
    const known = this.#dueAt.get(key.prefix)
    if (known !== undefined || this.#kept.has(key.prefix) || this.#kept.has(key.bucket))
      return (known ?? 0) <= monotonic
    this.#dueAt.set(key.owner, key.prefix, monotonic + Math.floor(jitterFor(key.prefix, COUNTS_MS.True / 2, 1)))
    return false
  }

  /** Asks once for all who wait for the same. A Failure of one store says nothing of another. */
  async find(asked: Asked, ask: () => Promise<Isolation | Failure>, signal: AbortSignal): Promise<Isolated | Failure> {
    const { key, monotonic } = asked
    const known = this.known(key, monotonic())
    if (known) return known
    let leads = false
    const noted = async () => {
      const found = await ask()
      if (!isFailure(found)) this.#note(asked, found, monotonic())
      return found
    }
    const flight = this.#flights.share(key.bucket, () => {
      leads = true
      return noted()
    })
    if (leads) return toldOf(await flight)
    // Whatever becomes of the first: who waits for it can ask, too.
    await abortable(
      flight.catch(() => undefined),
      signal,
    )
    return this.known(key, monotonic()) ?? toldOf(await noted())
  }

  /** What the identity with this fingerprint was seen to reach; undefined when nobody has looked for a day. */
  reachOf(identity: string, monotonic: number): Omit<Reach, 'stores'> | undefined {
    const seen = this.#reaches.get(identity)
    for (const [bucket, { until }] of seen ?? []) if (until <= monotonic) seen?.delete(bucket)
    if (!seen || seen.size === 0) return undefined
    const all = [...seen.values()].map(({ reaches }) => reaches)
    return {
      whole: new Set(all.flatMap(({ bucket }) => bucket ?? [])),
      elsewhere: new Set(all.flatMap(({ elsewhere }) => elsewhere ?? [])),
    }
  }

  #note({ key, identity, bucket }: Asked, found: Isolation, monotonic: number): void {
    const { result, holdsFor } = found
    const at = holdsFor === 'bucket' ? key.bucket : key.prefix
    this.#kept.set(key.owner, at, { isolated: toldOf(found), dueAt: monotonic + COUNTS_MS[result] })
    if (result === 'Unknown') return
    const seen: Seen = this.#reaches.get(identity) ?? new Map()
    setNewest(seen, bucket, { reaches: found.identityReaches, until: monotonic + REACH_MS }, BUCKETS_MAX)
    this.#reaches.set(key.owner, identity, seen)
  }
}

export function trialKeyOf({ store, plan }: Pick<Work, 'store' | 'plan'>, target: Target): TrialKey {
  const { identity, requestedAt, writeProbe } = plan
  const { access, formats, required, location } = target
  const { bucket, prefix, requesterPays } = location
  const handsOn = formats.includes('WebIdentity')
  const mayWrite = writeProbe !== 'None'
  const kind = [identity.fingerprint, bucket, prefix === '', access, handsOn, required, mayWrite, requesterPays]
  const key = digestOf([...kind, requestedAt])
  return { owner: store.metadata.namespace ?? '', bucket: key, prefix: `${key}/${prefix}` }
}

/** Drops what only the owner of the connector may know. */
function toldOf(found: Isolation): Isolated
function toldOf(found: Isolation | Failure): Isolated | Failure
function toldOf(found: Isolation | Failure): Isolated | Failure {
  if (isFailure(found)) return found
  const { result, detail } = found
  return { result, ...(detail === undefined ? {} : { detail }) }
}
