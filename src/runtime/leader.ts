/**
 * Elects a leader by a Lease: the I/O around lease-record.ts.
 *
 * One rule is stricter than client-go's: the renew deadline counts from when the last successful renewal was *sent*, so
 * that the leader is gone before `leaseDurationMs` can have passed for anybody who saw that renewal.
 */
import type { KubeObject } from '../api/object.ts'
import type { Client } from '../kube/client.ts'
import { isNotFound } from '../kube/errors.ts'
import { LEASES } from '../kube/resource.ts'
import { describeError } from '../telemetry/redact.ts'
import { jittered, type Random } from './backoff.ts'
import { type Clock, sleep } from './clock.ts'
import { decide, endOf, type Instant, type LeaseSpec, type Observation, observe, released } from './lease-record.ts'
import type { Log } from './log.ts'

interface LeaderTiming {
  leaseDurationMs: number
  renewDeadlineMs: number
  retryPeriodMs: number
}

export interface LeaderOptions {
  client: Client
  namespace: string
  /** Name of the Lease. */
  name: string
  /** Name that is unique to this process. The pod's name alone is not, as its containers restart. */
  identity: string
  clock: Clock
  random: Random
  log: Log
  timing?: LeaderTiming
  /** Called when leadership begins and ends. */
  leading?(leads: boolean): void
}

export interface Leader {
  /**
   * Resolves to true once this process leads, and renews from then on; to false when the signal aborted first. Calls
   * `onLost` at most once, as soon as the lead is lost: nothing may be written after it, and the process should end.
   */
  acquire(signal: AbortSignal, onLost: (why: string) => void): Promise<boolean>
  isLeader(): boolean
  /** Stops renewing and gives the Lease up. Call it when all work that needs the lead has ended. Never rejects. */
  release(): Promise<void>
}

type Lease = KubeObject & { spec?: LeaseSpec }

/** How an attempt has ended. `error` leaves open who leads. */
type Attempt = { kind: 'leads' } | { kind: 'other'; holder: string } | { kind: 'error'; error: unknown }

/** Timing that client-go has by default. */
const DEFAULT_TIMING: LeaderTiming = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 }
const JITTER_FACTOR = 1.2
/**
 * Who waits looks twice in a retry period, and when the Lease ends: a leader that was asked to end gives it up, and its
 * work should go on within two seconds. client-go waits for up to 4.4 s.
 */
const LOOKS_OF_A_PERIOD = 2
const LOOK_SPREAD = 0.25

/** Makes a candidate. Throws RangeError when the timing can't keep two leaders apart. */
export function createLeader(options: LeaderOptions): Leader {
  const { client, namespace, name, identity, clock, random, log, timing = DEFAULT_TIMING } = options
  const { leaseDurationMs, renewDeadlineMs, retryPeriodMs } = timing
  if (leaseDurationMs <= renewDeadlineMs) throw new RangeError('the lease duration must exceed the renew deadline')
  if (renewDeadlineMs <= retryPeriodMs * JITTER_FACTOR) {
    throw new RangeError(`the renew deadline must exceed ${JITTER_FACTOR} times the retry period`)
  }
  const candidate = { identity, leaseDurationMs }
  const where = `${namespace}/${name}`
  // A call that hangs must leave time for another one before the deadline.
  const call = { timeoutMs: renewDeadlineMs / 2 }
  const stopping = new AbortController()
  let phase: 'candidate' | 'leading' | 'over' = 'candidate'
  /** Monotonic ms at which leadership ends unless the lease is renewed before. */
  let leadsUntil = 0
  let cancelDeadline = () => {}
  let tellLost: (why: string) => void = () => {}
  let lastError: unknown
  let lease: Lease | undefined
  let observation: Observation | undefined
  let renewing = Promise.resolve()

  const instant = (): Instant => ({ monotonic: clock.monotonic(), wall: clock.now() })
  const isLeader = () => phase === 'leading' && clock.monotonic() < leadsUntil

  function learn(known: Lease | undefined): void {
    lease = known
    observation = known && observe(observation, known.spec ?? {}, clock.monotonic())
  }

  async function read(): Promise<void> {
    try {
      learn(await client.get<Lease>(LEASES, namespace, name, call))
    } catch (error) {
      if (!isNotFound(error)) throw error
      learn(undefined)
    }
  }

  async function write(spec: LeaseSpec): Promise<void> {
    if (lease) {
      learn(await client.replace<Lease>(LEASES, { ...lease, spec: { ...lease.spec, ...spec } }, call))
    } else {
      const { apiVersion, kind } = LEASES
      learn(await client.create<Lease>(LEASES, { apiVersion, kind, metadata: { namespace, name }, spec }, call))
    }
  }

  /** Tries once to become or to stay leader. */
  async function attempt(): Promise<Attempt> {
    try {
      // The leader knows the Lease as its last write left it: if it still is so, one write renews it.
      if (isLeader()) {
        try {
          return await decideAndWrite()
        } catch (error) {
          log.debug({ err: error }, 'lease was not renewed unread')
        }
      }
      await read()
      return await decideAndWrite()
    } catch (error) {
      return { kind: 'error', error }
    }
  }

  async function decideAndWrite(): Promise<Attempt> {
    const sentAt = clock.monotonic()
    const decision = decide(candidate, observation, instant())
    if (decision.kind === 'wait') return { kind: 'other', holder: decision.holder }
    await write(decision.spec)
    leadUntil(sentAt + renewDeadlineMs)
    return { kind: 'leads' }
  }

  function leadUntil(monotonic: number): void {
    const left = monotonic - clock.monotonic()
    if (left <= 0) throw new Error('the answer came after the renew deadline')
    leadsUntil = monotonic
    cancelDeadline()
    cancelDeadline = clock.after(left, () => {
      const because = lastError === undefined ? '' : `: ${describeError(lastError)}`
      lose(`the lease ${where} was not renewed within ${renewDeadlineMs / 1000} s${because}`)
    })
  }

  function lose(why: string): void {
    if (phase !== 'leading') return
    endLeading()
    tellLost(why)
  }

  function endLeading(): void {
    phase = 'over'
    cancelDeadline()
    options.leading?.(false)
  }

  async function renew(): Promise<void> {
    for (;;) {
      await sleep(clock, retryPeriodMs, stopping.signal)
      if (phase !== 'leading' || stopping.signal.aborted) return
      const result = await attempt()
      if (result.kind === 'other') return lose(`the lease ${where} is held by ${result.holder}`)
      lastError = result.kind === 'error' ? result.error : undefined
      if (result.kind === 'error') log.warn({ err: result.error }, 'lease was not renewed; it is tried again')
    }
  }

  function untilNextLook(): number {
    const look = jittered(retryPeriodMs / LOOKS_OF_A_PERIOD, LOOK_SPREAD, random)
    const left = observation ? endOf(observation) - clock.monotonic() : 0
    return left > 0 ? Math.min(look, left) : look
  }

  return {
    isLeader,
    async acquire(signal, onLost) {
      log.info({ lease: where, identity }, 'waiting to lead')
      tellLost = onLost
      let holder: string | undefined
      while (!signal.aborted) {
        const result = await attempt()
        if (result.kind === 'leads') {
          log.info({ lease: where, identity }, 'leads')
          phase = 'leading'
          options.leading?.(true)
          renewing = renew()
          return true
        }
        if (result.kind === 'error') log.warn({ err: result.error }, 'lease was not acquired; it is tried again')
        else if (result.holder !== holder) {
          holder = result.holder
          log.info({ lease: where, holder }, 'another replica leads')
        }
        await sleep(clock, untilNextLook(), signal)
      }
      return false
    },
    async release() {
      stopping.abort()
      // When the lead is lost a renewal may still be under way, but nothing depends on it.
      if (phase === 'leading') await renewing
      if (phase !== 'leading') return
      endLeading()
      try {
        await read()
        if (observation?.spec.holderIdentity === identity) await write(released(observation.spec, instant()))
        log.info({ lease: where }, 'lease released')
      } catch (error) {
        log.warn({ err: error }, `lease was not released: others wait for ${leaseDurationMs / 1000} s`)
      }
    },
  }
}
