/** How many credentials are replaced and end in each part of the time. The table below it says the same. */
import { type Slot, type Span, ticksOf, type Wave } from '../model/timeline.ts'
import { clockOf, zoneAt } from '../parts/clock.ts'

const WIDTH = 1000
const HEIGHT = 150
const AXIS = 24

interface ChartProps {
  slots: readonly Slot[]
  span: Span
  waves: readonly Wave[]
  now: number
}

export function Chart({ slots, span, waves, now }: ChartProps) {
  const { from, to } = span
  const x = (time: number): number => ((time - from) / (to - from)) * 100
  const most = slots.reduce((most, { refreshes, ends }) => Math.max(most, refreshes + ends), 1)
  return (
    <figure class="chart">
      <figcaption class="legend">
        <span class="key key-refresh">Replacements</span>
        <span class="key key-end">Ends without a replacement</span>
        <span class="quiet">
          at most {most} in one bar · times in {zoneAt(now)}
        </span>
      </figcaption>
      <div class="plot">
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {waves.map(wave => (
            <rect
              key={wave.from}
              class="wave"
              x={x(wave.from) * 10}
              width={(x(wave.to) - x(wave.from)) * 10}
              height={HEIGHT}
            />
          ))}
          {slots.map(slot => (
            <Bar key={slot.from} slot={slot} most={most} count={slots.length} at={slots.indexOf(slot)} />
          ))}
        </svg>
        <span class="now" style={{ left: `${x(now)}%` }}>
          now
        </span>
      </div>
      <div class="axis" style={{ height: `${AXIS}px` }} aria-hidden="true">
        {ticksOf(span).map(tick => (
          <span key={tick} style={{ left: `${x(tick)}%` }}>
            {clockOf(tick, to - from)}
          </span>
        ))}
      </div>
    </figure>
  )
}

interface BarProps {
  slot: Slot
  most: number
  count: number
  at: number
}

function Bar({ slot: { refreshes, ends }, most, count, at }: BarProps) {
  const width = WIDTH / count
  const height = (number: number): number => (number / most) * (HEIGHT - 8)
  const [low, high] = [height(refreshes), height(ends)]
  return (
    <>
      {refreshes > 0 && <rect class="bar-refresh" x={at * width + 1} width={width - 2} y={HEIGHT - low} height={low} />}
      {ends > 0 && <rect class="bar-end" x={at * width + 1} width={width - 2} y={HEIGHT - low - high} height={high} />}
    </>
  )
}
