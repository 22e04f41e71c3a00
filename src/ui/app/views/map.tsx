/** The map: connectors, their stores, and who gets Secrets of them. */
import { useMemo, useState } from 'preact/hooks'
import { choicesOf, EVERYTHING, type Filter, isNarrowed, matching } from '../model/filter.ts'
import { forestOf, type Opened } from '../model/forest.ts'
import type { Known } from '../model/known.ts'
import { tallyOf } from '../model/tone.ts'
import { ClearButton, FilterBar } from './map-filter-bar.tsx'
import { Tree } from './map-tree.tsx'

/** Stays while one looks at a store, and comes back to the map. */
let kept: { filter: Filter; opened: Opened } = { filter: EVERYTHING, opened: new Map() }

export function MapView({ known, now }: { known: Known; now: number }) {
  const [{ filter, opened }, setState] = useState(kept)
  const set = (part: Partial<typeof kept>): void =>
    setState(old => {
      kept = { ...old, ...part }
      return kept
    })
  const { connectors, stores } = known
  const all = useMemo(() => ({ connectors, stores }), [connectors, stores])
  const choices = useMemo(() => choicesOf(all), [all])
  const { tone, ...others } = filter
  // What the buttons count is what the other filters let through: so one sees what a button would show.
  const beforeTone = useMemo(() => matching(all, { ...others, tone: '' }), [all, ...Object.values(others)])
  const tally = useMemo(() => tallyOf(beforeTone.stores), [beforeTone])
  const found = useMemo(() => (tone === '' ? beforeTone : matching(all, filter)), [beforeTone, tone])
  const forest = useMemo(() => forestOf(found, opened), [found, opened])
  const toggle = (key: string, isOpen: boolean) => set({ opened: new Map(opened).set(key, isOpen) })
  return (
    <>
      <h1 class="unseen">Map of connectors, stores and Secrets</h1>
      {(connectors.length > 0 || stores.length > 0 || isNarrowed(filter)) && (
        <FilterBar
          {...{ filter, choices, tally }}
          change={part => set({ filter: { ...filter, ...part } })}
          found={found.stores.length}
          all={stores.length}
        />
      )}
      {forest.length > 0 ? (
        <Tree forest={forest} now={now} toggle={toggle} />
      ) : (
        <Nothing
          namespace={known.context.namespace}
          isNarrowed={isNarrowed(filter)}
          clear={() => set({ filter: EVERYTHING })}
        />
      )}
    </>
  )
}

interface NothingProps {
  /** What the page is about; absent: all. */
  namespace: string | undefined
  isNarrowed: boolean
  clear(): void
}

const Nothing = ({ namespace, isNarrowed, clear }: NothingProps) =>
  isNarrowed ? (
    <div class="waiting">
      <p>Nothing matches.</p>
      <ClearButton class="button" clear={clear}>
        Show everything
      </ClearButton>
    </div>
  ) : (
    <div class="waiting">
      <p>
        There are no connectors and stores {namespace === undefined ? 'yet' : `in namespace "${namespace}" yet`}. They
        come up here as soon as somebody creates them.
      </p>
      <p>
        A ServiceConnector says how to authenticate at S3 or Azure, and an ArtifactStore where and for whom:{' '}
        {namespace === undefined ? 'deploy/samples/ has both' : 'deploy/samples/ has both, and -A shows all namespaces'}
        .
      </p>
    </div>
  )
