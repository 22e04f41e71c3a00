/** `formats` and `consumers`: what may be written into Secrets, and who reads it. */
import type { Answer } from '../frame/command.ts'
import { report } from '../frame/reports.ts'
import { CONSUMERS, FORMATS } from '../known/index.ts'
import { type Column, table } from '../text/table.ts'

const FORMAT_COLUMNS: Column[] = [
  { title: 'FORMAT' },
  { title: 'CLOUDS' },
  { title: 'CONSUMERS', drop: 1, min: 16 },
  { title: 'KEYS', drop: 2, min: 20 },
]

export async function formats(): Promise<Answer> {
  const rows = FORMATS.map(({ format, clouds, keys, consumers }) => [
    format,
    clouds.join(', '),
    consumers.join(', '),
    keys.join(', '),
  ])
  return {
    lines: ({ paint, width }) => table(FORMAT_COLUMNS, rows, paint, width),
    data: report('Formats', { formats: FORMATS }),
    names: FORMATS.map(({ format }) => format),
  }
}

const CONSUMER_COLUMNS: Column[] = [
  { title: 'CONSUMER', min: 16 },
  { title: 'FORMATS', min: 12 },
  { title: 'SAMPLE', drop: 1 },
  { title: 'RELOADS WHILE RUNNING', drop: 2, min: 20 },
  { title: 'LIMITS', drop: 3, min: 20 },
]

export async function consumers(): Promise<Answer> {
  const rows = CONSUMERS.map(({ consumer, formats, sample, reloads, limits }) => [
    consumer,
    formats.join(', '),
    sample,
    reloads,
    limits,
  ])
  return {
    lines: ({ paint, width }) => table(CONSUMER_COLUMNS, rows, paint, width),
    data: report('Consumers', { consumers: CONSUMERS }),
    names: CONSUMERS.map(({ sample }) => sample),
  }
}
