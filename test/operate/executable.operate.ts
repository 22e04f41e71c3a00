/** The command line as one executable, which runs where there is no Node. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { collect } from '../support/command-line.ts'
import { project } from '../support/project.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'executable-'))
  await promisify(execFile)(process.execPath, [project('scripts/cli/executable.ts'), folder])
})
after(() => rm(folder, { recursive: true, force: true }))

const run = (...words: string[]) => collect(join(folder, 'kubectl-artifactstore'), words, { env: { PATH: '/nowhere' } })

test('the executable says its version, without a warning', async () => {
  const { version } = JSON.parse(await readFile(project('package.json'), 'utf8'))
  assert.deepEqual(await run('--version'), { code: 0, out: `${version}\n`, err: '' })
})

test('the executable knows reasons, and prints JSON and YAML', async () => {
  assert.match((await run('explain', 'BucketNotFound')).out, /^BucketNotFound \(S3\)\n/)
  assert.equal(JSON.parse((await run('formats', '-o', 'json')).out).kind, 'Formats')
  assert.match((await run('consumers', '-o', 'yaml')).out, /^kind: Consumers$/m)
})

test('the executable reads kubeconfigs', async () => {
  const { code, err } = await run('status', '--kubeconfig', '/nowhere/config')
  assert.deepEqual([code, err.split(':')[0]], [3, 'kubeconfig'])
})
