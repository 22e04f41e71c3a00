/** The notices of third parties: what their licences ask to go along with the bundle. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

const NOTICES = /^(licen[cs]e|copying|notice|copyright)\b/i
const FOLDER = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/

interface Manifest {
  name: string
  version: string
  license?: string
}

/** The text, with each package that has code in the bundle. `root`: what paths of the metafile are relative to. */
export function notices({ outputs }: Metafile, root: string): string {
  const packages = new Map<string, string[]>()
  for (const folder of bundledFolders(outputs)) {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest
    if (!license) throw new Error(`package.json of ${name} ${version} names no licence: find out, and say it here`)
    const text = textsOf(join(root, folder)) || `No text comes with it: https://spdx.org/licenses/${license}.html`
    packages.set(text, [...(packages.get(text) ?? []), `${name} ${version} (${license})`])
  }
  const parts = [...packages].map(([text, names]) => `${[...new Set(names)].sort().join('\n')}\n\n${text}\n`)
  const line = `\n${'-'.repeat(80)}\n\n`
  return `${HEADER}${line}${parts.sort().join(line)}`
}

const HEADER = `artifact-store-operator has code of these packages in it, under their licences.
The image also has Node, and Debian packages whose licences it keeps in /usr/share/doc.
`

function bundledFolders(outputs: Metafile['outputs']): Set<string> {
  const inputs = Object.values(outputs).flatMap(output => Object.entries(output.inputs))
  return new Set(
    inputs.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? (FOLDER.exec(path)?.[0] ?? []) : [])),
  )
}

function textsOf(folder: string): string {
  const files = readdirSync(folder, { withFileTypes: true }).filter(file => file.isFile() && NOTICES.test(file.name))
  const texts = files.map(({ name }) => name).sort()
  return texts.map(name => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim()).join('\n\n')
}
