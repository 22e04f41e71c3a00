/** Pure: trees, as the first column of a table. */
import { type Cell, textOf } from './table.ts'

/** A row of a table, and the rows below it. The first cell is the one that is indented. */
export interface Branch {
  cells: Cell[]
  below: Branch[]
}

/** Rows of a table, whose first cells show what is below what. */
export function treeRows(branches: Branch[]): Cell[][] {
  return branches.flatMap(({ cells, below }) => [cells, ...indented(below, '')])
}

function indented(branches: Branch[], before: string): Cell[][] {
  return branches.flatMap(({ cells: [first, ...others], below }, index) => {
    const isLast = index === branches.length - 1
    const text = `${before}${isLast ? '\u2514\u2500 ' : '\u251c\u2500 '}${textOf(first)}`
    const cell: Cell = typeof first === 'object' ? { ...first, text } : text
    return [[cell, ...others], ...indented(below, `${before}${isLast ? '   ' : '\u2502  '}`)]
  })
}
