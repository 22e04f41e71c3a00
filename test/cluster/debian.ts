/** Programs of Debian's packages, unpacked into the cache: nothing is installed into the system, and no root is needed. */
import { execFile } from 'node:child_process'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram, run } from './tools.ts'

const execute = promisify(execFile)

/** Why the package can't be unpacked on this machine; undefined when it can. `tests`: `the tests of Ceph`. */
export async function whyNoPackage(name: string, tests: string): Promise<string | undefined> {
  const absent = ['apt-get', 'dpkg-deb'].filter(program => !findProgram(program))
  if (absent.length > 0) return `${tests} need Debian's packages, and are skipped: PATH has no ${absent.join(', ')}`
  return (await packageVersion(name))
    ? undefined
    : `${tests} are skipped, as apt-get knows no package ${name}: run "apt-get update" as root`
}

/** The version that would be unpacked; undefined where apt-get does not know the package. */
export async function packageVersion(name: string): Promise<string | undefined> {
  const { stdout } = await execute('apt-cache', ['show', '--no-all-versions', name]).catch(() => ({ stdout: '' }))
  return /^Version: (\S+)$/m.exec(stdout)?.[1]
}

/** Unpacks packages, and what they need and the machine lacks, into the folder `root` of the directory. */
export async function unpackPackages(directory: string, packages: readonly string[]): Promise<void> {
  const [packed, root] = [join(directory, 'packages'), join(directory, 'root')]
  for (const folder of [packed, root]) await mkdir(folder)
  const plan = ['install', '--simulate', '--no-install-recommends', '-o', 'Debug::NoLocking=1', ...packages]
  const { stdout } = await execute('apt-get', plan, { maxBuffer: 16 * 1024 * 1024 })
  const missing = [...stdout.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name)
  // Those that are installed are no part of the plan, but a program looks for files beside its own.
  const wanted = [...new Set([...packages, ...missing])]
  const cure = `run "apt-get update" as root, so that apt-get knows ${packages.join(', ')}`
  await run('apt-get', ['download', ...wanted], { cwd: packed }, cure)
  for (const file of await readdir(packed)) await run('dpkg-deb', ['-x', join(packed, file), root], {}, cure)
  await rm(packed, { recursive: true })
}

/** The folder of `usr/lib` for the machine's architecture: `x86_64-linux-gnu`. */
export async function multiarch(root: string): Promise<string> {
  const names = await readdir(join(root, 'usr/lib')).catch(() => [])
  return names.find(name => name.endsWith('-linux-gnu')) ?? ''
}
