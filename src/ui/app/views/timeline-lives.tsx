/** A line for each Secret: from issue to end, with the time of its replacement. Only lines in the window are drawn. */
import { useState } from 'preact/hooks'
import { lifeOf } from '../model/life.ts'
import { storeFragment } from '../model/route.ts'
import type { Credential, Span } from '../model/timeline.ts'
import { useSize } from '../net/hooks.ts'
import { Said } from '../parts/said.tsx'
import { Scroller } from '../parts/scroller.tsx'

const ROW = 34
/** Where the screen is narrow, words are below the name. */
const NARROW = { width: 560, row: 54 }
const MARGIN = 10

interface LivesProps {
  credentials: readonly Credential[]
  span: Span
  now: number
}

export function Lives({ credentials, span, now }: LivesProps) {
  const [measure, size] = useSize()
  const [top, setTop] = useState(0)
  const row = size.width > 0 && size.width < NARROW.width ? NARROW.row : ROW
  const first = Math.max(0, Math.floor(top / row) - MARGIN)
  const last = Math.min(credentials.length, Math.ceil((top + size.height) / row) + MARGIN)
  return (
    <section class="lives" aria-label="Secrets by when they are replaced">
      <h2>
        Secrets <span class="quiet">{credentials.length.toLocaleString('en')}, the next to be replaced first</span>
      </h2>
      <Scroller label="All Secrets" class="rows" measure={measure} scrolled={setTop}>
        <ol class="sheet" style={{ height: `${credentials.length * row}px` }}>
          {credentials.slice(first, last).map((credential, at) => (
            <Row
              key={credential.key}
              {...{ credential, span, now }}
              at={first + at}
              top={(first + at) * row}
              count={credentials.length}
            />
          ))}
        </ol>
      </Scroller>
    </section>
  )
}

interface RowProps {
  credential: Credential
  span: Span
  now: number
  at: number
  /** In pixels. */
  top: number
  count: number
}

function Row({ credential, span, now, at, top, count }: RowProps) {
  const { secret, store } = credential
  const life = lifeOf(secret, now)
  return (
    <li class="row" aria-posinset={at + 1} aria-setsize={count} style={{ transform: `translateY(${top}px)` }}>
      <a class="who" href={storeFragment(store)}>
        <Said text={`${secret.namespace}/`} class="quiet" />
        <Said text={secret.name} />
      </a>
      <span class={`what stage-${life.stage}`}>{life.words}</span>
      <span class="when" aria-hidden="true">
        <Line {...{ credential, span, now }} stage={life.stage} />
      </span>
    </li>
  )
}

function Line({ credential, span, now, stage }: { credential: Credential; span: Span; now: number; stage: string }) {
  const { issued, due, end } = credential
  const x = (time: number): number => Math.max(0, Math.min(1000, ((time - span.from) / (span.to - span.from)) * 1000))
  const from = x(issued ?? span.from)
  const to = x(end ?? span.to)
  return (
    <svg viewBox="0 0 1000 20" preserveAspectRatio="none" class={`line is-${stage}`} aria-hidden="true">
      <rect class="line-life" x={from} width={Math.max(2, to - from)} y="6" height="8" />
      {due !== undefined && due < span.to && <rect class="line-due" x={x(due) - 1} width="3" y="2" height="16" />}
      <rect class="line-now" x={x(now)} width="1" y="0" height="20" />
    </svg>
  )
}
