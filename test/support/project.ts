/** Paths of the tree whose operator runs: this one, or the one that OPERATOR_TREE names, such as an older commit. */
import { join, resolve } from 'node:path'

export const project = (path: string): string =>
  resolve(process.env['OPERATOR_TREE'] ?? join(import.meta.dirname, '../..'), path)
