import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'

/** Runs one test file under the reporter, in a process of its own. */
async function reported(source: string): Promise<{ output: string; exitCode: number | null }> {
  const directory = await mkdtemp(join(tmpdir(), 'reporter-'))
  try {
    const file = join(directory, 'sample.test.mjs')
    await writeFile(
      file,
      `import { after, describe, test } from 'node:test'\nimport assert from 'node:assert/strict'\n${source}`,
    )
    // A runner inside a runner would report to the outer one.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const reporter = join(import.meta.dirname, 'reporter.ts')
    const child = spawn(process.execPath, ['--test', `--test-reporter=${reporter}`, file], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = new Promise<number | null>(resolve => child.on('close', resolve))
    return { output: await text(child.stdout), exitCode: await exited }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const cases: [name: string, source: string, closing: string, exitCode: number, ...says: RegExp[]][] = [
  ['all pass', `test('a', () => {}); describe('s', () => { test('b', () => {}) })`, '2 passed, 0 failed', 0],
  [
    'a failed assertion shows its difference and place',
    `describe('s', () => { test('a', () => {}); test('b', () => assert.deepEqual({ x: 1 }, { x: 2 })) })`,
    '1 passed, 1 failed',
    1,
    /^failed: s > b \(.*sample\.test\.mjs:3\)\n.*\+ {3}x: 1\n.*- {3}x: 2\n/ms,
  ],
  [
    'a thrown error shows its cause',
    `test('a', () => { throw new Error('outer', { cause: new Error('inner') }) })`,
    '0 passed, 1 failed',
    1,
    /Error: outer/,
    /\[cause\]: Error: inner/,
  ],
  [
    'a skipped test says why',
    `test('a', () => {}); test('b', { skip: 'no cluster' }, () => {})`,
    '1 passed, 0 failed, 1 skipped',
    0,
    /^skipped: b \(.*\): no cluster$/m,
  ],
  [
    'a hook that fails counts, although no test failed',
    `describe('s', () => { after(() => { throw new Error('left behind') }); test('a', () => {}) })`,
    '1 passed, 1 failed',
    1,
    /^failed: s \(.*left behind/ms,
  ],
  ['a file that cannot be loaded', `import './absent.mjs'`, '0 passed, 1 failed', 1, /Cannot find module/],
  ['output of a test', `test('a', () => { console.log('building') })`, '1 passed, 0 failed', 0, /^building$/m],
]

for (const [name, source, closing, exitCode, ...says] of cases) {
  test(name, async () => {
    const result = await reported(source)
    assert.equal(result.output.trimEnd().split('\n').at(-1), closing, result.output)
    assert.equal(result.exitCode, exitCode)
    for (const pattern of says) assert.match(result.output, pattern)
  })
}
