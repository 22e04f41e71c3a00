/** Pure: how a store's usage went while the page was open. */
import type { StoreItem } from '../../contract.ts'

export interface Sample {
  /** In ms. */
  at: number
  objects: number
  bytes: number
}

/** More are not kept. */
const SAMPLES = 500

/** Adds a measurement, unless it is there already. The same array when nothing is new. */
export function withUsage(samples: readonly Sample[], usage: StoreItem['usage']): readonly Sample[] {
  const at = usage === undefined ? Number.NaN : Date.parse(usage.measuredAt)
  if (!usage || Number.isNaN(at) || (samples.at(-1)?.at ?? Number.NEGATIVE_INFINITY) >= at) return samples
  return [...samples, { at, objects: usage.objects, bytes: usage.bytes }].slice(-SAMPLES)
}

/** A line through the samples for the attribute `points` of SVG, in a box of that size. */
export function lineOf(samples: readonly Sample[], width: number, height: number): string {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last) return ''
  const most = samples.reduce((most, { bytes }) => Math.max(most, bytes), 1)
  const span = Math.max(1, last.at - first.at)
  const points = samples.map(({ at, bytes }) => [((at - first.at) / span) * width, height - (bytes / most) * height])
  if (points.length === 1) points.push([width, points[0]?.[1] ?? 0])
  return points.map(([x = 0, y = 0]) => `${round(x)},${round(y)}`).join(' ')
}

const round = (number: number): number => Math.round(number * 10) / 10
