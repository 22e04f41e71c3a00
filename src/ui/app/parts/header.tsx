/** The head of the page: the cluster, the views, how fresh it is, and how it looks. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { type Connection, type Freshness, freshnessOf } from '../model/freshness.ts'
import type { Known } from '../model/known.ts'
import type { Route } from '../model/route.ts'
import { Help } from './help.tsx'
import { Said } from './said.tsx'
import { ThemeButton } from './theme.tsx'

const TABS = [
  ['map', 'Map'],
  ['timeline', 'Timeline'],
  ['trouble', 'Trouble'],
] as const

interface HeaderProps {
  route: Route
  known: Known | undefined
  connection: Connection
}

export function Header({ route, known, connection }: HeaderProps) {
  const [isHelpOpen, setHelpOpen] = useState(false)
  const ill = known ? [...known.connectors, ...known.stores].filter(isIll).length : 0
  return (
    <header class="head">
      <p class="brand">
        <svg viewBox="0 0 24 24" aria-hidden="true" class="icon">
          <path d="m3.5 7.5 8.5-4 8.5 4v9l-8.5 4-8.5-4z M3.5 7.5l8.5 4 8.5-4 M12 11.5v9" />
        </svg>
        <span>Artifact stores</span>
      </p>
      <nav aria-label="Views">
        {TABS.map(([view, title]) => (
          <Tab key={view} view={view} isCurrent={route.view === view || (view === 'map' && 'name' in route)}>
            {title}
            {view === 'trouble' && ill > 0 && (
              <span class="count">
                {ill}
                <span class="unseen"> objects not well</span>
              </span>
            )}
          </Tab>
        ))}
      </nav>
      <div class="aside">
        {known && <Where {...known.context} />}
        <Fresh freshness={freshnessOf(connection, known?.links ?? [])} />
        <ThemeButton />
        <button type="button" class="button plain" aria-label="Keys" onClick={() => setHelpOpen(true)}>
          <span aria-hidden="true">?</span>
        </button>
      </div>
      {isHelpOpen && <Help close={() => setHelpOpen(false)} />}
    </header>
  )
}

const isIll = ({ state }: { state: string }): boolean => state !== 'Ready' && state !== 'Suspended'

const Tab = ({ view, isCurrent, children }: { view: string; isCurrent: boolean; children: ComponentChildren }) => (
  <a href={`#/${view}`} aria-current={isCurrent ? 'page' : undefined}>
    {children}
  </a>
)

const Where = ({ where, namespace }: Known['context']) => (
  <p class="where">
    <Said text={where} />
    <span class="quiet">{namespace === undefined ? 'all namespaces' : `namespace ${namespace}`}</span>
  </p>
)

const FRESHNESS: Readonly<Record<Freshness, string>> = {
  ...{ live: 'Live', connecting: 'Connecting', old: 'Not live', lost: 'Not connected', refused: 'Not let in' },
}

const Fresh = ({ freshness }: { freshness: Freshness }) => (
  <p class={`fresh fresh-${freshness}`}>
    <span class="dot" aria-hidden="true" />
    {FRESHNESS[freshness]}
  </p>
)
