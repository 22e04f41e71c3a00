/** Pure: the table of faults. */
import type { Row } from './rows.ts'

/** What must be zero, with its head. */
const COUNTS = {
  expired: 'expired ones read',
  refused: 'valid ones refused',
  twoLeaders: 'writes by two leaders',
  lostUpdates: 'lost updates',
  secretsTwice: 'Secrets twice',
}
const NAMES = Object.keys(COUNTS) as (keyof typeof COUNTS)[]

export function verdict(row: Row): string {
  if (row.failure) return `failed: ${row.failure}`
  const wrong = NAMES.filter(name => row[name] > 0).map(name => COUNTS[name])
  if (wrong.length > 0) return `failed: ${wrong.join(', ')}`
  if (row.uses === 0) return 'failed: no credentials were used'
  const { longest } = row
  return longest && longest.seconds > longest.target ? 'held, but slower than the target' : 'held'
}

const seconds = (value: number): string => (value < 10 ? value.toFixed(1) : value.toFixed(0))

const HEAD = [
  'fault',
  'what was done',
  'seed',
  'recovery, s',
  'uses of credentials',
  ...Object.values(COUNTS),
  'verdict',
]

export function table(rows: Row[]): string {
  const cells = rows.map(row => [
    row.fault,
    [row.done, row.note].filter(Boolean).join('; '),
    row.seed,
    row.longest
      ? `${row.longest.what} ${seconds(row.longest.seconds)} (target ${row.longest.target})`
      : row.recoverySeconds === undefined
        ? ''
        : seconds(row.recoverySeconds),
    row.uses,
    ...NAMES.map(name => row[name]),
    verdict(row),
  ])
  return [HEAD, HEAD.map(() => '---'), ...cells].map(line => `| ${line.join(' | ')} |`).join('\n')
}
