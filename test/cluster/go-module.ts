/** Go modules as folders, and programs that are built from a copy of one. */
import { execFile } from 'node:child_process'
import { cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cached } from './cache.ts'
import { buildFlags, go, run } from './tools.ts'

export interface GoModule {
  /** In the cache. */
  name: string
  /** With its version, as in `example.com/name@v1.2.3`. */
  module: string
  /** The name of the program. */
  program: string
  /** The folder of its package, below the module. */
  main: string
  duration: string
  /** Modules that a replace directive looks for in the copy, which has none of them: they come by their version. */
  unreplaced?: readonly string[]
  /** A folder of the module that becomes the folder `kept` beside the program. */
  kept?: string
}

/** Returns the path of the program. `go install` would refuse a module with replace directives. */
export function goBuildModule(wanted: GoModule): Promise<string> {
  const { name, module, program, main, duration, unreplaced = [], kept } = wanted
  const flags = [...buildFlags, '-ldflags', '-s -w']
  return cached({
    name,
    inputs: [module, ...flags, ...unreplaced, ...(kept ? [kept] : [])],
    proof: program,
    announcement: `building ${module}, ${duration} the first time`,
    async build(directory) {
      const source = join(directory, 'source')
      await cp(await moduleFolder(module), source, { recursive: true })
      // The module cache is read-only, and so is a copy of it.
      await run('chmod', ['-R', 'u+w', source], {}, '')
      const dropped = unreplaced.map(path => `-dropreplace=${path}`)
      if (dropped.length > 0) await go(['mod', 'edit', ...dropped], { cwd: source })
      // The sums of what is no longer replaced are added to go.sum.
      const env = { GOFLAGS: '-mod=mod' }
      await go(['build', ...flags, '-o', join(directory, program), main], { cwd: source, env })
      if (kept) await rename(join(source, kept), join(directory, 'kept'))
      await rm(source, { recursive: true })
    },
  })
}

/** Downloads a module, and returns the path of its files, which are read-only. `module`: with its version. */
export async function moduleFolder(module: string): Promise<string> {
  await go(['mod', 'download', module], { env: { GOFLAGS: '-mod=mod' } })
  const { stdout } = await promisify(execFile)('go', ['env', 'GOMODCACHE'])
  return join(stdout.trim(), module)
}
