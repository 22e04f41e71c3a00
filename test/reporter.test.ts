import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'

/** Runs one test file, which may import `./sample.suite.mjs`, under the reporter and in a process of its own. */
async function reported(source: string, suite = ''): Promise<{ output: string; exitCode: number | null }> {
  const directory = await mkdtemp(join(tmpdir(), 'reporter-'))
  try {
    const file = join(directory, 'sample.test.mjs')
    const imports = `import { after, describe, test } from 'node:test'\nimport assert from 'node:assert/strict'\n`
    await writeFile(file, imports + source)
    await writeFile(join(directory, 'sample.suite.mjs'), imports + suite)
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
  [
    'tests that all pass are counted',
    `test('a', () => {}); describe('s', () => { test('b', () => {}) })`,
    '2 passed, 0 failed',
    0,
  ],
  [
    'a failed assertion shows its difference and place',
    `describe('s', () => { test('a', () => {}); test('b', () => assert.deepEqual({ x: 1 }, { x: 2 })) })`,
    '1 passed, 1 failed',
    1,
    /^failed: s > b \(.*sample\.test\.mjs:3\)\n.*\+ {3}x: 1\n.*- {3}x: 2\n/ms,
    /: 2 tests, .*\nfailed: s > b \(.*sample\.test\.mjs:3\)\n {2}AssertionError.*\+ {3}x: 1\n.*- {3}x: 2\n.*finished/s,
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
  ['a file that cannot be loaded says why', `import './absent.mjs'`, '0 passed, 1 failed', 1, /Cannot find module/],
  [
    'output of a test is passed on',
    `test('a', () => { console.log('building') })`,
    '1 passed, 0 failed',
    0,
    /^building$/m,
  ],
]

describe('the reporter', () => {
  for (const [name, source, closing, exitCode, ...says] of cases) {
    test(name, async () => {
      const result = await reported(source)
      assert.equal(result.output.trimEnd().split('\n').at(-1), closing, result.output)
      assert.equal(result.exitCode, exitCode)
      for (const pattern of says) assert.match(result.output, pattern)
    })
  }

  test('a failed test of a suite is listed with all suites around it, its own file and the one that runs it', async () => {
    const { output } = await reported(
      `import { suite } from './sample.suite.mjs'\ndescribe('a store', { concurrency: 2 }, () => suite())`,
      `export const suite = () => describe('at MinIO', { concurrency: 2 }, () => {
        test('is Ready', () => new Promise(resolve => setTimeout(resolve, 50)))
        for (const n of [1, 2]) test(\`has Secret \${n}\`, () => assert.ok(n < 2))
      })`,
    )
    const line =
      /^failed: a store > at MinIO > has Secret 2 \(\S*sample\.suite\.mjs:5, run by \S*sample\.test\.mjs\)$/gm
    assert.equal([...output.matchAll(line)].length, 2, output)
  })
})
