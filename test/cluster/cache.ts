/** A cache of things that are slow to make: each is built once in another folder and then renamed into the cache. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, mkdir, mkdtemp, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Recipe {
  readonly name: string
  /** Everything that changes the result, except the platform. */
  readonly inputs: readonly string[]
  /** A path in the result that exists only if the result is complete. */
  readonly proof: string
  /** One line that is printed for the person who waits. */
  readonly announcement: string
  build(directory: string): Promise<void>
}

export function cacheDirectory(): string {
  const { ASO_TEST_CACHE, XDG_CACHE_HOME } = process.env
  return ASO_TEST_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'artifact-store-operator')
}

/** Builds that run in this process, by their directory: the lock keeps only other processes away. */
const making = new Map<string, Promise<string>>()

/** Returns the path of the proof; everything else that the recipe has made is in the same directory. */
export function cached(recipe: Recipe): Promise<string> {
  const final = directoryOf(recipe)
  const known = making.get(final) ?? make(recipe, final).finally(() => making.delete(final))
  making.set(final, known)
  return known
}

function directoryOf(recipe: Recipe): string {
  const digest = createHash('sha256')
  for (const input of [process.platform, process.arch, ...recipe.inputs]) digest.update(`${input.length}:${input}`)
  return join(cacheDirectory(), `${recipe.name}-${digest.digest('hex').slice(0, 16)}`)
}

async function make(recipe: Recipe, final: string): Promise<string> {
  const proof = join(final, recipe.proof)
  if (existsSync(proof)) return proof

  await mkdir(cacheDirectory(), { recursive: true })
  const unlock = await lock(`${final}.lock`, recipe.name)
  try {
    if (existsSync(proof)) return proof
    progress(recipe.announcement)
    const started = performance.now()
    const aside = await mkdtemp(`${final}.building-`)
    try {
      await recipe.build(aside)
      if (!existsSync(join(aside, recipe.proof))) throw new Error(`${recipe.name}: the build left no ${recipe.proof}`)
      await rm(final, { recursive: true, force: true })
      await rename(aside, final)
    } finally {
      await rm(aside, { recursive: true, force: true })
    }
    progress(`${recipe.name} is ready after ${Math.round((performance.now() - started) / 1000)} s`)
    return proof
  } finally {
    await unlock()
  }
}

/** Prints a line to stderr, which leaves stdout to the output of the program. */
export function progress(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Locks by linking a file that already contains our pid: this creates the lock and names its owner in one step. */
async function lock(path: string, name: string): Promise<() => Promise<void>> {
  const mine = `${path}.${process.pid}`
  await writeFile(mine, `${process.pid}`)
  try {
    for (let waiting = false; ; ) {
      try {
        await link(mine, path)
        return () => rm(path, { force: true })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const owner = Number(await readFile(path, 'utf8').catch(() => ''))
      if (owner && !isAlive(owner)) {
        // Two waiting processes may both get here. Then both build, and the rename keeps the result whole.
        await unlink(path).catch(() => undefined)
        continue
      }
      if (owner && !waiting) progress(`${name}: waiting for process ${owner}, which is building it`)
      waiting ||= owner > 0
      await sleep(250)
    }
  } finally {
    await rm(mine, { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
