/** Chromium without windows, as Debian packages it, with fonts of its own: pages look the same on each machine. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { multiarch, packageVersion, unpackPackages, whyNoPackage } from './debian.ts'

export interface Chromium {
  path: string
  env: Record<string, string>
}

const SHELL = 'chromium-headless-shell'
const packages = [SHELL, 'chromium-common', 'fonts-inter', 'fonts-jetbrains-mono']

/** Why there is no Chromium on this machine; undefined when there is. */
export const whyNoChromium = (): Promise<string | undefined> => whyNoPackage(SHELL, 'the tests of the page')

export async function chromium(): Promise<Chromium> {
  const version = (await packageVersion(SHELL)) ?? ''
  const proof = await cached({
    name: 'chromium',
    inputs: [version, ...packages, FONTS],
    proof: 'root/usr/lib/chromium/chromium-headless-shell',
    announcement: `unpacking Chromium ${version}, about half a minute the first time`,
    build: unpack,
  })
  const root = join(proof, '../../../..')
  const libraries = await multiarch(root)
  const own = libraries ? [join(root, 'usr/lib', libraries), join(root, 'lib', libraries)] : []
  // Where Debian's libpulse looks for a part of itself, by an absolute path.
  const folders = [...own, ...own.map(folder => join(folder, 'pulseaudio'))]
  return {
    path: proof,
    env: { FONTCONFIG_FILE: join(root, '../fonts.conf'), LD_LIBRARY_PATH: folders.join(':') },
  }
}

async function unpack(directory: string): Promise<void> {
  await unpackPackages(directory, packages)
  await mkdir(join(directory, 'fonts'))
  await writeFile(join(directory, 'fonts.conf'), FONTS)
}

/** Paths are relative, as the folder gets its name when it is complete. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">root/usr/share/fonts</dir>
  <cachedir prefix="relative">fonts</cachedir>
  <alias binding="same"><family>system-ui</family><prefer><family>Inter</family></prefer></alias>
  <alias binding="same"><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
  <alias binding="same"><family>monospace</family><prefer><family>JetBrains Mono</family></prefer></alias>
  <alias binding="same"><family>ui-monospace</family><prefer><family>JetBrains Mono</family></prefer></alias>
</fontconfig>
`
