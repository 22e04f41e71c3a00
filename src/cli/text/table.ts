/** Pure: tables that fit a terminal. */
import type { Painter, Tone } from './style.ts'
import { fit, padded, widthOf } from './width.ts'

export interface Column {
  title: string
  /** When there is no room, columns of the highest number go first. One without a number always stays. */
  drop?: number
  /** Columns of the terminal that it can be narrowed to; without it the column is never narrowed. */
  min?: number
}

/** A text that is harmless already, in its tone. */
export type Cell = string | { text: string; tone: Tone }

const GAP = 2

export const textOf = (cell: Cell | undefined): string => (typeof cell === 'object' ? cell.text : (cell ?? ''))

/**
 * Lines of a table of at most `width` columns of the terminal; `Infinity`: as wide as it is. First, columns that may be
 * narrow are narrowed, the widest first; then columns are left out; at last all are cut.
 */
export function table(columns: Column[], rows: Cell[][], paint: Painter, width = Number.POSITIVE_INFINITY): string[] {
  const natural = columns.map(({ title }, index) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(textOf(row[index]))), widthOf(title)),
  )
  // A column that says nothing in any row is not shown.
  const useful = [...columns.keys()].filter(index => rows.some(row => textOf(row[index]) !== ''))
  const kept = keep(useful, columns, natural, width)
  const widths = narrow(kept, columns, natural, width)
  const line = (cells: Cell[]): string => {
    const parts = kept.map((column, at) => {
      const cell = cells[column]
      const text = fit(textOf(cell), widths[at] ?? 0)
      const gap = at === kept.length - 1 ? '' : padded('', (widths[at] ?? 0) + GAP - widthOf(text))
      return paint(text, typeof cell === 'object' ? cell.tone : 'plain') + gap
    })
    return parts.join('').trimEnd()
  }
  const titles = columns.map(({ title }): Cell => ({ text: title, tone: 'title' }))
  return [line(titles), ...rows.map(line)]
}

const sum = (numbers: number[]): number => numbers.reduce((all, number) => all + number, 0)
const taken = (widths: number[]): number => sum(widths) + GAP * Math.max(0, widths.length - 1)

/** The columns that there is room for, once all are as narrow as they may be. */
function keep(useful: number[], columns: Column[], natural: number[], width: number): number[] {
  const least = (index: number) => Math.min(natural[index] ?? 0, columns[index]?.min ?? Number.POSITIVE_INFINITY)
  let kept = useful
  while (taken(kept.map(least)) > width) {
    const order = kept.filter(index => columns[index]?.drop !== undefined)
    const [last] = order.sort((one, other) => (columns[other]?.drop ?? 0) - (columns[one]?.drop ?? 0))
    if (last === undefined) break
    kept = kept.filter(index => index !== last)
  }
  return kept
}

/** Widths of the columns that are kept, which together take at most `width`. */
function narrow(kept: number[], columns: Column[], natural: number[], width: number): number[] {
  const widths = kept.map(index => natural[index] ?? 0)
  const shrink = (least: (at: number) => number) => {
    for (let over = taken(widths) - width; over > 0; over--) {
      const widest = [...widths.keys()]
        .filter(at => (widths[at] ?? 0) > least(at))
        .sort((one, other) => (widths[other] ?? 0) - (widths[one] ?? 0))[0]
      if (widest === undefined) return
      widths[widest] = (widths[widest] ?? 0) - 1
    }
  }
  if (!Number.isFinite(width)) return widths
  shrink(at => columns[kept[at] ?? 0]?.min ?? Number.POSITIVE_INFINITY)
  shrink(() => 1)
  return widths
}
