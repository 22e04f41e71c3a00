/** Pure: what a key does in the map, as in any tree of WAI-ARIA. */
import type { MapNode } from './forest.ts'

export type Move =
  | { kind: 'focus'; key: string }
  | { kind: 'open' | 'close'; key: string }
  /** Opens the page of the object. */
  | { kind: 'enter'; key: string }

/** So many nodes are skipped by Page Up and Page Down. */
const PAGE = 10

/** `order`: all nodes as they are seen. `current`: the key of the one with the focus. Undefined: the key does nothing. */
export function moveOf(order: readonly MapNode[], current: string | undefined, key: string): Move | undefined {
  const at = Math.max(
    0,
    order.findIndex(node => node.key === current),
  )
  const node = order[at]
  if (!node) return undefined
  const to = (index: number): Move => ({
    kind: 'focus',
    key: order[Math.max(0, Math.min(order.length - 1, index))]?.key ?? node.key,
  })
  switch (key) {
    case 'ArrowDown':
      return to(at + 1)
    case 'ArrowUp':
      return to(at - 1)
    case 'PageDown':
      return to(at + PAGE)
    case 'PageUp':
      return to(at - PAGE)
    case 'Home':
      return to(0)
    case 'End':
      return to(order.length - 1)
    case 'ArrowRight':
      if (node.count === 0) return undefined
      return node.isOpen ? to(at + 1) : { kind: 'open', key: node.key }
    case 'ArrowLeft':
      return node.isOpen ? { kind: 'close', key: node.key } : to(aboveOf(order, at))
    case 'Enter':
      return chosen(node)
    case ' ':
      return node.count > 0 ? toggled(node) : chosen(node)
    default:
      return isLetter(key) ? to(nextThatBegins(order, at, key)) : undefined
  }
}

/** What a click does, too: all but a namespace have a page, a Secret that of its store. */
export const chosen = (node: MapNode): Move =>
  node.kind === 'namespace' ? toggled(node) : { kind: 'enter', key: node.key }

export const toggled = ({ key, isOpen }: MapNode): Move => ({ kind: isOpen ? 'close' : 'open', key })

function aboveOf(order: readonly MapNode[], at: number): number {
  const depth = order[at]?.depth ?? 0
  for (let above = at - 1; above >= 0; above--) if ((order[above]?.depth ?? 0) < depth) return above
  return at
}

const isLetter = (key: string): boolean => /^[\p{L}\p{N}]$/u.test(key)

function nextThatBegins(order: readonly MapNode[], at: number, letter: string): number {
  const begins = (node: MapNode): boolean => nameOf(node).toLowerCase().startsWith(letter.toLowerCase())
  for (let step = 1; step <= order.length; step++) {
    const index = (at + step) % order.length
    const node = order[index]
    if (node && begins(node)) return index
  }
  return at
}

/** The name of the object, without its namespace. */
const nameOf = (node: MapNode): string =>
  node.kind === 'connector'
    ? node.name.slice(node.name.indexOf('/') + 1)
    : node.kind === 'namespace'
      ? node.name
      : node.item.name
