/** The map itself, as a tree of WAI-ARIA. Only what is in the window is drawn. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import { inOrder, type MapNode } from '../model/forest.ts'
import {
  drawnAt,
  edgesOf,
  headsOf,
  inColumns,
  inOneColumn,
  inWindow,
  type Layout,
  NODE,
  type Window,
} from '../model/layout.ts'
import { connectorFragment, storeFragment } from '../model/route.ts'
import { type Move, moveOf } from '../model/tree-keys.ts'
import { useSize } from '../net/hooks.ts'
import { Card, idOf } from './map-card.tsx'

/** Below this width there is one column. */
const NARROW = 720
/** So much is drawn above and below the window, for those who scroll fast. */
const MARGIN = 200

/** The node where one was, which is there again for who comes back from the page of a store. */
let kept: string | undefined

interface TreeProps {
  forest: MapNode[]
  now: number
  toggle(key: string, isOpen: boolean): void
}

export function Tree({ forest, now, toggle }: TreeProps) {
  const [measure, size, element] = useSize()
  const [top, setTop] = useState(0)
  const isNarrow = size.width > 0 && size.width < NARROW
  const layout = useMemo(
    () => (isNarrow ? inOneColumn(forest, size.width) : inColumns(forest, size.width)),
    [forest, isNarrow, size.width],
  )
  const order = useMemo(() => inOrder(forest), [forest])
  const [wanted, setWanted] = useState(kept)
  const current = order.some(({ key }) => key === wanted) ? wanted : order[0]?.key
  useScrollTo(wanted, layout, element)
  const window = { top: top - MARGIN, bottom: top + size.height + MARGIN }
  const act = (move: Move) => {
    kept = move.key
    setWanted(move.key)
    if (move.kind === 'open' || move.kind === 'close') toggle(move.key, move.kind === 'open')
    const node = order.find(({ key }) => key === move.key)
    if (move.kind === 'enter' && node) enter(node)
  }
  const pressed = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const move = moveOf(order, current, event.key)
    if (!move) return
    event.preventDefault()
    act(move)
  }
  return (
    <div
      ref={measure}
      class={isNarrow ? 'map narrow' : 'map'}
      role="tree"
      tabIndex={0}
      aria-label="Connectors with their stores and Secrets"
      aria-activedescendant={current === undefined ? undefined : idOf(current)}
      onKeyDown={pressed}
      onScroll={event => setTop(event.currentTarget.scrollTop)}
    >
      <Drawing {...{ layout, window, current, now, isNarrow, act }} isChosen={current === wanted} />
    </div>
  )
}

function enter(node: MapNode): void {
  if (node.kind === 'connector') location.hash = connectorFragment(namesOf(node.name))
  if (node.kind === 'store') location.hash = storeFragment(node.item)
  if (node.kind === 'secret') location.hash = storeFragment(node.store)
}

/** Of a key `namespace/name`. */
function namesOf(key: string): { namespace: string; name: string } {
  const [namespace = '', name = ''] = key.split('/')
  return { namespace, name }
}

interface DrawingProps {
  layout: Layout
  window: Window
  current: string | undefined
  /** Somebody has gone to the current node: what it belongs to is shown by its colour. */
  isChosen: boolean
  now: number
  isNarrow: boolean
  act(move: Move): void
}

function Drawing({ layout, window, current, isChosen, now, isNarrow, act }: DrawingProps) {
  const seen = inWindow(layout, window)
  // The one with the focus is always there, so that screen readers find it.
  const focused = layout.placed.findIndex(({ node }) => node.key === current)
  const one = layout.placed[focused]
  const drawn =
    one && !seen.some(({ index }) => index === focused) ? [...seen, { ...one, index: focused, drawnY: one.y }] : seen
  const lineage = lineageOf(layout, isChosen ? focused : -1)
  const edges = edgesOf(layout, seen, window, isNarrow)
  return (
    <div class="sheet" style={{ width: `${layout.width}px`, height: `${layout.height}px` }}>
      {!isNarrow && (
        <div class="heads" aria-hidden="true">
          {headsOf(layout).map(({ title, x }) => (
            <span key={title} style={{ left: `${x}px` }}>
              {title}
            </span>
          ))}
        </div>
      )}
      <svg class="edges" aria-hidden="true" width={layout.width} height={layout.height}>
        {edges.map(({ key, path, to }) => (
          <path key={key} d={path} class={lineage.has(to) ? 'edge strong' : 'edge'} />
        ))}
      </svg>
      {drawn.map(place => (
        <Card
          key={place.node.key}
          {...{ place, now, act }}
          isCurrent={place.node.key === current}
          isNear={lineage.has(place.node.key)}
        />
      ))}
    </div>
  )
}

/** The node, and all that it belongs to. */
function lineageOf({ placed }: Layout, index: number): Set<string> {
  const keys = new Set<string>()
  for (let at = index; at >= 0; ) {
    const one = placed[at]
    if (!one) break
    keys.add(one.node.key)
    at = one.above
  }
  return keys
}

/** Brings a node into the window, once it was chosen. */
function useScrollTo(key: string | undefined, layout: Layout, box: HTMLElement | null): void {
  useEffect(() => {
    const place = layout.placed.find(({ node }) => node.key === key)
    if (!place || !box) return
    const y = drawnAt(place, { top: box.scrollTop, bottom: box.scrollTop + box.clientHeight })
    const [above, below] = [y - NODE.row, y + NODE.row]
    if (above < box.scrollTop) box.scrollTop = Math.max(0, above)
    else if (below > box.scrollTop + box.clientHeight) box.scrollTop = below - box.clientHeight
    if (place.x < box.scrollLeft) box.scrollLeft = place.x - NODE.margin
    const right = place.x + place.width + NODE.margin
    if (right > box.scrollLeft + box.clientWidth) box.scrollLeft = right - box.clientWidth
  }, [key, box])
}
