/** Ceph as Debian packages it, unpacked into the cache: nothing is installed into the system, and no root is needed. */
import { execFile } from 'node:child_process'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { cached } from '../cache.ts'
import { type Command, findProgram, run } from '../tools.ts'

export interface Ceph {
  readonly version: string
  /** The folder that stands for `/` of the packages. */
  readonly root: string
  /** The folder of libraries in it. */
  readonly libraries: string
  readonly env: Record<string, string>
  command(program: string): Command
}

const execute = promisify(execFile)
const packages = ['ceph-mon', 'ceph-osd', 'radosgw', 'ceph-common']
const needsDebian = 'Ceph is unpacked from Debian packages: run "apt-get update" as root, so that apt-get knows them.'

/** The reason why Ceph can't run on this machine; undefined when it can. */
export async function whyNoCeph(): Promise<string | undefined> {
  const absent = ['apt-get', 'dpkg-deb'].filter(name => !findProgram(name))
  if (absent.length > 0)
    return `the tests of Ceph need Debian's packages, and are skipped: PATH has no ${absent.join(', ')}`
  const known = await versionOfPackage()
  return known
    ? undefined
    : 'the tests of Ceph are skipped, as apt-get knows no package radosgw: run "apt-get update" as root'
}

async function versionOfPackage(): Promise<string | undefined> {
  const { stdout } = await execute('apt-cache', ['show', '--no-all-versions', 'radosgw']).catch(() => ({ stdout: '' }))
  return /^Version: (\S+)$/m.exec(stdout)?.[1]
}

export async function cephPrograms(): Promise<Ceph> {
  const version = (await versionOfPackage()) ?? ''
  const proof = await cached({
    name: 'ceph',
    inputs: [version, ...packages],
    proof: 'root/usr/bin/radosgw',
    announcement: `unpacking Ceph ${version}, about a minute the first time`,
    build: unpack,
  })
  const root = join(proof, '../../..')
  const libraries = join(root, 'usr/lib', await multiarch(root))
  return {
    ...{ version: version.split(/[+-]/)[0] ?? version, root, libraries },
    env: {
      LD_LIBRARY_PATH: [libraries, join(libraries, 'ceph'), join(root, 'lib', basename(libraries))].join(':'),
      PYTHONPATH: join(root, 'usr/lib/python3/dist-packages'),
    },
    // The program `ceph` is a script for the Python of the same Debian.
    command: program =>
      program === 'ceph'
        ? { command: '/usr/bin/python3', args: [join(root, 'usr/bin/ceph')] }
        : { command: join(root, 'usr/bin', program), args: [] },
  }
}

/** The folder of `usr/lib` for the machine's architecture: `x86_64-linux-gnu`. */
async function multiarch(root: string): Promise<string> {
  const names = await readdir(join(root, 'usr/lib'))
  return names.find(name => name.endsWith('-linux-gnu')) ?? ''
}

async function unpack(directory: string): Promise<void> {
  const [packed, root] = [join(directory, 'packages'), join(directory, 'root')]
  for (const folder of [packed, root]) await mkdir(folder)
  const plan = ['install', '--simulate', '--no-install-recommends', '-o', 'Debug::NoLocking=1', ...packages]
  const { stdout } = await execute('apt-get', plan, { maxBuffer: 16 * 1024 * 1024 })
  const missing = [...stdout.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name)
  await run('apt-get', ['download', ...missing], { cwd: packed }, needsDebian)
  for (const file of await readdir(packed)) await run('dpkg-deb', ['-x', join(packed, file), root], {}, needsDebian)
  await rm(packed, { recursive: true })
  await mkdir(join(root, 'etc'), { recursive: true })
  await writeFile(join(root, 'etc/mime.types'), '', { flag: 'a' })
}
