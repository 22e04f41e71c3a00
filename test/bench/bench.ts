/**
 * Measures many stores on one connector, with the bundled operator and its default flags. Prints tables in Markdown and
 * writes the figures as JSON. docs/performance.md says what they mean.
 *
 * Flags:
 *   --n STORES            default 1000
 *   --parts PARTS         of what is measured: load, and after it quiet, single, restart, connections (default: these);
 *                         verification, where n stores stand for 10 n; refresh, where they stand for 4 n
 *   --quiet SECONDS       without a change, for the part quiet (default 60)
 *   --fit                 measures a tenth and three tenths of the stores, too, and prints how CPU grows with them
 *   --sick STORES         of other tenants on an endpoint that never answers: the load without and with those
 *   --compare REVISION    measures that commit and this tree in turns, and prints the ratios; refresh only of commits that
 *                         know --watch-namespaces
 *   --runs RUNS           of each, with --compare (default 2)
 *   --peers               measures the load of External Secrets and of Flux, too, and prints a row for each controller
 *   --sizing              measures nothing, and prints what --concurrency many stores need
 *   --json FILE           default bench-STORES.json
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { project } from '../support/project.ts'
import { compare } from './compare.ts'
import { comparison, type Figures, table } from './figures.ts'
import {
  type Bench,
  inWorld,
  measureConnections,
  measureLoad,
  measureQuiet,
  measureRestart,
  measureSingle,
} from './measure.ts'
import { measurePeers } from './peers.ts'
import { measureBesideSick } from './sick.ts'
import { sizingTables } from './sizing.ts'
import { fittedExponent } from './statistics.ts'
import { measureRefresh, measureVerification } from './waves.ts'

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '1000' },
    parts: { type: 'string', default: 'load,quiet,single,restart,connections' },
    quiet: { type: 'string', default: '60' },
    fit: { type: 'boolean', default: false },
    sick: { type: 'string', default: '0' },
    compare: { type: 'string' },
    runs: { type: 'string', default: '2' },
    peers: { type: 'boolean', default: false },
    sizing: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
})
const count = Number(values.n)
const PARTS = ['load', 'quiet', 'single', 'restart', 'connections', 'verification', 'refresh']
const parts = new Set(values.parts.split(','))
for (const part of parts)
  if (!PARTS.includes(part)) throw new Error(`--parts: "${part}" is none of ${PARTS.join(', ')}`)
/** Connections are counted with fewer stores: the proxy that counts them takes CPU, too. */
const COUNTED_MAX = 200

async function measureIn(bench: Bench): Promise<Figures> {
  const figures = await measureLoad(bench, count)
  // In this order: a quiet operator has sent all events, and stores whose endpoint has gone keep the last one busy.
  if (parts.has('quiet')) Object.assign(figures, await measureQuiet(bench, Number(values.quiet)))
  if (parts.has('single')) Object.assign(figures, await measureSingle(bench))
  if (parts.has('restart')) Object.assign(figures, await measureRestart(bench))
  if (parts.has('connections')) Object.assign(figures, await measureConnections(bench, Math.min(count, COUNTED_MAX)))
  return figures
}

async function measure(): Promise<Figures> {
  return {
    ...(parts.has('verification') && (await measureVerification(count))),
    ...(parts.has('refresh') && (await measureRefresh(count))),
    ...(parts.has('load') && (await inWorld(measureIn))),
  }
}

/** CPU grows with the stores as this power of their number; times are those of fixed work, as machines change pace. */
async function fit(last: Figures): Promise<void> {
  const points = [{ x: count, y: relativeCpu(last) }]
  for (const x of [count * 0.1, count * 0.3].map(Math.round)) {
    points.push({ x, y: relativeCpu(await inWorld(bench => measureLoad(bench, x))) })
  }
  console.log(`\nCPU of the operator grows as the ${fittedExponent(points).toFixed(3)}th power of the stores (<= 1.05)`)
}

const relativeCpu = ({ operatorCpu = Number.NaN, fixedWork = Number.NaN }: Figures) => operatorCpu / fixedWork

async function besideSick({ p50Seconds = 0, p99Seconds = 0 }: Figures, sickCount: number): Promise<void> {
  const { ready, n, p50Ms, p99Ms } = await measureBesideSick(count, sickCount)
  const ratio = (ms: number, seconds: number) => (ms / seconds / 1_000).toFixed(2)
  console.log(
    `\nBeside ${sickCount} stores whose endpoint hangs: ${ready} of ${n} Ready, p50 ${p50Ms} ms (${ratio(p50Ms, p50Seconds)} times that without), p99 ${p99Ms} ms (${ratio(p99Ms, p99Seconds)} times)`,
  )
}

function ours(figures: Figures): [label: string, figures: Figures] {
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], { cwd: project('.'), encoding: 'utf8' })
  return [`ours at ${commit.trim()}`, figures]
}

if (values.sizing) {
  console.log(sizingTables())
} else if (values.compare !== undefined) {
  const flags = ['--n', values.n, '--parts', values.parts, '--quiet', values.quiet]
  console.log(await compare({ revision: values.compare, runs: Number(values.runs), flags }))
} else if (values.peers) {
  const figures = await inWorld(bench => measureLoad(bench, count))
  console.log(comparison([...(await measurePeers(count)), ours(figures)]))
} else {
  const figures = await measure()
  writeFileSync(values.json ?? `bench-${count}.json`, `${JSON.stringify(figures, undefined, 2)}\n`)
  console.log(table(figures))
  if (parts.has('load')) {
    console.log(`\n${comparison([ours(figures)])}`)
    if (values.fit) await fit(figures)
    if (Number(values.sick) > 0) await besideSick(figures, Number(values.sick))
  }
}
