/**
 * Pure: says by a Lease who leads, with client-go's rules. Times inside a Lease come from the clocks of other machines,
 * so they are never compared: what counts is for how long, by this machine's clock, the Lease has not changed.
 */
import { isDeepStrictEqual } from 'node:util'
import { microTime } from '../api/time.ts'

export interface LeaseSpec {
  holderIdentity?: string
  leaseDurationSeconds?: number
  /** Time in the form of MicroTime. */
  acquireTime?: string
  renewTime?: string
  leaseTransitions?: number
}

/** A Lease as it was last read, and the own monotonic ms at which it was first seen to say this. */
export interface Observation {
  spec: LeaseSpec
  since: number
}

export type Decision =
  /** Writing this spec makes or keeps the candidate leader. */
  | { kind: 'write'; spec: LeaseSpec }
  /** Somebody else leads. */
  | { kind: 'wait'; holder: string }

export interface Candidate {
  identity: string
  leaseDurationMs: number
}

export interface Instant {
  /** The own monotonic ms. */
  monotonic: number
  /** Wall clock in ms, for people who read the Lease. */
  wall: number
}

export function observe(last: Observation | undefined, spec: LeaseSpec, monotonic: number): Observation {
  return last && isDeepStrictEqual(last.spec, spec) ? last : { spec, since: monotonic }
}

/** Decides what to do about a Lease. `observation` is undefined when there is none. */
export function decide(candidate: Candidate, observation: Observation | undefined, now: Instant): Decision {
  if (!observation) return { kind: 'write', spec: ledBy(candidate, now, 0) }
  const { spec } = observation
  const { holderIdentity: holder = '', leaseTransitions = 0, acquireTime } = spec
  if (holder === candidate.identity) {
    const renewed = ledBy(candidate, now, leaseTransitions)
    return { kind: 'write', spec: acquireTime === undefined ? renewed : { ...renewed, acquireTime } }
  }
  if (holder !== '' && now.monotonic < endOf(observation)) return { kind: 'wait', holder }
  return { kind: 'write', spec: ledBy(candidate, now, leaseTransitions + 1) }
}

/** The own monotonic ms from which others than the holder may take a Lease, if it does not change before. */
export const endOf = ({ spec: { leaseDurationSeconds = 0 }, since }: Observation): number =>
  since + leaseDurationSeconds * 1000

function ledBy({ identity, leaseDurationMs }: Candidate, now: Instant, leaseTransitions: number): LeaseSpec {
  const time = microTime(now.wall)
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.round(leaseDurationMs / 1000),
    acquireTime: time,
    renewTime: time,
    leaseTransitions,
  }
}

/** Returns the spec of a Lease that is given up, so that the next candidate need not wait. */
export function released(spec: LeaseSpec, now: Instant): LeaseSpec {
  const time = microTime(now.wall)
  return { ...spec, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: time, renewTime: time }
}
