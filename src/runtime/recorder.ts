/**
 * Sends Kubernetes events on the side: recording never waits and never fails. Events only supplement the status, so
 * under pressure they are dropped (and counted) rather than kept: the oldest of the namespace that has most of them.
 * Namespaces take turns, so that one in which much happens says nothing for the others.
 */
import { randomBytes } from 'node:crypto'
import { type KubeObject, objectKey } from '../api/object.ts'
import type { Client } from '../kube/client.ts'
import { ApiError, isConflict, TransportError } from '../kube/errors.ts'
import { EVENTS } from '../kube/resource.ts'
import { createBackoff, type Random } from './backoff.ts'
import { type Clock, sleep } from './clock.ts'
import { type EventObject, eventObject, type Reporter } from './event.ts'
import { FairLines } from './fair-lines.ts'
import type { Log } from './log.ts'
import type { EventRecord } from './outcome.ts'

/** What became of an event. `repeated`: the object had the same event within the last ten minutes. */
export type EventResult = 'sent' | 'repeated' | 'dropped' | 'failed'

export interface Recorder {
  record(object: KubeObject, event: EventRecord): void
  /** Takes no more events, and sends those that wait for at most `boundMs`. */
  stop(boundMs: number): Promise<void>
}

export interface RecorderOptions {
  client: Client
  clock: Clock
  random: Random
  log: Log
  reporter: Reporter
  /** How many events may wait. Default 4096. */
  capacity?: number
  counted?(result: EventResult): void
}

const REPEAT_MS = 600_000
const MAX_REMEMBERED = 4096
const ATTEMPTS = 3
/** Pace of 20 events a second, after a burst of 50. */
const PACE_MS = 50
const BURST = 50

/** What tells an event from others, of which one after it within ten minutes is a repetition. */
interface Said {
  namespace: string
  identity: string
  /** Monotonic ms. */
  at: number
}

interface Waiting {
  event: EventObject
  said: Said
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { client, clock, random, log, reporter, capacity = MAX_REMEMBERED, counted = () => {} } = options
  const waiting = new FairLines<Waiting>()
  /** The last event of each identity. */
  const known = new Map<string, Said>()
  const remembered = new FairLines<Said>()
  const cutOff = new AbortController()
  /** Ends the pacing, when only a bounded time is left. */
  const hurry = new AbortController()
  let sending: Promise<void> | undefined
  let stopped = false
  /** Monotonic ms up to which the budget of events is used. */
  let paidUntil = Number.NEGATIVE_INFINITY

  /** Remembers an event. Returns undefined if it is a repetition. */
  function remember(namespace: string, identity: string): Said | undefined {
    const now = clock.monotonic()
    const last = known.get(identity)
    if (last && now - last.at < REPEAT_MS) return undefined
    if (last) forget(last)
    const said = { namespace, identity, at: now }
    known.set(identity, said)
    remembered.push(namespace, said)
    const surplus = remembered.size > MAX_REMEMBERED ? remembered.shiftLongest() : undefined
    if (surplus) known.delete(surplus.identity)
    return said
  }

  function forget(said: Said): void {
    if (known.get(said.identity) === said) known.delete(said.identity)
    remembered.delete(said.namespace, said)
  }

  /** Forgets an event that was not sent after all, so that the next one like it is not taken for a repetition. */
  function lose({ said }: Waiting, result: 'dropped' | 'failed'): void {
    forget(said)
    counted(result)
  }

  async function sendAll(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const waitMs = pace()
      if (waitMs > 0) await sleep(clock, waitMs, hurry.signal)
      if (await send(next.event)) counted('sent')
      else lose(next, 'failed')
    }
  }

  /** Returns the ms to wait: a burst goes out at once, and a flood leaves the API server to calls that matter more. */
  function pace(): number {
    const now = clock.monotonic()
    paidUntil = Math.max(paidUntil, now - BURST * PACE_MS) + PACE_MS
    return paidUntil - now
  }

  async function send(event: EventObject): Promise<boolean> {
    const backoff = createBackoff({ baseMs: 500, capMs: 5_000, random })
    for (let attempt = 1; ; attempt++) {
      try {
        await client.create(EVENTS, event, { signal: cutOff.signal })
        return true
      } catch (error) {
        // The name is unique, so a conflict means that an earlier attempt went through after all.
        if (isConflict(error)) return true
        if (attempt === ATTEMPTS || !mayPass(error) || cutOff.signal.aborted) {
          log.debug(
            { key: objectKey(event.regarding.namespace, event.regarding.name), reason: event.reason, err: error },
            'event was not sent',
          )
          return false
        }
        await sleep(clock, backoff.next(), cutOff.signal)
      }
    }
  }

  return {
    record(object, event) {
      if (stopped) return
      const { uid, namespace = '' } = object.metadata
      const said = remember(namespace, [uid, event.type, event.reason, event.message].join('\n'))
      if (!said) return counted('repeated')
      const unique = randomBytes(8).toString('hex')
      waiting.push(namespace, { event: eventObject(object, event, { reporter, at: clock.now(), unique }), said })
      const surplus = waiting.size > capacity ? waiting.shiftLongest() : undefined
      if (surplus) lose(surplus, 'dropped')
      sending ??= sendAll().finally(() => {
        sending = undefined
      })
    },
    async stop(boundMs) {
      stopped = true
      hurry.abort()
      const bound = new AbortController()
      await Promise.race([sending, sleep(clock, boundMs, bound.signal)])
      bound.abort()
      cutOff.abort()
      if (waiting.size === 0) return
      log.warn({ events: waiting.size }, 'events were not sent before the end')
      for (let lost = waiting.shift(); lost; lost = waiting.shift()) lose(lost, 'dropped')
    },
  }
}

const mayPass = (error: unknown): boolean =>
  error instanceof TransportError || (error instanceof ApiError && (error.code === 429 || error.code >= 500))
