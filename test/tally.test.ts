import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestEvent } from 'node:test/reporters'
import tally from './tally.ts'

const event = (type: 'test:pass' | 'test:fail', name: string, more: object = {}, failureType?: string): TestEvent =>
  ({
    type,
    data: {
      ...{ name, file: join(process.cwd(), 'test/b.test.ts'), nesting: 0 },
      details: { type: 'test', ...(failureType && { error: { failureType } }) },
      ...more,
    },
  }) as unknown as TestEvent

const suite = { details: { type: 'suite' } }

async function tallied(...events: TestEvent[]) {
  let text = ''
  for await (const part of tally(
    (async function* () {
      yield* events
    })(),
  ))
    text += part
  return JSON.parse(text)
}

test('tests are counted by the file that runs them, and what did not pass is named', async () => {
  const found = await tallied(
    event('test:pass', 'one'),
    event('test:pass', 'of a suite', { entryFile: join(process.cwd(), 'test/a.test.ts') }),
    event('test:pass', 'suite', suite),
    event('test:pass', 'not here', { skip: 'no cluster' }),
    event('test:pass', 'whole suite not here', { ...suite, skip: true }),
    event('test:fail', 'broken', {}, 'testCodeFailure'),
    event('test:fail', 'around it', {}, 'subtestsFailed'),
  )
  assert.match(found.date, /^\d{4}-\d\d-\d\d$/)
  assert.deepEqual(Object.entries(found.files), [
    ['test/a.test.ts', { passed: 1, failed: [], skipped: [] }],
    ['test/b.test.ts', { passed: 1, failed: ['broken'], skipped: ['not here: no cluster', 'whole suite not here'] }],
  ])
})

test('a suite whose hook fails is a failure of its own', async () => {
  const failed = { details: { type: 'suite', error: { failureType: 'hookFailed' } } }
  const { files } = await tallied(event('test:fail', 'suite', failed))
  assert.deepEqual(files['test/b.test.ts'].failed, ['suite'])
})
