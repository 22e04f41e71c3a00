/** The stores that use a connector, those first that need somebody. */
import type { StoreItem } from '../../contract.ts'
import { storeFragment } from '../model/route.ts'
import { TONES, tallyOf, tallyWords, toneOf } from '../model/tone.ts'
import { useShownPart } from '../parts/focus.ts'
import { Mark } from '../parts/mark.tsx'
import { Said } from '../parts/said.tsx'
import { Panel } from './panel.tsx'

/** So many are shown before one asks for more. */
const AT_ONCE = 20

interface StoresProps {
  stores: readonly StoreItem[]
  /** How many use it in all namespaces, as the operator counts them. */
  inAll: number | undefined
}

export function StoresOf({ stores, inAll }: StoresProps) {
  const { list, most, more } = useShownPart<HTMLUListElement>(stores.length, AT_ONCE, AT_ONCE)
  const sorted = stores.toSorted(
    (one, other) => TONES.indexOf(toneOf(one)) - TONES.indexOf(toneOf(other)) || (one.key < other.key ? -1 : 1),
  )
  const rest = sorted.length - most
  const unseen = (inAll ?? 0) - stores.length
  return (
    <Panel title="Stores" isWide note={tallyWords(tallyOf(stores))}>
      {stores.length === 0 && unseen <= 0 && <p class="quiet">No store uses it.</p>}
      <ul ref={list} class="users" aria-label="Stores">
        {sorted.slice(0, most).map(store => (
          <li key={store.key} class="user">
            <Mark tone={toneOf(store)} />
            <a href={storeFragment(store)}>
              <Said text={store.key} />
            </a>
            <Said text={store.state === 'Ready' ? store.uri : store.health.reason} class="quiet" />
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <button type="button" class="button small" onClick={more}>
          Show {Math.min(rest, AT_ONCE)} of {rest.toLocaleString('en')} more
        </button>
      )}
      {unseen > 0 && (
        <p class="quiet">
          {unseen.toLocaleString('en')} more in namespaces that this page is not about, or that are not yours to see.
        </p>
      )}
    </Panel>
  )
}
