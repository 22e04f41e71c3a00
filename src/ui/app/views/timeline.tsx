/** All credentials by when they are replaced and end: gaps and waves are seen at once. */
import { useMemo, useState } from 'preact/hooks'
import type { Known } from '../model/known.ts'
import { credentialsOf, gapsOf, HORIZONS, horizonFor, slotsOf, spanOf, wavesOf } from '../model/timeline.ts'
import { Chart } from './timeline-chart.tsx'
import { Gaps, Waves } from './timeline-findings.tsx'
import { Lives } from './timeline-lives.tsx'
import { SlotTable } from './timeline-slot-table.tsx'

/** So often what is due is sorted anew: each second would cost much with thousands of Secrets, and show no more. */
const FRESH_MS = 5_000

export function TimelineView({ known, now }: { known: Known; now: number }) {
  const moment = Math.floor(now / FRESH_MS) * FRESH_MS
  const credentials = useMemo(() => credentialsOf(known.stores), [known.stores])
  const [chosen, setChosen] = useState<number | undefined>()
  const horizon = chosen ?? horizonFor(credentials, moment)
  const span = useMemo(() => spanOf(moment, horizon), [moment, horizon])
  const slots = useMemo(() => slotsOf(credentials, span), [credentials, span])
  const gaps = useMemo(() => gapsOf(credentials, moment), [credentials, moment])
  const waves = useMemo(() => wavesOf(slots), [slots])
  return (
    <div class="page">
      <div class="title">
        <h1>Timeline</h1>
        <fieldset class="horizons">
          <legend class="unseen">How far to look</legend>
          {HORIZONS.map(({ title, ms }) => (
            <button key={ms} type="button" class="tone" aria-pressed={ms === horizon} onClick={() => setChosen(ms)}>
              {title}
            </button>
          ))}
        </fieldset>
      </div>
      {credentials.length === 0 ? (
        <p class="waiting">No store has Secrets with credentials.</p>
      ) : (
        <>
          <div class="findings-of-time">
            <Gaps gaps={gaps} now={now} />
            <Waves waves={waves} length={horizon} />
          </div>
          <Chart slots={slots} span={span} waves={waves} now={now} />
          <SlotTable slots={slots} />
          <Lives credentials={credentials} span={span} now={now} />
        </>
      )}
    </div>
  )
}
