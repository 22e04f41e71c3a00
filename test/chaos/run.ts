/**
 * Runs the faults and prints their table. ONLY_FAULT: a regular expression for names of faults. CHAOS_SEED: of what is
 * left to chance (default 1). RECORD_CHAOS=1 writes the records that docs/high-availability.md is made of.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rowsIn } from './rows.ts'
import { table } from './table.ts'

const CHAOS_ROWS = mkdtempSync(join(tmpdir(), 'aso-chaos-rows-'))
/** Its outages are no rows of the table. */
const isRecovery = (file: string): boolean => file.endsWith('recovery.chaos.ts')
const files = globSync(join(import.meta.dirname, '*.chaos.ts'))
  .filter(file => !process.env['ONLY_FAULT'] || !isRecovery(file))
  .sort()
const reporter = join(import.meta.dirname, '../reporter.ts')
// One after the other: what two files do at the same time on a small machine would be in the times of both.
const flags = ['--test', '--test-concurrency=1', `--test-reporter=${reporter}`]
const tests = spawn(process.execPath, [...flags, ...files], { stdio: 'inherit', env: { ...process.env, CHAOS_ROWS } })
const [code] = await once(tests, 'exit')
const rows = rowsIn(CHAOS_ROWS)
rmSync(CHAOS_ROWS, { recursive: true })
console.log(`\n${table(rows)}\n`)
process.exitCode = code ?? 1
