/** The sources and the bundle of an older revision, for tests of upgrades. */
import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import type { Format } from '../../src/api/artifact-store.ts'

/** This tree. */
export const ROOT = join(import.meta.dirname, '../..')

const run = promisify(execFile)
/** What git says; undefined when it fails, or is not there. */
const git = async (...args: string[]): Promise<string | undefined> =>
  run('git', ['-C', ROOT, ...args]).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  )

/**
 * The revision that people upgrade from: the one that UPGRADE_FROM names; else the last release before this commit (a tag
 * `v...`); else, as long as nothing is released, the last commit that is not this tree. `skip`: why there is none.
 */
export async function olderRevision(): Promise<{ revision: string } | { skip: string }> {
  const wanted = process.env['UPGRADE_FROM']
  const head = await git('rev-parse', 'HEAD')
  if (!head) return { skip: 'there is no history: run this in a clone of the repository' }
  const changed = (await git('status', '--porcelain')) !== ''
  const released = await git('describe', '--tags', '--abbrev=0', '--match=v[0-9]*', changed ? 'HEAD' : 'HEAD^')
  const name = wanted || released || (changed ? 'HEAD' : 'HEAD^')
  const revision = await git('rev-parse', '--verify', '--quiet', `${name}^{commit}`)
  if (revision) return { revision }
  if (wanted)
    throw new Error(`UPGRADE_FROM is "${wanted}", which is no commit of this clone: run "git fetch", or name another`)
  return { skip: `the clone has no ${name}: run "git fetch --deepen=1"` }
}

/** Lays out the sources of a revision in a folder, with the packages of this tree. */
export async function layOut(revision: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const archive = `${folder}.tar`
  await run('git', ['-C', ROOT, 'archive', `--output=${archive}`, revision])
  await run('tar', ['-xf', archive, '-C', folder])
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
}

/** Bundles the operator of a tree into a folder, by default its own `dist/`; returns the path of the program. */
export async function bundle(tree: string, folder?: string): Promise<string> {
  // Older trees know no other folder.
  await run(process.execPath, [join(tree, 'scripts/bundle.ts'), ...(folder ? [folder] : [])], { cwd: tree })
  return join(folder ?? join(tree, 'dist'), 'operator.mjs')
}

/** Those of the formats whose Secrets the two trees write otherwise, as their golden files say. */
export function changedFormats(trees: { older: string; newer: string }, formats: readonly Format[]): Format[] {
  const [older, newer] = [goldenFiles(trees.older), goldenFiles(trees.newer)]
  const changed = [...older].filter(([path, text]) => newer.get(path) !== text).map(([path]) => path)
  return formats.filter(format => changed.some(path => path.replaceAll('-', '').startsWith(format.toLowerCase())))
}

/** The text of each golden file of a tree, by its path. */
function goldenFiles(tree: string): Map<string, string> {
  const folder = join(tree, 'test/golden')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  const paths = files.map(({ parentPath, name }) => join(parentPath, name))
  return new Map(paths.map(path => [relative(folder, path), readFileSync(path, 'utf8')]))
}
