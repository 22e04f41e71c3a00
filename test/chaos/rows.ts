/** What became of each fault: a row for each, printed as a table, and recorded for docs/high-availability.md. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Row {
  fault: string
  /** What was done. */
  done: string
  seed: number
  /** From the end of the fault until all stores were Ready and calm, in s of the operator's time. */
  recoverySeconds?: number
  /** The longest of what the fault measures, and what it shall not exceed. */
  longest?: { what: string; seconds: number; target: number }
  /** Uses of credentials by the consumer. */
  uses: number
  expired: number
  refused: number
  twoLeaders: number
  lostUpdates: number
  secretsTwice: number
  note?: string
  /** Why the fault failed otherwise. */
  failure?: string
}

const RECORDED = join(import.meta.dirname, 'found')

const nameOf = (fault: string): string =>
  fault
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/-$/, '')

/** Keeps a row for the table of this run, and with RECORD_CHAOS for the document. */
export function save(row: Row): void {
  const folders = [process.env['CHAOS_ROWS'], process.env['RECORD_CHAOS'] && RECORDED]
  for (const folder of folders) {
    if (!folder) continue
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${nameOf(row.fault)}.json`), `${JSON.stringify(row, undefined, 2)}\n`)
  }
}

/** Reads rows, in the order of their names. */
export const rowsIn = (folder = RECORDED): Row[] =>
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')))
