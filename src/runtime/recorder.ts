/**
 * Sends Kubernetes events on the side: recording never waits and never fails. Events only supplement the status, so
 * under pressure the oldest are dropped (and counted) rather than kept.
 */
import { randomBytes } from 'node:crypto'
import { type KubeObject, objectKey } from '../api/object.ts'
import type { Client } from '../kube/client.ts'
import { ApiError, isConflict, TransportError } from '../kube/errors.ts'
import { EVENTS } from '../kube/resource.ts'
import { createBackoff, type Random } from './backoff.ts'
import { type Clock, sleep } from './clock.ts'
import { type EventObject, eventObject, type Reporter } from './event.ts'
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

interface Waiting {
  event: EventObject
  identity: string
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { client, clock, random, log, reporter, capacity = MAX_REMEMBERED, counted = () => {} } = options
  const waiting: Waiting[] = []
  /** Time of the last event of each identity, oldest first. */
  const said = new Map<string, number>()
  const cutOff = new AbortController()
  /** Ends the pacing, when only a bounded time is left. */
  const hurry = new AbortController()
  let sending: Promise<void> | undefined
  let stopped = false
  /** Monotonic ms up to which the budget of events is used. */
  let paidUntil = Number.NEGATIVE_INFINITY

  function isRepeated(identity: string): boolean {
    const now = clock.monotonic()
    for (const [oldest, at] of said) {
      if (now - at < REPEAT_MS && said.size < MAX_REMEMBERED) break
      said.delete(oldest)
    }
    if (said.has(identity)) return true
    said.set(identity, now)
    return false
  }

  /** Forgets an event that was not sent after all, so that the next one like it is not taken for a repetition. */
  function lose({ identity }: Waiting, result: 'dropped' | 'failed'): void {
    said.delete(identity)
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
      const identity = [object.metadata.uid, event.type, event.reason, event.message].join('\n')
      if (isRepeated(identity)) return counted('repeated')
      const unique = randomBytes(8).toString('hex')
      waiting.push({ event: eventObject(object, event, { reporter, at: clock.now(), unique }), identity })
      if (waiting.length > capacity) {
        const oldest = waiting.shift()
        if (oldest) lose(oldest, 'dropped')
      }
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
      if (waiting.length === 0) return
      log.warn({ events: waiting.length }, 'events were not sent before the end')
      for (const lost of waiting.splice(0)) lose(lost, 'dropped')
    },
  }
}

const mayPass = (error: unknown): boolean =>
  error instanceof TransportError || (error instanceof ApiError && (error.code === 429 || error.code >= 500))
