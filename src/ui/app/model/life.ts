/** Pure: the life of a Secret's credentials: when they were issued, are to be replaced, and end. */

import { ageOf, seenFrom } from '../../../cli/text/ages.ts'
import type { SecretItem } from '../../contract.ts'

/**
 * fresh: nothing to do yet. due: it is time to replace them. late: that time was a while ago. ended: consumers are
 * refused. endless: they do not end. unknown: nobody knows when they were issued.
 */
export type Stage = 'fresh' | 'due' | 'late' | 'ended' | 'endless' | 'unknown'

export interface Life {
  stage: Stage
  /** Parts of the time from issue to end, 0 to 1; absent when they are not known. */
  spent?: number
  due?: number
  /** For people: `ends in 42m, is replaced in 12m`. */
  words: string
  /** The part of them about the end, where there is little room. */
  ends: string
}

/** A refresh may come a little later than it is due, as others have their turn first. */
const LATE_MS = 60_000

/** Times in ms. */
export interface Times {
  issued: number | undefined
  due: number | undefined
  end: number | undefined
}

/** Secrets never change, and there may be thousands: their times are read once. */
const known = new WeakMap<SecretItem, Times>()

export function timesOf(secret: SecretItem): Times {
  const times = known.get(secret) ?? {
    issued: timeOf(secret.issuedAt),
    due: timeOf(secret.refreshAt),
    end: timeOf(secret.expiresAt),
  }
  known.set(secret, times)
  return times
}

/** `now`: in ms, by the clock of the cluster. */
export function stageOf({ issued, due, end }: Times, now: number): Stage {
  if (end === undefined) return issued === undefined ? 'unknown' : 'endless'
  if (end <= now) return 'ended'
  if (issued === undefined || end <= issued) return 'unknown'
  if (due === undefined || due > now) return 'fresh'
  return due < now - LATE_MS ? 'late' : 'due'
}

export function lifeOf(secret: SecretItem, now: number): Life {
  const times = timesOf(secret)
  const { issued, due, end } = times
  const stage = stageOf(times, now)
  if (end === undefined) {
    const words = stage === 'endless' ? 'does not end' : 'when it ends is not known'
    return { stage, words, ends: words }
  }
  const ends = end > now ? `ends ${seenFrom(new Date(now), secret.expiresAt)}` : `ended ${ageOf(now - end)} ago`
  if (issued === undefined || end <= issued) return { stage, words: ends, ends }
  const part = (time: number): number => Math.max(0, Math.min(1, (time - issued) / (end - issued)))
  return {
    stage,
    spent: part(now),
    ...(due === undefined ? {} : { due: part(due) }),
    words: `${ends}${refreshWords(stage, due, now)}`,
    ends,
  }
}

function refreshWords(stage: Stage, due: number | undefined, now: number): string {
  if (due === undefined) return ''
  if (stage === 'fresh') return `, is replaced in ${ageOf(due - now)}`
  if (stage === 'due') return ', is being replaced'
  return `, was to be replaced ${ageOf(now - due)} ago`
}

/** Undefined for what is no time. */
function timeOf(text: string | undefined): number | undefined {
  const ms = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}
