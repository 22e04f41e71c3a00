/**
 * Makes the files of a release in release/: `node scripts/release/release.ts`. The same commit makes the same bytes:
 * times are those of SOURCE_DATE_EPOCH (seconds), or of the commit. There are no folders, as a release of GitHub has none.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, glob, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { helm } from '../../test/cluster/helm.ts'
import { controlPlaneBinaries } from '../../test/cluster/tools.ts'
import { releaseCommandLine } from './command-line.ts'
import { stableCycloneDx, stableSpdx, withoutDev } from './sbom.ts'
import { jsonSchemas } from './schemas.ts'

const root = join(import.meta.dirname, '../..')
const folder = join(root, 'release')

async function output(command: string, args: readonly string[], cwd = root): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { cwd, maxBuffer: 64 * 2 ** 20 })
  return stdout
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

const write = (name: string, content: string): Promise<void> => writeFile(join(folder, name), content)

/** When the release is made, in seconds since 1970. */
async function releaseTime(): Promise<number> {
  const text = process.env['SOURCE_DATE_EPOCH'] || (await output('git', ['log', '-1', '--format=%ct']).catch(() => ''))
  if (/^\d{1,10}\s*$/.test(text)) return Number(text)
  throw new Error(
    `SOURCE_DATE_EPOCH is "${text}": set it to seconds since 1970, or run this in a clone of the repository`,
  )
}

/** The manifests of `deploy/` with the image of this version. */
async function manifests(version: string): Promise<string> {
  const { command, args } = (await controlPlaneBinaries()).kubectl
  const text = await output(command, [...args, 'kustomize', 'deploy'])
  if (text.includes(`/artifact-store-operator:${version}\n`)) return text
  throw new Error(
    `deploy/kustomization.yaml has another newTag than version ${version} of package.json: set it to that`,
  )
}

/** Packs the chart. Helm takes the times in the archive from the files, so it packs a copy whose times are set. */
async function packChart(time: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'chart-'))
  try {
    const chart = join(directory, 'artifact-store-operator')
    await cp(join(root, 'deploy/helm'), chart, { recursive: true })
    for await (const path of glob('**/*', { cwd: chart })) await utimes(join(chart, path), time, time)
    await helm(directory, ['package', chart, '--destination', folder])
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** Writes the bills of materials of what runs. npm names the program after its folder. */
async function billsOfMaterials(name: string, time: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'sbom-'))
  try {
    const project = join(directory, name)
    await mkdir(project)
    const { devDependencies: _, ...manifest } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    await writeFile(join(project, 'package.json'), json(manifest))
    const lock = withoutDev(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')))
    await writeFile(join(project, 'package-lock.json'), json(lock))
    const options = ['sbom', '--package-lock-only', '--sbom-type', 'application', '--sbom-format']
    const bill = async (format: string) => JSON.parse(await output('npm', [...options, format], project))
    await write('sbom.spdx.json', json(stableSpdx(await bill('spdx'), time)))
    await write('sbom.cdx.json', json(stableCycloneDx(await bill('cyclonedx'), time)))
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** The digest of each file, as `sha256sum --check` takes it. */
async function checksums(): Promise<string> {
  const lines = (await readdir(folder)).sort().map(async file => {
    const digest = createHash('sha256').update(await readFile(join(folder, file)))
    return `${digest.digest('hex')}  ${file}\n`
  })
  return (await Promise.all(lines)).join('')
}

await rm(folder, { recursive: true, force: true })
await mkdir(folder)
const { name, version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
const time = await releaseTime()
await write('install.yaml', await manifests(version))
await packChart(time)
for (const [file, schema] of Object.entries(jsonSchemas())) await write(file, json(schema))
await billsOfMaterials(name, new Date(time * 1000).toISOString())
await output(process.execPath, ['scripts/bundle.ts'])
await cp(join(root, 'dist/THIRD-PARTY-NOTICES.txt'), join(folder, 'THIRD-PARTY-NOTICES.txt'))
await releaseCommandLine(root, folder, { version, time })
await write('SHA256SUMS', await checksums())
