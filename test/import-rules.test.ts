/** Breaks each import rule on purpose, because a linter that finds no files would find no faults either. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { importCases } from './support/import-cases.ts'

const root = join(import.meta.dirname, '..')
let project: string

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'import-rules-'))
  for (const name of ['node_modules', 'package.json', '.dependency-cruiser.cjs']) {
    await symlink(join(root, name), join(project, name))
  }
})
after(() => rm(project, { recursive: true, force: true }))

/** The names of the rules that a project with these files breaks. */
async function broken(files: Record<string, string>): Promise<string[]> {
  await rm(join(project, 'src'), { recursive: true, force: true })
  for (const [path, source] of Object.entries(files)) {
    await mkdir(dirname(join(project, path)), { recursive: true })
    await writeFile(join(project, path), source)
  }
  const cruise = ['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', '--output-type', 'json', 'src']
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, cruise, { cwd: project, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      // The exit code is the number of faults.
      stdout ? resolve(stdout) : reject(error ?? new Error(stderr)),
    )
  })
  const { summary }: { summary: { violations: { rule: { name: string } }[] } } = JSON.parse(stdout)
  return [...new Set(summary.violations.map(({ rule }) => rule.name))]
}

test('each rule has a case that breaks it', () => {
  const { forbidden }: { forbidden: { name: string }[] } = createRequire(import.meta.url)('../.dependency-cruiser.cjs')
  const broken = new Set(importCases.flatMap(([, , rules]) => rules))
  assert.deepEqual(
    forbidden.map(({ name }) => name).filter(name => !broken.has(name)),
    [],
  )
})

for (const [name, files, rules] of importCases) {
  test(`${name} ${rules.length > 0 ? `is refused by ${rules.join(' and ')}` : 'is allowed'}`, async () =>
    assert.deepEqual(await broken(files), rules))
}
