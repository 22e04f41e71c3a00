/** Shells that completion and variables are tried in, as Debian packages them. */
import { join } from 'node:path'
import { cached } from './cache.ts'
import { multiarch, packageVersion, unpackPackages, whyNoPackage } from './debian.ts'

const packages = ['fish', 'zsh']

/** Why they are not on this machine; undefined when they are. */
export const whyNoShells = (): Promise<string | undefined> => whyNoPackage('fish', 'the tests of shells')

/** Paths of the programs, and the variables that they need. */
export async function shells(): Promise<{ fish: string; zsh: string; env: Record<string, string> }> {
  const versions = await Promise.all(packages.map(packageVersion))
  const proof = await cached({
    name: 'shells',
    inputs: [...packages, ...versions.map(version => version ?? '')],
    proof: 'root/usr/bin/fish',
    announcement: `unpacking ${packages.join(' and ')}`,
    build: directory => unpackPackages(directory, packages),
  })
  const root = join(proof, '../../..')
  const libraries = join(root, 'usr/lib', await multiarch(root))
  return { fish: proof, zsh: join(root, 'bin/zsh'), env: { LD_LIBRARY_PATH: libraries } }
}
