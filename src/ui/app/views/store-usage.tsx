/** How much is in the store, and how that went while the page was open. */
import { useEffect, useState } from 'preact/hooks'
import { bytesOf, seenFrom } from '../../../cli/text/ages.ts'
import type { StoreItem } from '../../contract.ts'
import { lineOf, type Sample, withUsage } from '../model/usage.ts'
import { dateOf } from '../parts/clock.ts'

const WIDTH = 240
const HEIGHT = 36

/** By key of the store: what was measured since the page was opened. */
const kept = new Map<string, readonly Sample[]>()

interface UsageProps {
  item: StoreItem
  isShown: boolean
  now: number
}

export function Usage({ item, isShown, now }: UsageProps) {
  const [samples, setSamples] = useState<readonly Sample[]>(kept.get(item.key) ?? [])
  useEffect(() => {
    const next = withUsage(kept.get(item.key) ?? [], item.usage)
    kept.set(item.key, next)
    setSamples(next)
  }, [item.key, item.usage])
  const { usage } = item
  if (!isShown || !usage) return null
  const [first, last] = [samples[0], samples.at(-1)]
  const change = first && last ? last.bytes - first.bytes : 0
  return (
    <section class="usage" aria-label="Usage">
      <p>
        <strong>{bytesOf(usage.bytes)}</strong>
        <span>{usage.objects.toLocaleString('en')} objects</span>
        <span class="quiet">
          {usage.scope === 'Bucket' ? 'in the whole bucket' : 'below its prefix'}, measured{' '}
          <time dateTime={usage.measuredAt} title={dateOf(usage.measuredAt)}>
            {seenFrom(new Date(now), usage.measuredAt)}
          </time>
        </span>
      </p>
      {samples.length > 1 && (
        <svg class="spark" viewBox={`0 -2 ${WIDTH} ${HEIGHT + 4}`} preserveAspectRatio="none" aria-hidden="true">
          <polyline points={lineOf(samples, WIDTH, HEIGHT)} />
        </svg>
      )}
      <p class="quiet">
        {samples.length} {samples.length === 1 ? 'measurement' : 'measurements'} since the page was opened
        {change !== 0 && `, ${change > 0 ? '+' : '−'}${bytesOf(Math.abs(change))}`}
      </p>
    </section>
  )
}
