/** Breaks each import rule on purpose, because a linter that finds no files would find no faults either. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { cruise, type ICruiseOptions, type IForbiddenRuleType } from 'dependency-cruiser'
import { importCases } from './support/import-cases.ts'

const root = join(import.meta.dirname, '..')
const configuration = join(root, '.dependency-cruiser.cjs')
const require = createRequire(import.meta.url)
let project: string

before(async () => {
  // dependency-cruiser compares real paths, and a temporary directory may be behind a symbolic link.
  project = await realpath(await mkdtemp(join(tmpdir(), 'import-rules-')))
  for (const name of ['node_modules', 'package.json']) {
    await symlink(join(root, name), join(project, name))
  }
  process.chdir(project)
  await mkdir('src')
})
after(async () => {
  process.chdir(root)
  await rm(project, { recursive: true, force: true })
})

/** Reads the configuration anew, as it looks for pure files in the working directory. */
function readConfiguration(): { forbidden: IForbiddenRuleType[]; options: ICruiseOptions } {
  delete require.cache[configuration]
  return require(configuration)
}

/** The names of the rules that a project with these files breaks. */
async function broken(files: Record<string, string>): Promise<string[]> {
  await rm('src', { recursive: true, force: true })
  for (const [path, source] of Object.entries(files)) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, source)
  }
  const { forbidden, options } = readConfiguration()
  const { output } = await cruise(['src'], { ...options, ruleSet: { forbidden }, validate: true })
  assert.ok(typeof output === 'object')
  return [...new Set(output.summary.violations.map(({ rule }) => rule.name))]
}

test('each rule has a case that breaks it', () => {
  const { forbidden } = readConfiguration()
  const broken = new Set(importCases.flatMap(([, , rules]) => rules))
  assert.deepEqual(
    forbidden.map(({ name = '' }) => name).filter(name => !broken.has(name)),
    [],
  )
})

for (const [name, files, rules] of importCases) {
  test(`${name} ${rules.length > 0 ? `is refused by ${rules.join(' and ')}` : 'is allowed'}`, async () =>
    assert.deepEqual(await broken(files), rules))
}
