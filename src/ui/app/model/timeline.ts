/** Pure: when all credentials are replaced and end: what of it comes at once, and what is not replaced in time. */
import type { SecretItem, StoreItem } from '../../contract.ts'
import { stageOf, type Times, timesOf } from './life.ts'

export interface Credential extends Times {
  /** Unique: `namespace/name` of the Secret, and the key of its store. */
  key: string
  secret: SecretItem
  store: StoreItem
}

/** All Secrets of the stores, by what happens next. */
export function credentialsOf(stores: readonly StoreItem[]): Credential[] {
  const all = stores.flatMap(store =>
    store.secrets.map(secret => ({
      ...timesOf(secret),
      ...{ key: `${secret.namespace}/${secret.name} ${store.key}`, secret, store },
    })),
  )
  return all.sort((one, other) => compare(nextOf(one), nextOf(other)))
}

/** Also of what never happens: Infinity less Infinity is no number. */
const compare = (one: number, other: number): number => (one === other ? 0 : one - other)

/** When it needs somebody: its refresh, else its end. */
const nextOf = ({ due, end }: Credential): number => due ?? end ?? Number.POSITIVE_INFINITY

/** A part of the timeline with what happens in it. */
export interface Slot {
  /** In ms. */
  from: number
  to: number
  refreshes: number
  /** Ends of credentials for which no refresh is planned before them. */
  ends: number
}

export interface Span {
  from: number
  to: number
}

export const SLOTS = 60

export const HORIZONS = [
  { title: '1 hour', ms: 3_600_000 },
  { title: '6 hours', ms: 6 * 3_600_000 },
  { title: '1 day', ms: 86_400_000 },
  { title: '7 days', ms: 7 * 86_400_000 },
] as const

/** The shortest horizon in which all known refreshes are; the longest one when none is long enough. */
export function horizonFor(credentials: readonly Credential[], now: number): number {
  const last = credentials.reduce((latest, { due, end }) => Math.max(latest, due ?? end ?? 0), now)
  return (HORIZONS.find(({ ms }) => now + ms >= last) ?? HORIZONS[HORIZONS.length - 1] ?? HORIZONS[0]).ms
}

/** The past that is shown, too, as a part of the horizon: what is late is seen there. */
const PAST = 1 / 12

export const spanOf = (now: number, horizon: number): Span => ({ from: now - horizon * PAST, to: now + horizon })

export function slotsOf(credentials: readonly Credential[], { from, to }: Span): Slot[] {
  const width = (to - from) / SLOTS
  const slots = Array.from({ length: SLOTS }, (_, at) => ({
    ...{ from: from + at * width, to: from + (at + 1) * width, refreshes: 0, ends: 0 },
  }))
  const slotAt = (time: number): Slot | undefined => slots[Math.floor((time - from) / width)]
  for (const { due, end } of credentials) {
    if (due !== undefined) {
      const slot = slotAt(due)
      if (slot) slot.refreshes++
    } else if (end !== undefined) {
      const slot = slotAt(end)
      if (slot) slot.ends++
    }
  }
  return slots
}

/** Slots that have far more to replace than others, one beside the other put together. */
export interface Wave extends Span {
  refreshes: number
  /** Part of all refreshes in the span, 0 to 1. */
  share: number
}

/** Below this many, a wave does not matter. */
const WAVE = 20
/** So many times the mean of the slots make a wave. */
const TIMES = 4

export function wavesOf(slots: readonly Slot[]): Wave[] {
  const all = slots.reduce((sum, { refreshes }) => sum + refreshes, 0)
  const least = Math.max(WAVE, (TIMES * all) / slots.length)
  const waves: Wave[] = []
  for (const { from, to, refreshes } of slots) {
    if (refreshes < least) continue
    const last = waves.at(-1)
    if (last && last.to === from) Object.assign(last, { to, refreshes: last.refreshes + refreshes })
    else waves.push({ from, to, refreshes, share: 0 })
  }
  return waves.map(wave => ({ ...wave, share: wave.refreshes / all }))
}

/** Consumers have no credentials now, or will have none: ended, late, or without a refresh before the end. */
export interface Gap {
  credential: Credential
  kind: 'ended' | 'late' | 'unplanned'
}

export function gapsOf(credentials: readonly Credential[], now: number): Gap[] {
  const gaps = credentials.flatMap((credential): Gap[] => {
    const { due, end, issued } = credential
    const stage = stageOf(credential, now)
    if (stage === 'ended' || stage === 'late') return [{ credential, kind: stage }]
    const isUnplanned = end !== undefined && issued !== undefined && (due === undefined || due >= end)
    return isUnplanned ? [{ credential, kind: 'unplanned' }] : []
  })
  return gaps.sort((one, other) => GAPS.indexOf(one.kind) - GAPS.indexOf(other.kind))
}

const GAPS: Gap['kind'][] = ['ended', 'late', 'unplanned']

/** Times for the axis: whole minutes, hours or days, ten at most. */
export function ticksOf({ from, to }: Span): number[] {
  const step = STEPS.find(ms => (to - from) / ms <= TICKS) ?? to - from
  const ticks: number[] = []
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) ticks.push(tick)
  return ticks
}

const TICKS = 10
const MINUTE = 60_000
const STEPS = [1, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880].map(minutes => minutes * MINUTE)
