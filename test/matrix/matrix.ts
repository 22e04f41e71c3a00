/**
 * Runs the end-to-end tests of what depends on Kubernetes on the oldest version that is supported and on the current one, and
 * prints what passed where. `--on oldest` runs one of them, and paths name some of the tests; RECORD_MATRIX=1 writes what was
 * found into the records that docs/support.md is made of.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { matrixTable } from '../../scripts/support.ts'
import { type KubernetesRelease, kubernetesVersion } from '../cluster/tools.ts'
import type { Tally } from '../tally.ts'
import { type MatrixRecord, RECORDS, recordPath } from './records.ts'

const TESTS = ['api', 'operator', 'stores'].map(folder => `test/e2e/${folder}/*.test.ts`)

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { on: { type: 'string', multiple: true, default: ['oldest', 'current'] } },
})
const tests = positionals.length > 0 ? positionals : TESTS

/** Runs the tests on a version; what is printed goes to stderr. */
async function runOn(release: KubernetesRelease): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'aso-matrix-'))
  const file = join(folder, 'tally.json')
  const reporters = [
    ...['--test-reporter=./test/reporter.ts', '--test-reporter-destination=stderr'],
    ...['--test-reporter=./test/tally.ts', `--test-reporter-destination=${file}`],
  ]
  const flags = ['--test', `--test-concurrency=${availableParallelism()}`, ...reporters]
  try {
    const env = { ...process.env, TEST_KUBERNETES: release }
    const child = spawn(process.execPath, [...flags, ...tests], { stdio: ['ignore', 'inherit', 'inherit'], env })
    const [code] = await once(child, 'exit')
    if (code !== 0) process.exitCode = 1
    if (!existsSync(file)) throw new Error(`the tests on ${release} ended with code ${code} and without a result`)
    return JSON.parse(readFileSync(file, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Writes the record. Where only some of the tests ran, what is known of the others stays if it is of the same version. */
function keep(release: KubernetesRelease, record: MatrixRecord): void {
  const path = recordPath(release)
  const before: MatrixRecord | undefined =
    positionals.length > 0 && existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
  const others = before?.kubernetes === record.kubernetes ? before.files : {}
  const files = Object.fromEntries(Object.entries({ ...others, ...record.files }).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(path, `${JSON.stringify({ ...record, files }, null, 2)}\n`)
}

const records: MatrixRecord[] = []
for (const release of RECORDS.filter(name => values.on.includes(name))) {
  const record = { kubernetes: kubernetesVersion(release), ...(await runOn(release)) }
  records.push(record)
  if (process.env['RECORD_MATRIX']) keep(release, record)
}
console.log(matrixTable(records))
