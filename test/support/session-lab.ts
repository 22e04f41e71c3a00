/** A SessionCache for tests, whose clock stands still and in which a session opens when the test says so. */
import assert from 'node:assert/strict'
import { type Failure, isFailure, transient } from '../../src/api/failures.ts'
import type { Identity, Session, SharedSession } from '../../src/providers/provider.ts'
import { rejection } from '../../src/providers/rejection.ts'
import { SessionCache } from '../../src/providers/sessions/session-cache.ts'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const START = Date.parse('2030-01-01T00:00:00Z')

export const none = new AbortController().signal

export const identity = (connector: string, fingerprint = 'f1'): Identity => ({
  provider: 'aws',
  fingerprint,
  connector,
  sessionDurationMs: 60 * MINUTE,
  cautions: [],
})

export const reasonOf = (result: Session | Failure): string => (isFailure(result) ? result.reason : 'session')

interface LabSession extends Session {
  /** How many times it was closed. */
  closed: number
}

interface Flight {
  connector: string
  signal: AbortSignal
  settle: (result: Session | Failure) => void
  fail: (error: Error) => void
}

/** A call that the service answers by refusing the session's credentials. */
export async function refuse(session: Session): Promise<void> {
  const request = { location: { bucket: 'ml', prefix: '', uri: 's3://ml' }, encryption: { type: 'None' as const } }
  await session.probe({ ...request, writeProbe: 'None', probeId: 'x', required: [] }, none)
}

export interface SessionLab {
  cache: SessionCache
  /** The time of the wall clock, in ms. */
  now: number
  /** By how much the wall clock was set back, in ms. */
  setBackMs: number
  /** Sessions that are being opened, the oldest first. */
  flights: Flight[]
  /** The number of sessions that were begun to be opened. */
  opened: number
  /** A session that ends after `lifeMs`, or never if that is absent. */
  session(lifeMs?: number): LabSession
  /** Takes the oldest session that is being opened. */
  nextFlight(): Flight
  /** Ends the oldest opening with `result`; returns `promise`, which waits for it. */
  settled<T>(promise: Promise<T>, result: Session | Failure): Promise<T>
  /** Asks for a session and ends its opening with `result`. */
  open(who: Identity, result: LabSession): Promise<SharedSession>
  /** Connectors whose sessions were refused, in the order of the refusals. */
  rejections: string[]
  /** Connectors whose sessions were refused and could not be opened again. */
  lost: string[]
}

export function createSessionLab(max = 10): SessionLab {
  const lab: SessionLab = {
    cache: new SessionCache({
      max,
      now: () => new Date(lab.now),
      monotonic: () => lab.now + lab.setBackMs,
      open: ({ connector }, signal) => {
        lab.opened++
        return new Promise((settle, fail) => lab.flights.push({ connector, signal, settle, fail }))
      },
      onRejected: connector => lab.rejections.push(connector),
      onLost: connector => lab.lost.push(connector),
    }),
    now: START,
    setBackMs: 0,
    flights: [],
    opened: 0,
    rejections: [],
    lost: [],
    session: lifeMs => ({
      caller: {},
      principal: 'someone',
      expiresAt: lifeMs === undefined ? undefined : new Date(lab.now + lifeMs),
      closed: 0,
      probe: async () => rejection(transient('SessionExpired', 'the service refuses its credentials')),
      grant: () => Promise.reject(new Error('unused')),
      tryIssued: () => Promise.reject(new Error('unused')),
      prepare: () => Promise.reject(new Error('unused')),
      resources: () => Promise.reject(new Error('unused')),
      measure: () => Promise.reject(new Error('unused')),
      close() {
        this.closed++
      },
    }),
    nextFlight() {
      const flight = lab.flights.shift()
      assert.ok(flight, 'nothing is being opened')
      return flight
    },
    settled(promise, result) {
      lab.nextFlight().settle(result)
      return promise
    },
    async open(who, result) {
      const got = await lab.settled(lab.cache.get(who, none), result)
      assert.ok(!isFailure(got))
      return got
    },
  }
  return lab
}
