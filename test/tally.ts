/**
 * Reporter of `node --test` for records: how many tests of each file passed, failed and were skipped, and which did not
 * pass, as JSON. Standing beside `reporter.ts`, it gets a file of its own by `--test-reporter-destination`.
 */
import { relative } from 'node:path'
import type { TestEvent } from 'node:test/reporters'

export interface Outcomes {
  /** How many tests passed. */
  passed: number
  /** Names of tests that failed, and of those that were skipped with the reason. */
  failed: string[]
  skipped: string[]
}

export interface Tally {
  /** The day on which the tests ended: `2026-03-01`. */
  date: string
  /** By the path of the file. */
  files: Record<string, Outcomes>
}

export default async function* tally(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const files: Record<string, Outcomes> = {}
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const outcome = outcomeOf(type, data)
    if (!outcome) continue
    const { file = '', name, skip } = data
    const { entryFile = file } = data as { entryFile?: string }
    const path = relative('', entryFile)
    const of = files[path] ?? { passed: 0, failed: [], skipped: [] }
    files[path] = of
    if (outcome === 'passed') of.passed++
    else of[outcome].push(typeof skip === 'string' ? `${name}: ${skip}` : name)
  }
  const sorted = Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)))
  const found: Tally = { date: new Date().toISOString().slice(0, 10), files: sorted }
  yield `${JSON.stringify(found, null, 2)}\n`
}

type Data = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>['data']

/** Undefined for what is counted by its tests: a suite that passed, and what failed only because a test in it did. */
function outcomeOf(type: 'test:pass' | 'test:fail', { skip, todo, details }: Data): keyof Outcomes | undefined {
  if (skip !== undefined || todo !== undefined) return 'skipped'
  if (type === 'test:pass') return details.type === 'suite' ? undefined : 'passed'
  const { failureType } = (details as { error?: { failureType?: string } }).error ?? {}
  return failureType === 'subtestsFailed' ? undefined : 'failed'
}
