/** Runs the measurements of this tree against the operator of another commit and its own, in turns. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Figures, sideBySide } from './figures.ts'

const ROOT = join(import.meta.dirname, '../..')

async function run(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...env } })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${code}`)
}

/** Runs the work with the tree of a commit in a temporary folder, with the packages of this one. */
async function withTree<T>(revision: string, work: (tree: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'aso-compare-'))
  const tree = join(folder, 'tree')
  // Ctrl-C ends the child, whose failure leads to the clean-up below.
  const ignore = () => {}
  process.on('SIGINT', ignore)
  try {
    await run('git', ['worktree', 'add', '--quiet', '--detach', tree, revision], ROOT)
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'))
    return await work(tree)
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await run('git', ['worktree', 'prune'], ROOT)
    process.off('SIGINT', ignore)
  }
}

export interface Comparison {
  revision: string
  runs: number
  /** Flags of each run. */
  flags: string[]
}

/** Resolves with the table in Markdown. */
export function compare({ revision, runs, flags }: Comparison): Promise<string> {
  return withTree(revision, async tree => {
    const sides = [
      { tree, figures: [] as Figures[] },
      { tree: ROOT, figures: [] as Figures[] },
    ] as const
    for (const side of sides) await run(process.execPath, ['scripts/bundle.ts'], side.tree)
    // The bundle of older commits.
    const older = join(tree, 'dist/operator.js')
    if (existsSync(older)) renameSync(older, join(tree, 'dist/operator.mjs'))
    const json = join(tree, '..', 'figures.json')
    const bench = [join(import.meta.dirname, 'bench.ts'), ...flags, '--json', json]
    for (let turn = 0; turn < runs; turn++) {
      for (const side of sides) {
        await run(process.execPath, bench, ROOT, { OPERATOR_TREE: side.tree })
        side.figures.push(JSON.parse(readFileSync(json, 'utf8')))
        console.error(`run ${turn + 1} of ${runs}: ${side.tree === ROOT ? 'this tree' : revision} is measured`)
      }
    }
    return sideBySide([revision, sides[0].figures], ['this tree', sides[1].figures])
  })
}
