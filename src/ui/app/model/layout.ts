/** Pure: where the map draws its nodes. */
import { type HierarchyPointNode, hierarchy, tree } from 'd3-hierarchy'
import type { MapNode } from './forest.ts'

/** A node with its place, in pixels from the corner of the map. */
export interface Placed {
  node: MapNode
  x: number
  /** Of its middle. */
  y: number
  width: number
  /** Index of the one above it in the same list; -1 for a connector. */
  above: number
  /** Its place among those beside it, from 1, and how many those are. */
  position: number
  siblings: number
  /** Middles of the first and the last one below it; undefined when there is none. */
  below: { first: number; last: number } | undefined
}

export interface Layout {
  placed: Placed[]
  width: number
  height: number
}

export const NODE = { height: 52, row: 62, width: 256, column: 304, gap: 14, margin: 16, head: 22 } as const
/** Narrow screens have one column, in which depth is shown by an indent. */
const INDENT = 18

/**
 * Columns side by side, each open connector in rows of its own. Within them the library puts each node at the middle of
 * those below it. Closed connectors lie beside each other, as many as the screen is wide. `width`: of that, in pixels.
 */
export function inColumns(forest: readonly MapNode[], width = 0): Layout {
  const placed: Placed[] = []
  const columns = Math.max(1, Math.floor((width - 2 * NODE.margin + NODE.column - NODE.width) / NODE.column))
  // Titles of columns are where there are some.
  let top: number = NODE.margin + (forest.some(({ children }) => children.length > 0) ? NODE.head : 0)
  let column = 0
  for (const [at, connector] of forest.entries()) {
    const root = tidy(hierarchy(connector, ({ children }) => children))
    const rows: number[] = []
    root.each(({ x }) => rows.push(x))
    // Not Math.min(...rows): thousands of arguments overflow the stack.
    const [first, last] = rows.reduce(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [0, 0])
    const isClosed = connector.children.length === 0
    if (column > 0 && (!isClosed || column === columns)) {
      top += NODE.row + NODE.gap
      column = 0
    }
    const offset = top - first + NODE.height / 2
    place(root, { left: NODE.margin + column * NODE.column, offset, placed, at: at + 1, of: forest.length })
    if (isClosed) column++
    else top += last - first + NODE.row + NODE.gap
  }
  if (column > 0) top += NODE.row + NODE.gap
  const right = placed.reduce((most, one) => Math.max(most, one.x + one.width), 0)
  return { placed, width: right + NODE.margin, height: top - NODE.gap + NODE.margin - (NODE.row - NODE.height) }
}

const tidy = tree<MapNode>()
  .nodeSize([NODE.row, NODE.column])
  .separation((one, other) => (one.parent === other.parent ? 1 : 1.15))

interface Corner {
  left: number
  /** Of the connector's middle from the top. */
  offset: number
  placed: Placed[]
  /** Its place among the connectors. */
  at: number
  of: number
}

function place(root: HierarchyPointNode<MapNode>, { left, offset, placed, at, of }: Corner): void {
  const visit = (point: HierarchyPointNode<MapNode>, above: number, position: number): void => {
    const children = point.children ?? []
    const [first, last] = [children[0], children.at(-1)]
    const index = placed.length
    placed.push({
      ...{ node: point.data, x: left + point.depth * NODE.column, y: offset + point.x, width: NODE.width },
      ...{ above, position, siblings: point.parent?.children?.length ?? of },
      below: first && last ? { first: offset + first.x, last: offset + last.x } : undefined,
    })
    for (const [number, child] of children.entries()) visit(child, index, number + 1)
  }
  visit(root, -1, at)
}

const TITLES = ['Connectors', 'Stores', 'Namespaces', 'Secrets']

/** Titles of the columns that have nodes; none where only connectors are seen, which lie beside each other. */
export function headsOf({ placed }: Layout): { title: string; x: number }[] {
  const deepest = placed.reduce((most, { node }) => Math.max(most, node.depth), 0)
  if (deepest === 0) return []
  return TITLES.slice(0, deepest + 1).map((title, depth) => ({ title, x: NODE.margin + depth * NODE.column }))
}

/** One below the other, for narrow screens. `width`: of the screen, in pixels. */
export function inOneColumn(forest: readonly MapNode[], width: number): Layout {
  const placed: Placed[] = []
  let y: number = NODE.margin / 2 + NODE.height / 2
  const visit = (nodes: readonly MapNode[], above: number): void => {
    for (const [at, node] of nodes.entries()) {
      const index = placed.length
      const x = NODE.margin / 2 + node.depth * INDENT
      const one: Placed = {
        ...{ node, x, y, width: Math.max(120, width - x - NODE.margin / 2), above, below: undefined },
        ...{ position: at + 1, siblings: nodes.length },
      }
      placed.push(one)
      y += NODE.row
      const first = y
      visit(node.children, index)
      const last = placed.findLast(({ above }) => above === index)
      if (node.children.length > 0 && last) one.below = { first, last: last.y }
    }
  }
  visit(forest, -1)
  return { placed, width, height: y - NODE.row / 2 }
}

/** The part of the map that is seen, in its own pixels. */
export interface Window {
  top: number
  bottom: number
}

/**
 * Where the middle of a node is drawn: one with more below it than the window shows goes along with the window, so that
 * one sees to whom the nodes belong.
 */
export function drawnAt({ y, below }: Placed, { top, bottom }: Window): number {
  if (!below || below.last - below.first <= bottom - top) return y
  return Math.min(below.last, Math.max(below.first, (top + bottom) / 2))
}

export interface Drawn extends Placed {
  index: number
  drawnY: number
}

/** What is drawn: nodes in the window, and those that go along with it. */
export function inWindow({ placed }: Layout, window: Window): Drawn[] {
  const half = NODE.height / 2
  const drawn: Drawn[] = []
  for (const [index, one] of placed.entries()) {
    const drawnY = drawnAt(one, window)
    if (drawnY + half >= window.top && drawnY - half <= window.bottom) drawn.push({ ...one, index, drawnY })
  }
  return drawn
}

export interface Edge {
  key: string
  /** For the attribute `d` of a path of SVG. */
  path: string
  from: string
  to: string
}

/** Edges to the nodes that are drawn. */
export function edgesOf({ placed }: Layout, drawn: readonly Drawn[], window: Window, isNarrow: boolean): Edge[] {
  return drawn.flatMap(({ above, node, x, drawnY }) => {
    const parent = placed[above]
    if (!parent) return []
    const from = drawnAt(parent, window)
    const path = isNarrow ? elbow(parent, from, x, drawnY) : curve(parent.x + parent.width, from, x, drawnY)
    return [{ key: node.key, path, from: parent.node.key, to: node.key }]
  })
}

function curve(x1: number, y1: number, x2: number, y2: number): string {
  const middle = (x1 + x2) / 2
  return `M${x1},${y1}C${middle},${y1} ${middle},${y2} ${x2},${y2}`
}

function elbow(parent: Placed, y1: number, x2: number, y2: number): string {
  const x1 = parent.x + INDENT / 2
  return `M${x1},${y1 + NODE.height / 2}V${y2}H${x2}`
}
