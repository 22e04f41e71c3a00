/** Pure: the figures of a run, and the tables of them in Markdown. */
import { mean } from './statistics.ts'

interface Row {
  label: string
  digits: number
  /** What is asked of 1,000 stores. */
  target?: string
  /** A time of CPU, which means something only beside that of the fixed work. */
  isCpu?: true
}

const ROWS = {
  ready: { label: 'stores Ready', digits: 0 },
  totalSeconds: { label: 'first apply to last Ready, s', digits: 1, target: '<= 11' },
  p50Seconds: { label: 'one of them, p50, s', digits: 1 },
  p99Seconds: { label: 'one of them, p99, s', digits: 1 },
  operatorCpu: { label: 'CPU of the operator, s', digits: 2, target: '<= 5', isCpu: true },
  apiServerCpu: { label: 'CPU of the API server, s', digits: 2, target: '<= 10', isCpu: true },
  fixedWork: { label: 'CPU of the fixed work, ms', digits: 0 },
  peakMiB: { label: 'RSS of the operator at most, MiB', digits: 0, target: '<= 120' },
  restMiB: { label: 'RSS of the operator at rest, MiB', digits: 0 },
  storeBytes: { label: 'bytes of a stored object', digits: 0, target: '<= 3000' },
  managedFieldsBytes: { label: 'of it managedFields', digits: 0 },
  stsCalls: { label: 'STS calls a store', digits: 2 },
  s3Calls: { label: 'S3 calls a store', digits: 2 },
  kubeCalls: { label: 'API server requests a store', digits: 2 },
  bytesWritten: { label: 'bytes written to the API server a store', digits: 0 },
  statusWrites: { label: 'status writes a store', digits: 2 },
  secretWrites: { label: 'Secret writes a store', digits: 2 },
  connections: { label: 'connections opened at the endpoint a store', digits: 2 },
  singleMs: { label: 'a store on an idle operator, ms', digits: 0 },
  singleRoundTripsMs: { label: 'its own round trips added up, ms', digits: 0 },
  singleRatio: { label: 'ratio of these two', digits: 2, target: '<= 1.3' },
  quietWrites: { label: 'writes a minute without change', digits: 1, target: '0' },
  quietCalls: { label: 'S3 and STS calls a minute without change', digits: 1, target: '0' },
  quietCpu: { label: 'CPU without change, % of a core', digits: 2, target: '<= 0.4' },
  restartSeconds: { label: 'restart to working, s', digits: 1, target: '<= 3.6' },
  restartCpu: { label: 'CPU of the operator until then, s', digits: 2, isCpu: true },
  restartStsCalls: { label: 'STS calls of it', digits: 0, target: '<= 1' },
  restartWrites: { label: 'writes of it', digits: 0, target: '0' },
  verifyMs: { label: 'CPU of a verification, ms', digits: 2, isCpu: true },
  verifyShare: { label: 'verification of all every 10 minutes, % of a core', digits: 1, target: '10,000 stores: <= 5' },
  refreshMs: { label: 'CPU of a refresh, ms', digits: 2, isCpu: true },
  refreshShare: { label: 'refresh wave, % of a core', digits: 1, target: '10,000 stores: <= 20' },
  beforeP50Ms: { label: 'new store before the wave, p50, ms', digits: 0 },
  waveP50Ms: { label: 'new store meanwhile, p50, ms', digits: 0 },
  besideP50Ms: { label: 'of an idle operator meanwhile, p50, ms', digits: 0 },
  beforeP99Ms: { label: 'new store before the wave, p99, ms', digits: 0 },
  waveP99Ms: { label: 'new store meanwhile, p99, ms', digits: 0 },
  besideP99Ms: { label: 'of an idle operator meanwhile, p99, ms', digits: 0 },
  waveRatio: { label: 'p99 meanwhile to that before', digits: 2, target: '10,000 stores: <= 2' },
  besideRatio: { label: 'p99 meanwhile to that of an idle operator', digits: 2, target: '10,000 stores: <= 2' },
} satisfies Record<string, Row>

export type Figure = keyof typeof ROWS
/** Of those that were measured. */
export type Figures = Partial<Record<Figure, number>>

const rows = Object.entries(ROWS) as [Figure, Row][]

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const head = (cells: readonly string[]): string[] => [line(cells), line(cells.map(() => '---'))]

function cell(figures: Figures, figure: Figure): string {
  const { digits, isCpu }: Row = ROWS[figure]
  const value = figures[figure]
  if (value === undefined) return ''
  const beside = isCpu && figures.fixedWork !== undefined ? ` (${figures.fixedWork.toFixed(0)})` : ''
  return value.toFixed(digits) + beside
}

/** All figures, one below the other. */
export function table(figures: Figures): string {
  const found = rows.filter(([figure]) => figures[figure] !== undefined)
  return [
    ...head(['', 'measured', 'target for 1,000 stores']),
    ...found.map(([figure, { label, target = '' }]) => line([label, cell(figures, figure), target])),
    '',
    'In brackets beside a time of CPU: that of the fixed work, in ms, on the same machine at the same time.',
  ].join('\n')
}

const KB = 1_000

/** The comparison with others: a row for each controller. */
export function comparison(controllers: readonly (readonly [name: string, figures: Figures])[]): string {
  return [
    ...head([
      '',
      'total s',
      'CPU of the controller, s (fixed work, ms)',
      'CPU of the API server, s (fixed work, ms)',
      'RSS, MiB',
      'stored object, KB (of it managedFields)',
    ]),
    ...controllers.map(comparisonRow),
  ].join('\n')
}

function comparisonRow([name, figures]: readonly [string, Figures]): string {
  const { storeBytes, managedFieldsBytes } = figures
  const kb = (bytes = Number.NaN) => (bytes / KB).toFixed(2)
  const object = storeBytes === undefined ? '' : `${kb(storeBytes)} (${kb(managedFieldsBytes)})`
  const columns: Figure[] = ['totalSeconds', 'operatorCpu', 'apiServerCpu', 'peakMiB']
  return line([name, ...columns.map(figure => cell(figures, figure)), object])
}

/** The means of several runs of one tree, of the figures that all of them have. */
export function meanOf(runs: readonly Figures[]): Figures {
  const means = rows.map(([figure]) => [figure, runs.map(run => run[figure])] as const)
  return Object.fromEntries(
    means.flatMap(([figure, values]) => {
      const known = values.filter(value => value !== undefined)
      return known.length > 0 && known.length === runs.length ? [[figure, mean(known)]] : []
    }),
  )
}

/** Two trees side by side: means of their runs, and the ratio of the second to the first. */
export function sideBySide(
  [oneName, one]: readonly [string, readonly Figures[]],
  [otherName, other]: readonly [string, readonly Figures[]],
): string {
  const [before, after] = [meanOf(one), meanOf(other)]
  const lines = rows.flatMap(([figure, { label }]) => {
    const [from, to] = [before[figure], after[figure]]
    if (from === undefined && to === undefined) return []
    const ratio = from && to !== undefined ? (to / from).toFixed(2) : ''
    return [line([label, cell(before, figure), cell(after, figure), ratio])]
  })
  return [...head(['', oneName, otherName, 'ratio']), ...lines].join('\n')
}
