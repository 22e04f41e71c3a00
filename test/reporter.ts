/**
 * Reporter of `node --test`: a line for each file, each failure in full as it happens, and again at the end by name and
 * with the first lines of why, for those who see only the end of a log; and a closing line: `12 passed, 1 failed`, or
 * `12 passed, 1 failed, 2 skipped`. The name of a test is the whole path of suites that leads to it, with the place where
 * it is written and, if that is another, the file that runs it.
 */
import { relative } from 'node:path'
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

type Data<Type extends TestEvent['type']> = Extract<TestEvent, { type: Type }>['data']

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  /** Names of the suites around the test that runs, and its own. */
  const path: string[] = []
  /** What the end says of each failure. */
  const failed: string[] = []
  let passed = 0
  let skipped = 0
  for await (const { type, data } of events) {
    switch (type) {
      case 'test:start':
        path.length = data.nesting
        path.push(data.name)
        break
      case 'test:pass':
        if (data.skip !== undefined || data.todo !== undefined) {
          skipped++
          yield `skipped: ${title(path, data)}${typeof data.skip === 'string' ? `: ${data.skip}` : ''}\n`
        } else if (data.details.type !== 'suite') passed++
        break
      case 'test:fail': {
        // A suite with a failed test fails too, but only the test says why.
        if (data.todo !== undefined || failureType(data) === 'subtestsFailed') break
        const name = title(path, data)
        const why = explanation(data)
        failed.push(`failed: ${name}\n${beginning(why)}\n`)
        yield `\nfailed: ${name}\n${why}\n\n`
        break
      }
      case 'test:stdout':
      case 'test:stderr':
        yield data.message
        break
      case 'test:summary':
        if (data.file) yield `${relative('', data.file)}: ${data.counts.tests} tests, ${seconds(data)}\n`
        else {
          yield `\n${failed.join('')}finished after ${seconds(data)}\n`
          yield `${passed} passed, ${failed.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`
        }
    }
  }
}

function title(path: string[], data: Data<'test:pass'> | Data<'test:fail'>): string {
  const { nesting, file = '', line } = data
  const { entryFile = file } = data as { entryFile?: string }
  const runner = entryFile === file ? '' : `, run by ${relative('', entryFile)}`
  return `${path.slice(0, nesting + 1).join(' > ')} (${relative('', file)}:${line}${runner})`
}

/** Set by the runner on the error that wraps the test's own. */
const failureType = ({ details }: Data<'test:fail'>): unknown =>
  (details.error as { failureType?: unknown }).failureType

/** The test's own error. An assertion's stack begins with its message and difference; the rest of it repeats them. */
function explanation({ details }: Data<'test:fail'>): string {
  const error: unknown = details.error.cause ?? details.error
  const assertion = error instanceof Error && (error as { code?: unknown }).code === 'ERR_ASSERTION'
  return (assertion ? `${error.stack}` : inspect(error)).replaceAll(/^(?=.)/gm, '  ')
}

/** So many lines that both sides of a difference are seen, which begins in the fifth. */
const beginning = (text: string): string =>
  text
    .split('\n', 12)
    .map(line => line.slice(0, 300))
    .join('\n')

const seconds = ({ duration_ms }: Data<'test:summary'>): string => `${(duration_ms / 1000).toFixed(1)} s`
