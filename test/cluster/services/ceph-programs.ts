/** Ceph as Debian packages it, unpacked into the cache: nothing is installed into the system, and no root is needed. */
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { cached } from '../cache.ts'
import { multiarch, packageVersion, unpackPackages, whyNoPackage } from '../debian.ts'
import type { Command } from '../tools.ts'

export interface Ceph {
  readonly version: string
  /** The folder that stands for `/` of the packages. */
  readonly root: string
  /** The folder of libraries in it. */
  readonly libraries: string
  readonly env: Record<string, string>
  command(program: string): Command
}

const packages = ['ceph-mon', 'ceph-osd', 'radosgw', 'ceph-common']

/** The reason why Ceph can't run on this machine; undefined when it can. */
export const whyNoCeph = (): Promise<string | undefined> => whyNoPackage('radosgw', 'the tests of Ceph')

export async function cephPrograms(): Promise<Ceph> {
  const version = (await packageVersion('radosgw')) ?? ''
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

async function unpack(directory: string): Promise<void> {
  await unpackPackages(directory, packages)
  const root = join(directory, 'root')
  await mkdir(join(root, 'etc'), { recursive: true })
  await writeFile(join(root, 'etc/mime.types'), '', { flag: 'a' })
}
